// SPDX-License-Identifier: MIT

import Networks

/// SchNet by plain loops.
struct ReferenceSchNet {
  let c: SchNetConfiguration
  let tape: Tape

  init(_ configuration: SchNetConfiguration, _ tape: Tape) {
    (c, self.tape) = (configuration, tape)
  }

  /// One row a structure.
  func energies(_ graph: ReferenceGraph, _ vectors: Sheet) -> Sheet {
    let distances = tape.lengths(vectors)
    let centers = tape.tensor("distance_expansion.offset").values
    let width = Double(Float(centers[1]) - Float(centers[0]))
    let coefficient = -0.5 / (width * width)
    let gaussians = tape.spread(distances, count: centers.count) { k, d in
      let x = d + -centers[k]
      let value = (coefficient * (x * x)).exponential
      return (value, (2 * coefficient) * (x * value))
    }
    let cosines = tape.spread(distances, count: 1) { _, d in
      let w = Double.pi / c.cutoff
      return (0.5 * ((w * d).cosine + 1), (-0.5 * w) * (w * d).sine)
    }
    var h = tape.looked(up: graph.atomicNumbers, in: "embedding.weight")
    for block in 0..<c.interactions {
      let name = "interactions.\(block)"
      let hidden = tape.shiftedSoftplus(tape.linear(gaussians, name + ".mlp.0"))
      let filters = tape.scaled(tape.linear(hidden, name + ".mlp.2"), by: cosines)
      let values = tape.linear(h, name + ".conv.lin1", hasBias: false)
      let messages = tape.multiplied(tape.gathered(values, graph.sources), filters)
      let sums = tape.scattered(messages, to: graph.targets, count: graph.atomCount)
      let update = tape.shiftedSoftplus(tape.linear(sums, name + ".conv.lin2"))
      h = tape.added(h, tape.linear(update, name + ".lin"))
    }
    let atoms = tape.linear(tape.shiftedSoftplus(tape.linear(h, "lin1")), "lin2")
    return tape.totals(atoms, graph, isMean: c.readout == .mean)
  }
}
