// SPDX-License-Identifier: MIT

// Fuzzes StructureFiles, with StructureFileFuzzing.swift: a module of its own, beside it.

/// What libFuzzer calls with everything that could be a database in LMDB: of OC20's pickles, or of ASE's rows.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzLMDB(_ start: UnsafePointer<UInt8>?, _ count: Int) -> Int32 {
  fuzzStructureDatabase(start, count, name: "a.lmdb")
  return 0
}
