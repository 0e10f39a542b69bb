// SPDX-License-Identifier: MIT

import Forces
import Foundation
import RelaxNumerics
import StructureFiles
import Structures
import TestSupport
import Testing

@testable import Relaxation

/// Relaxations recorded with ASE's L-BFGS and EMT + Morse bonds, every step in full precision, as
/// far as paths are reproducible.
@Suite("Recorded relaxations")
struct RecordedTrajectoryTests {
  struct Reliable: Decodable {
    /// Frames over which an independent implementation stays within 1e-6 Å.
    var frames: Int
    /// Frames of the whole relaxation.
    var of: Int
    var length_reliable: Bool
  }

  static let splits = ["val_id", "val_ood_ads", "val_ood_cat", "val_ood_both"]

  private func trajectories(_ split: String) throws -> [(id: String, frames: [Structure])] {
    let folder = "emt_mini/trajectories_\(split)"
    let trajectories = try ReferenceData.names(in: folder).map { name in
      (String(name.prefix { $0 != "." }), try ReferenceData.frames(folder + "/" + name))
    }
    try #require(trajectories.count == 8)
    return trajectories
  }

  @Test(
    "relaxing the first frame follows the recorded path", arguments: splits)
  func path(split: String) throws {
    let reliable = try ReferenceData.json(
      "emt_mini/reliable_frames.json", as: [String: Reliable].self)
    let provider = try ProviderCatalog.analytic.provider("emt-morse")
    for (id, frames) in try trajectories(split) {
      let limits = try #require(reliable[id])
      try #require(frames.count == limits.frames)
      var path: [[Vector3]] = []
      let result = try Relaxation(RelaxationSettings()).run(
        frames[0], provider: provider, observe: { path.append($0.positions) })
      for k in 0..<min(limits.frames, path.count) {
        let deviation = zip(path[k], frames[k].positions).map { ($0 - $1).length }.max() ?? 1
        #expect(deviation < 1e-6, "\(id) frame \(k)")
      }
      #expect(path.count >= limits.frames)
      if limits.length_reliable {
        #expect(path.count == limits.of, "\(id)")
        #expect(result.steps == limits.of - 1)
      }
    }
  }

  @Test(
    "every recorded step is the L-BFGS step of the recorded positions and forces", arguments: splits
  )
  func steps(split: String) throws {
    var worst = 0.0
    for (_, frames) in try trajectories(split) {
      var optimizer = LBFGS()
      let mobile = frames[0].freeAtoms
      for (frame, next) in zip(frames, frames.dropFirst()) {
        let forces = try #require(frame.forces)
        let step = optimizer.displacement(
          positions: mobile.map { frame.positions[$0] }, forces: mobile.map { forces[$0] })
        for (k, atom) in mobile.enumerated() {
          worst = max(
            worst, (frame.positions[atom] + step[k] - next.positions[atom]).length)
        }
      }
    }
    #expect(worst < 1e-9)
  }
}
