// SPDX-License-Identifier: MIT

extension VerletList {
  /// Bytes that a list takes while it is made, the most that it ever does: an upper estimate.
  ///
  /// Points are held as images, with their shifts, in bins and in their order; what is listed of a pair is one number,
  /// in an array that grows.
  public static func memory(_ estimate: PairEstimate) -> Double {
    40 * estimate.atoms + 120 * estimate.points + 5 * estimate.pairs
  }
}

extension NeighborPairs {
  /// Bytes that the pairs take while they are made: the list that they come of, and second atom, offset and distance of
  /// each pair.
  public static func memory(_ estimate: PairEstimate) -> Double {
    60 * estimate.atoms + 120 * estimate.points + 38 * estimate.pairs
  }
}
