// SPDX-License-Identifier: MIT

// Fuzzes StructureFiles, with StructureFileFuzzing.swift: a module of its own, beside it.

/// What libFuzzer calls with everything that could be an OUTCAR of VASP.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzOutcar(_ start: UnsafePointer<UInt8>?, _ count: Int) -> Int32 {
  fuzzStructureFile(start, count, name: "OUTCAR")
  return 0
}
