// SPDX-License-Identifier: MIT

import Networks
import Structures

/// Why a batch has no gradient.
public enum GradientError: Error, Hashable, Sendable, CustomStringConvertible {
  /// A network of this architecture has no energies to learn.
  case noEnergy(architecture: String)
  /// Elements of a sample, counted from 0, that a network has no properties of.
  case unknownElements([Element], sample: Int)
  /// A position of a sample is not finite or too far away.
  case positionsNotFinite(sample: Int)
  /// Atoms of a sample have more neighbours than can be worked with.
  case tooManyNeighbors(sample: Int)
  /// A force or the energy of a sample is not finite, or a weight not a number from 0 on.
  case labelsNotFinite(sample: Int)
  /// No atom of the batch has a weight.
  case noWeight
  /// Atoms of a batch, too few for statistics.
  case tooFewAtoms(Int)
  /// Edges of a batch, too few for statistics.
  case tooFewEdges(Int)

  /// What, where and what to do.
  public var description: String {
    switch self {
    case .noEnergy(let architecture):
      "a network of architecture \(architecture) has no energies to learn: leave out "
        + "training.energy_weight"
    case .unknownElements(let elements, let sample):
      "frame \(sample) of the batch: the network has no properties of "
        + elements.map(\.symbol).joined(separator: ", ") + "; leave such frames out"
    case .positionsNotFinite(let sample):
      "frame \(sample) of the batch: a position is not finite or too large; leave the frame out"
    case .tooManyNeighbors(let sample):
      "frame \(sample) of the batch: atoms lie too densely, or the network's cutoff is far too long; "
        + "leave the frame out"
    case .labelsNotFinite(let sample):
      "frame \(sample) of the batch: a force or the energy is not finite, or a weight is not a "
        + "number from 0 on"
    case .noWeight: "no atom of the batch has a weight above 0: give free atoms one"
    case .tooFewAtoms(let count):
      "a batch of \(count) atoms has no variance: use larger batches"
    case .tooFewEdges(let count):
      "a batch of \(count) edges has no variance: use larger batches"
    }
  }
}
