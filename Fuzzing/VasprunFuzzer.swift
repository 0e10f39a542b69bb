// SPDX-License-Identifier: MIT

// Fuzzes StructureFiles, with StructureFileFuzzing.swift: a module of its own, beside it.

/// What libFuzzer calls with everything that could be a vasprun.xml of VASP.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzVasprun(_ start: UnsafePointer<UInt8>?, _ count: Int) -> Int32 {
  fuzzStructureFile(start, count, name: "a.xml")
  return 0
}
