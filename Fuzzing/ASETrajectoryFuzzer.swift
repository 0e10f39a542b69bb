// SPDX-License-Identifier: MIT

// Fuzzes StructureFiles, with StructureFileFuzzing.swift: a module of its own, beside it.

/// What libFuzzer calls with everything that could be a trajectory of ASE.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzASETrajectory(_ start: UnsafePointer<UInt8>?, _ count: Int) -> Int32 {
  fuzzStructureDatabase(start, count, name: "a.traj")
  return 0
}
