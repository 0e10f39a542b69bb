// SPDX-License-Identifier: MIT

// Fuzzes StructureFiles, with StructureFileFuzzing.swift: a module of its own, beside it.

/// What libFuzzer calls with everything that could be a database of ASE in JSON.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzASEJSON(_ start: UnsafePointer<UInt8>?, _ count: Int) -> Int32 {
  fuzzStructureFile(start, count, name: "a.json")
  return 0
}
