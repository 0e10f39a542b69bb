// SPDX-License-Identifier: MIT

/// Points in space and, for the first of them, the points near each: what pair kernels read.
///
/// Rows 0 ..< *n* are atoms, in an order that keeps neighbours close in memory; the rows after them
/// are periodic images. Every ordered pair is listed (a full list), so a kernel sums the force on
/// an atom in registers.
public struct NeighborRows: Sendable {
  /// Position of each row in Å; the fourth number is 0.
  public var coordinates: [SIMD4<Double>] = []
  /// Where the neighbours of each atom begin in `neighbors`; *n* + 1 numbers.
  public var starts: [Int32] = [0]
  /// Rows near each atom, never itself; images of itself included.
  public var neighbors: [Int32] = []

  /// Neighbours of no atoms, to be filled.
  public init() {}

  /// Number of atoms.
  public var atomCount: Int { starts.count - 1 }

  /// Moves each row to where its owner is now; neighbours stay as they are.
  ///
  /// - Parameters:
  ///   - positions: of the owners, in Å.
  ///   - owners: an index into `positions`, one a row.
  ///   - shifts: what is added to the owner's position, in Å; one a row.
  /// - Complexity: O(rows).
  public mutating func move(
    to positions: [Vector3], owners: [Int32], shifts: [SIMD4<Double>]
  ) {
    precondition(owners.count == coordinates.count && shifts.count == coordinates.count)
    // In place, and asked only once whether anybody else holds the array.
    coordinates.withUnsafeMutableBufferPointer { coordinates in
      for row in coordinates.indices {
        coordinates[row] = SIMD4(positions[Int(owners[row])], 0) + shifts[row]
      }
    }
  }
}
