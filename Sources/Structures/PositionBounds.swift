// SPDX-License-Identifier: MIT

import RelaxNumerics

/// How far out atoms may be for geometry to be computed with double precision's digits.
///
/// Positions of an exploded structure are out of bounds; what to do then is the caller's to say.
public enum PositionBounds {
  /// Every coordinate must be below this in magnitude: 1 mm, in Å.
  public static let farthest = 1e7

  /// Whether every coordinate is finite and below `farthest`.
  public static func contain(_ positions: [Vector3]) -> Bool { positions.allSatisfy(contain) }

  /// Whether the coordinates of one atom are.
  public static func contain(_ position: Vector3) -> Bool {
    abs(position.x) < farthest && abs(position.y) < farthest && abs(position.z) < farthest
  }

  /// The first atom that is out of bounds, in words, or nil.
  public static func defect(of positions: [Vector3]) -> String? {
    guard let atom = positions.firstIndex(where: { !contain($0) }) else { return nil }
    let position = positions[atom]
    guard position.isFinite else { return "the position of atom \(atom + 1) is not finite" }
    let largest = max(abs(position.x), abs(position.y), abs(position.z))
    return "atom \(atom + 1) is absurdly far away, with a coordinate of \(largest) Å"
  }
}
