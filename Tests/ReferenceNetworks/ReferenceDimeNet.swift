// SPDX-License-Identifier: MIT

import Foundation

@testable import Networks

/// DimeNet++ by plain loops over pairs of edges.
struct ReferenceDimeNet {
  let c: DimeNetConfiguration
  let tape: Tape

  init(_ configuration: DimeNetConfiguration, _ tape: Tape) {
    (c, self.tape) = (configuration, tape)
  }

  /// A pair of edges k → j → i.
  private struct Pair {
    var incoming: Int
    var outgoing: Int
  }

  /// One row a structure.
  func energies(_ graph: ReferenceGraph, _ vectors: Sheet) -> Sheet {
    let distances = tape.lengths(vectors)
    let pairs = pairs(graph)
    let radial = sines(distances)
    let spherical = bases(pairs, distances, vectors)
    let (sources, targets) = (graph.sources, graph.targets)
    let elements = tape.looked(up: graph.atomicNumbers, in: "emb.emb.weight")
    var x = tape.swish(
      tape.linear(
        tape.joined([
          tape.gathered(elements, targets), tape.gathered(elements, sources),
          tape.swish(tape.linear(radial, "emb.lin_rbf")),
        ]), "emb.lin"))
    var atoms = output(0, x, radial, graph)
    for number in 0..<c.blocks {
      x = block(number, x, radial, spherical, pairs)
      atoms = tape.added(atoms, output(number + 1, x, radial, graph))
    }
    return tape.totals(atoms, graph, isMean: false)
  }

  private func pairs(_ graph: ReferenceGraph) -> [Pair] {
    var pairs: [Pair] = []
    for (outgoing, edge) in graph.edges.enumerated() {
      for (incoming, other) in graph.edges.enumerated() where other.target == edge.source {
        let isBack =
          other.source == edge.target && zip(other.offset, edge.offset).allSatisfy { $0 == -$1 }
        if !isBack { pairs.append(Pair(incoming: incoming, outgoing: outgoing)) }
      }
    }
    return pairs
  }

  /// 1/x − …, and its derivative.
  private func envelope(_ x: Dual) -> (value: Dual, slope: Dual) {
    let n = c.envelopeExponent + 1
    let p = Double(n)
    let (a, b, d) = (-(p + 1) * (p + 2) / 2, p * (p + 2), -p * (p + 1) / 2)
    return (
      1 / x + a * x.power(n - 1) + b * x.power(n) + d * x.power(n + 1),
      -(1 / (x * x)) + a * (p - 1) * x.power(n - 2) + b * p * x.power(n - 1)
        + d * (p + 1) * x.power(n)
    )
  }

  private func sines(_ distances: Sheet) -> Sheet {
    let frequencies = tape.repeated("rbf.freq", rows: distances.rows)
    let scaled = tape.spread(distances, count: c.radials) { _, d in
      ((1 / c.cutoff) * d, Dual(1 / c.cutoff))
    }
    let waves = tape.mapped(tape.multiplied(frequencies, scaled)) { ($0.sine, $0.cosine) }
    let envelopes = tape.spread(distances, count: 1) { _, d in
      let (value, slope) = envelope((1 / c.cutoff) * d)
      return (value, (1 / c.cutoff) * slope)
    }
    return tape.scaled(waves, by: envelopes)
  }

  /// j_l by the closed forms' recursion, and its derivative.
  private func bessel(_ l: Int, _ x: Dual) -> (value: Dual, slope: Dual) {
    var (below, j) = (x.cosine / x, x.sine / x)
    for k in 0..<l { (below, j) = (j, (Double(2 * k + 1) * j) / x - below) }
    return (j, below - (Double(l + 1) * j) / x)
  }

  private func bases(_ pairs: [Pair], _ distances: Sheet, _ vectors: Sheet) -> Sheet {
    let zeros = SphericalBessel.zeros(degrees: c.degrees, count: c.radials)
    let norms = zeros.enumerated().map { l, row in
      row.map { SphericalBessel.normalizer(l, zero: $0) }
    }
    let radial = tape.spread(distances, count: c.degrees * c.radials) { place, d in
      let (l, n) = (place / c.radials, place % c.radials)
      let x = (1 / c.cutoff) * d
      let (u, u1) = envelope(x)
      let z = Double(zeros[l][n])
      let (j, j1) = bessel(l, z * x)
      let norm = norms[l][n]
      return (norm * (u * j), (norm / c.cutoff) * (u1 * j + z * (u * j1)))
    }
    // The angle between the edges' vectors; constant unless angles count.
    let outgoing = tape.gathered(vectors, pairs.map(\.outgoing))
    let incoming = tape.gathered(vectors, pairs.map(\.incoming))
    let cosines = angles(outgoing, incoming)
    let legendre = tape.spread(cosines, count: c.degrees) { l, x in
      var (below, p) = (Dual(0), Dual(1))
      var (slopeBelow, slope) = (Dual(0), Dual(0))
      for k in 0..<l {
        let next = (1 / Double(k + 1)) * (Double(2 * k + 1) * (x * p) - Double(k) * below)
        let nextSlope =
          (1 / Double(k + 1)) * (Double(2 * k + 1) * (p + x * slope) - Double(k) * slopeBelow)
        (below, p, slopeBelow, slope) = (p, next, slope, nextSlope)
      }
      let norm = (Double(2 * l + 1) / (4 * Double.pi)).squareRoot()
      return (norm * p, norm * slope)
    }
    let places = (0..<c.degrees * c.radials).map { $0 / c.radials }
    let spread = repeatedColumns(legendre, places)
    return tape.multiplied(tape.gathered(radial, pairs.map(\.incoming)), spread)
  }

