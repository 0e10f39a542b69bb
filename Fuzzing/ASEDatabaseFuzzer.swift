// SPDX-License-Identifier: MIT

// Fuzzes StructureFiles, with StructureFileFuzzing.swift: a module of its own, beside it.

/// What libFuzzer calls with everything that could be a database of ASE in SQLite.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzASEDatabase(_ start: UnsafePointer<UInt8>?, _ count: Int) -> Int32 {
  fuzzStructureDatabase(start, count, name: "a.db", byPath: true)
  return 0
}
