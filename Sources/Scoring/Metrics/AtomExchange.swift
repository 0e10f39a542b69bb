// SPDX-License-Identifier: MIT

import RelaxNumerics
import Structures

/// A prediction that would be much closer to its reference if rows of one element stood in another order.
///
/// Scores compare atoms row by row. Where a program has sorted or renumbered atoms, equal ones swap places and
/// each looks as if it had gone to the other: that deserves a word.
public struct AtomExchange: Hashable, Sendable {
  /// Mean distance in Å of the judged atoms with the rows exchanged.
  public var distance: Double
  /// How many rows would stand elsewhere.
  public var rows: Int

  /// Atoms nearer than this (Å) to their own place are taken to be in it.
  static let displaced = 0.5
  /// With more atoms of one element away from their places no exchange is looked for.
  static let most = 200

  /// The best exchange among the atoms that are far from where the reference has them.
  ///
  /// - Parameter displacements: those of `positions` (Å) from `reference` over the atoms whose entry in
  ///   `judged` is not fixed.
  /// - Returns: nil unless an exchange at least halves the mean distance.
  /// - Complexity: O(atoms), and O(n³) for n atoms of one element more than 0.5 Å away, 200 at most.
  init?(
    of positions: [Vector3], to reference: Structure, judged: [Freedom],
    displacements: Displacements
  ) {
    guard displacements.mean.isFinite, displacements.largest > AtomExchange.displaced else {
      return nil
    }
    func length(_ predicted: Int, _ place: Int) -> Double {
      reference.cell.nearestImage(of: positions[predicted] - reference.positions[place]).length
    }
    var groups: [Element: [Int]] = [:]
    var (sum, count) = (0.0, 0)
    for atom in positions.indices where judged[atom] != .fixed {
      let distance = length(atom, atom)
      (sum, count) = (sum + distance, count + 1)
      if distance > AtomExchange.displaced {
        groups[reference.elements[atom], default: []].append(atom)
      }
    }
    var (gain, rows) = (0.0, 0)
    for atoms in groups.values.sorted(by: { $0[0] < $1[0] }) where atoms.count > 1 {
      guard atoms.count <= AtomExchange.most else { return nil }
      let costs = atoms.map { predicted in atoms.map { length(predicted, $0) } }
      guard costs.allSatisfy({ $0.allSatisfy(\.isFinite) }) else { return nil }
      for (row, place) in Assignment.cheapest(costs).enumerated() where place != row {
        gain += costs[row][row] - costs[row][place]
        rows += 1
      }
    }
    let mean = (sum - gain) / Double(count)
    guard rows > 0, mean < displacements.mean / 2 else { return nil }
    (distance, self.rows) = (max(0, mean), rows)
  }
}

/// The assignment problem: a column for each row so that the sum of costs is smallest (Kuhn 1955, in the form
/// with potentials and shortest augmenting paths).
enum Assignment {
  /// The column of each row of `costs`, a square matrix of finite numbers.
  ///
  /// - Complexity: O(n³).
  static func cheapest(_ costs: [[Double]]) -> [Int] {
    let size = costs.count
    var rowPotential = [Double](repeating: 0, count: size)
    // Column `size` is where the search for each row begins.
    var columnPotential = [Double](repeating: 0, count: size + 1)
    var rowOf = [Int?](repeating: nil, count: size + 1)
    for row in 0..<size {
      rowOf[size] = row
      var column = size
      var least = [Double](repeating: .infinity, count: size)
      var previous = [Int](repeating: size, count: size)
      var isVisited = [Bool](repeating: false, count: size + 1)
      while let current = rowOf[column] {
        isVisited[column] = true
        var (step, next) = (Double.infinity, size)
        for other in 0..<size where !isVisited[other] {
          let reduced = costs[current][other] - rowPotential[current] - columnPotential[other]
          if reduced < least[other] { (least[other], previous[other]) = (reduced, column) }
          if least[other] < step { (step, next) = (least[other], other) }
        }
        for other in 0...size where isVisited[other] {
          if let row = rowOf[other] { rowPotential[row] += step }
          columnPotential[other] -= step
        }
        for other in 0..<size where !isVisited[other] { least[other] -= step }
        column = next
      }
      while column != size {
        rowOf[column] = rowOf[previous[column]]
        column = previous[column]
      }
    }
    var columns = [Int](repeating: 0, count: size)
    for column in 0..<size { if let row = rowOf[column] { columns[row] = column } }
    return columns
  }
}