  private func repeatedColumns(_ x: Sheet, _ places: [Int]) -> Sheet {
    let values = (0..<x.rows).flatMap { row in places.map { x.values[row * x.columns + $0] } }
    return tape.sheet(values, columns: places.count) { slopes in
      var sums = [Dual](repeating: Dual(0), count: x.values.count)
      for k in slopes.indices {
        sums[k / places.count * x.columns + places[k % places.count]] += slopes[k]
      }
      x.receive(sums)
    }
  }

  /// Cosines of the angles between rows, from which nothing comes back unless angles count.
  private func angles(_ a: Sheet, _ b: Sheet) -> Sheet {
    func dot(_ a: Sheet, _ b: Sheet, _ row: Int) -> Dual {
      (0..<3).reduce(Dual(0)) { $0 + a.values[3 * row + $1] * b.values[3 * row + $1] }
    }
    let cosines = (0..<a.rows).map { row in
      dot(a, b, row) / (dot(a, a, row) * dot(b, b, row)).squareRoot
    }
    guard c.angles == .full else {
      return Sheet(cosines.map { Dual($0.value) }, columns: 1)
    }
    return tape.sheet(cosines, columns: 1) { slopes in
      var (ofA, ofB) = ([Dual](), [Dual]())
      for row in 0..<a.rows {
        let (aa, bb) = (dot(a, a, row), dot(b, b, row))
        let norm = (aa * bb).squareRoot
        for axis in 0..<3 {
          let (x, y) = (a.values[3 * row + axis], b.values[3 * row + axis])
          ofA.append(slopes[row] * (y / norm - cosines[row] * (x / aa)))
          ofB.append(slopes[row] * (x / norm - cosines[row] * (y / bb)))
        }
      }
      a.receive(ofA)
      b.receive(ofB)
    }
  }

  private func output(_ number: Int, _ x: Sheet, _ radial: Sheet, _ graph: ReferenceGraph) -> Sheet
  {
    let name = "output_blocks.\(number)"
    let factors = tape.linear(radial, name + ".lin_rbf", hasBias: false)
    var y = tape.scattered(
      tape.multiplied(factors, x), to: graph.targets, count: graph.atomCount)
    y = tape.linear(y, name + ".lin_up")
    for k in 0..<c.outputLayers { y = tape.swish(tape.linear(y, "\(name).lins.\(k)")) }
    return tape.linear(y, name + ".lin", hasBias: false)
  }

  private func block(
    _ number: Int, _ x: Sheet, _ radial: Sheet, _ spherical: Sheet, _ pairs: [Pair]
  ) -> Sheet {
    let name = "interaction_blocks.\(number)"
    func residual(_ h: Sheet, _ list: String, _ k: Int) -> Sheet {
      let layer = "\(name).\(list).\(k)"
      let inner = tape.swish(tape.linear(h, layer + ".lin1"))
      return tape.added(h, tape.swish(tape.linear(inner, layer + ".lin2")))
    }
    let own = tape.swish(tape.linear(x, name + ".lin_ji"))
    let factors = tape.linear(
      tape.linear(radial, name + ".lin_rbf1", hasBias: false), name + ".lin_rbf2", hasBias: false)
    let sent = tape.multiplied(tape.swish(tape.linear(x, name + ".lin_kj")), factors)
    let down = tape.swish(tape.linear(sent, name + ".lin_down", hasBias: false))
    let angular = tape.linear(
      tape.linear(spherical, name + ".lin_sbf1", hasBias: false), name + ".lin_sbf2",
      hasBias: false)
    let filtered = tape.multiplied(tape.gathered(down, pairs.map(\.incoming)), angular)
    let sums = tape.scattered(filtered, to: pairs.map(\.outgoing), count: x.rows)
    var h = tape.added(own, tape.swish(tape.linear(sums, name + ".lin_up", hasBias: false)))
    for k in 0..<c.layersBefore { h = residual(h, "layers_before_skip", k) }
    h = tape.added(tape.swish(tape.linear(h, name + ".lin")), x)
    for k in 0..<c.layersAfter { h = residual(h, "layers_after_skip", k) }
    return h
  }
}
