// SPDX-License-Identifier: MIT

// Fuzzes StructureFiles, with StructureFileFuzzing.swift: a module of its own, beside it.

/// What libFuzzer calls with everything that could be extended XYZ, compressed or not.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzExtxyz(_ start: UnsafePointer<UInt8>?, _ count: Int) -> Int32 {
  fuzzStructureFile(start, count, name: "a.xyz")
  return 0
}
