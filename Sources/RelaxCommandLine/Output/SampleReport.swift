// SPDX-License-Identifier: MIT

import Sampling

/// What is said of samples when they are written.
struct SampleReport {
  let tally: Sampling.Tally

  init(_ tally: Sampling.Tally) { self.tally = tally }

  /// How many structures and frames there are.
  var text: String {
    """
    \(tally.structures) structures, \(tally.converged) converged
    \(tally.path) frames of relaxations, \(tally.rattled) rattled, \(tally.dynamics) of \
    molecular dynamics

    """
  }

  /// - Throws: 3 where some structures gave no frames.
  func requireSuccess() throws {
    guard let first = tally.refused.first.first else { return }
    throw CommandFailure(
      .incomplete,
      "\(tally.refused.count) of \(tally.structures) structures gave no frames; the first: "
        + "\(first.id): \(first.reason)")
  }
}
