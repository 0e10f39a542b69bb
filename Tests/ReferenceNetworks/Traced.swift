// SPDX-License-Identifier: MIT

import Networks

/// Numbers in double precision, one row an atom or edge.
typealias Rows = [[Double]]

/// Rows on their way through a network, with the derivative of the loss by each of their numbers
/// once the reverse pass has come by.
final class Traced {
  let rows: Rows
  /// The derivative of the loss; nil where the loss does not depend on these rows.
  private(set) var slopes: Rows?

  init(_ rows: Rows) { self.rows = rows }

  var count: Int { rows.count }

  /// Adds what comes back from one of the places where these rows were used.
  func receive(_ more: Rows) {
    precondition(more.map(\.count) == rows.map(\.count))
    slopes = slopes.map { sum($0, more) } ?? more
  }
}

/// Arithmetic on rows that remembers how slopes go back.
extension ReferenceLayers {
  /// The result of a step, and how its slopes go on to what it was made from.
  ///
  /// Nothing is remembered in evaluation, where networks are not differentiated.
  func traced(_ rows: Rows, _ pull: @escaping (Rows) -> Void) -> Traced {
    let result = Traced(rows)
    if mode == .training { remember { if let slopes = result.slopes { pull(slopes) } } }
    return result
  }

  /// Sums of equal rows.
  func added(_ a: Traced, _ b: Traced) -> Traced {
    traced(sum(a.rows, b.rows)) { slopes in
      a.receive(slopes)
      b.receive(slopes)
    }
  }

  /// Products of equal rows, number by number.
  func multiplied(_ a: Traced, _ b: Traced) -> Traced {
    traced(product(a.rows, b.rows)) { slopes in
      a.receive(product(slopes, b.rows))
      b.receive(product(slopes, a.rows))
    }
  }

  /// Each row times a number that nothing is learned about.
  func scaled(_ x: Traced, by factors: [Double]) -> Traced {
    func scale(_ rows: Rows) -> Rows {
      zip(rows, factors).map { row, factor in row.map { factor * $0 } }
    }
    return traced(scale(x.rows)) { x.receive(scale($0)) }
  }

  /// The rows with these indices.
  func gathered(_ x: Traced, _ indices: [Int]) -> Traced {
    traced(indices.map { x.rows[$0] }) { slopes in
      let width = x.rows.first?.count ?? 0
      x.receive(summed(slopes, at: indices, count: x.count, width: width))
    }
  }

  /// For each of `count` places the sum of the rows that go there.
  func scattered(_ x: Traced, to places: [Int], count: Int, width: Int) -> Traced {
    traced(summed(x.rows, at: places, count: count, width: width)) { slopes in
      x.receive(places.map { slopes[$0] })
    }
  }

  /// Row by row one after the other.
  func joined(_ parts: [Traced]) -> Traced {
    let rows = parts[0].rows.indices.map { row in parts.flatMap { $0.rows[row] } }
    return traced(rows) { slopes in
      var start = 0
      for part in parts {
        let width = part.rows.first?.count ?? 0
        part.receive(slopes.map { Array($0[start..<(start + width)]) })
        start += width
      }
    }
  }

  /// The activation of every number.
  func activated(_ x: Traced, _ activation: Activation) -> Traced {
    let rows = x.rows.map { $0.map { reference(activation, $0) } }
    return traced(rows) { slopes in
      let own = x.rows.map { $0.map { referenceSlope(activation, $0) } }
      x.receive(product(slopes, own))
    }
  }
}

/// Sums of equal rows.
func sum(_ a: Rows, _ b: Rows) -> Rows {
  zip(a, b).map { zip($0, $1).map { $0 + $1 } }
}

/// Products of equal rows, number by number.
func product(_ a: Rows, _ b: Rows) -> Rows {
  zip(a, b).map { zip($0, $1).map { $0 * $1 } }
}

/// For each of `count` places the sum of the rows that go there.
func summed(_ rows: Rows, at places: [Int], count: Int, width: Int) -> Rows {
  var sums = Rows(repeating: Array(repeating: 0, count: width), count: count)
  for (place, row) in zip(places, rows) {
    for k in 0..<width { sums[place][k] += row[k] }
  }
  return sums
}

/// Row by row one after the other.
func concatenated(_ first: Rows, _ others: Rows...) -> Rows {
  first.indices.map { row in others.reduce(first[row]) { $0 + $1[row] } }
}
