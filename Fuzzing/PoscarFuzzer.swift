// SPDX-License-Identifier: MIT

// Fuzzes StructureFiles, with StructureFileFuzzing.swift: a module of its own, beside it.

/// What libFuzzer calls with everything that could be a POSCAR of VASP.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzPoscar(_ start: UnsafePointer<UInt8>?, _ count: Int) -> Int32 {
  fuzzStructureFile(start, count, name: "a.vasp")
  return 0
}
