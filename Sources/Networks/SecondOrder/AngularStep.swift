// SPDX-License-Identifier: MIT

import RelaxNumerics

/// DimeNet++'s sums over angles in training.
///
/// y_e = Σ_k x_k ⊙ Σ_l q_l(d_k) Y_l0(γ) over the edges k to the source of e, but the edge back. As in
/// evaluation they are made once an atom, by the addition theorem.
///
/// Around an atom, with z_k,l = q_l ⊙ x_k: G_lm = Σ_k Y_lm(k) z_k,l, and y_e = Σ_lm Y_lm(e) G_lm less the
/// edge back's part of it; in reverse, H_lm = Σ_e Y_lm(e) ∂y_e, and ∂z_k,l = Σ_m Y_lm(k) H_lm less that.
final class AngularStep: TwiceDifferentiable {
  /// A block's trained factors.
  struct Factors: Sendable {
    /// q_l = Σ_n b_ln row_ln: degrees × radials rows.
    let rows: FloatMatrix
    /// Number of the derivatives by them.
    let gradient: Int
  }

  private let factors: Factors
  private let edges: AngularEdges
  private let x: Signal
  let y: Signal
  /// G, and H, of all atoms.
  private let sums: FloatMatrix
  private var sumSlopes: FloatMatrix?
  private let scratch: Scratch

  /// Rows for the edges to one atom, `degrees` an edge, and for its sums.
  final class Scratch {
    let q: FloatMatrix, z: FloatMatrix, slopes: FloatMatrix, tangents: FloatMatrix
    let sums: FloatMatrix

    init(_ edges: AngularEdges, columns: Int, _ sweep: Sweep) {
      let starts = edges.batch.starts
      let most = zip(starts, starts.dropFirst()).reduce(0) { max($0, $1.1 - $1.0) }
      func matrix() -> FloatMatrix { sweep.matrix(most * edges.degrees, columns) }
      (q, z, slopes, tangents) = (matrix(), matrix(), matrix(), matrix())
      sums = sweep.matrix(edges.harmonics.columns, columns)
    }
  }

  init(
    _ factors: Factors, _ edges: AngularEdges, _ x: Signal, _ scratch: Scratch, _ sweep: Sweep
  ) {
    (self.factors, self.edges, self.x, self.scratch) = (factors, edges, x, scratch)
    y = Signal(sweep.cleared(x.rows, x.columns))
    sums = sweep.cleared(edges.batch.atoms * edges.harmonics.columns, x.columns)
    eachAtom { around in
      fill(around, sweep)
      gather(around, sweep)
      mix(around.outgoing, edges.harmonics, sums, from: around.firstSum, into: y.value, sweep)
      takeBack(around, scratch.z, from: y.value, sweep)
    }
  }

  func reverse(_ sweep: Sweep) {
    guard let slope = y.slope else { return }
    let sumSlopes = sweep.cleared(sums.rows, x.columns)
    self.sumSlopes = sumSlopes
    let ofX = sweep.sums(\.slope, of: x)
    let products = AlignedBuffer<Float>(count: scratch.q.rows)
    eachAtom { around in
      spread(around, edges.harmonics, slope, to: sumSlopes, from: around.firstSum, sweep)
      zSlopes(around, slope, sumSlopes, into: scratch.slopes, sweep)
      fill(around, sweep)
      add(around, scratch.q, scratch.slopes, to: ofX, sweep)
      // By distances: q′ ⊙ x instead of q ⊙ x.
      mixRadials(around, edges.besselSlopes, into: scratch.q, sweep)
      multiply(around, scratch.q, x.value, into: scratch.tangents, sweep)
      products.clear(0..<around.rows)
      DenseLayer.Rows(scratch.tangents).addProducts(
        with: .init(scratch.slopes), to: 0..<around.rows, of: products, kernels: sweep.kernels)
      for row in 0..<around.rows {
        edges.batch.distanceSlopes[around.first + row / edges.degrees] += products[row]
      }
      guard let ofHarmonics = edges.harmonicSlopes else { return }
      RowMixture(
        edges.ofHarmonics, weights: .init(edges.harmonics, from: around.first), of: sumSlopes,
        from: around.firstSum
      ).addSlopes(
        around.count, of: scratch.z, to: ofHarmonics, row: around.first, kernels: sweep.kernels)
      for edge in around.outgoing {
        RowMixture(
          edges.allHarmonics, weights: .init(edges.harmonics, from: edge), of: sums,
          from: around.firstSum
        ).addSlopes(1, of: slope, base: edge, to: ofHarmonics, row: edge, kernels: sweep.kernels)
      }
    }
  }

  func tangent(_ sweep: Sweep) {
    let tangent = sweep.cleared(y.rows, y.columns)
    y.tangent = tangent
    eachAtom { around in
      fill(around, sweep)
      zTangents(around, sweep)
      scratch.sums.clear()
      RowMixture(
        edges.ofHarmonics, weights: .init(edges.harmonics, from: around.first), of: scratch.sums
      ).addBack(around.count, of: scratch.tangents, kernels: sweep.kernels)
      if let moving = edges.harmonicTangents {
        RowMixture(
          edges.ofHarmonics, weights: .init(moving, from: around.first), of: scratch.sums
        ).addBack(around.count, of: scratch.z, kernels: sweep.kernels)
        mix(around.outgoing, moving, sums, from: around.firstSum, into: tangent, sweep)
      }
      mix(
        around.outgoing, edges.harmonics, scratch.sums, from: 0, into: tangent, adding: true, sweep)
      takeBack(around, scratch.tangents, from: tangent, sweep)
    }
  }

  func reverseTangent(_ sweep: Sweep) {
    guard let slope = y.slope, let slopeTangent = y.slopeTangent, let sumSlopes else { return }
    let ofX = sweep.sums(\.slopeTangent, of: x)
    let gradient = sweep.gradients[factors.gradient]
    eachAtom { around in
      scratch.sums.clear()
      spread(around, edges.harmonics, slopeTangent, to: scratch.sums, from: 0, sweep)
      if let moving = edges.harmonicTangents {
        spread(around, moving, slope, to: scratch.sums, from: 0, sweep)
      }
      // By z, first from what came back, then from its tangent.
      zSlopes(around, slope, sumSlopes, into: scratch.slopes, sweep)
      mixRadials(around, edges.besselTangents, into: scratch.q, sweep)
      add(around, scratch.q, scratch.slopes, to: ofX, sweep)
      multiply(around, scratch.slopes, x.value, into: scratch.z, sweep)
      addRadials(around, edges.besselTangents, scratch.z, to: gradient, sweep)
      zSlopes(around, slopeTangent, scratch.sums, isOfAtom: false, into: scratch.tangents, sweep)
      if let moving = edges.harmonicTangents {
        RowMixture(
          edges.ofHarmonics, weights: .init(moving, from: around.first), of: sumSlopes,
          from: around.firstSum
        ).mix(around.count, into: scratch.tangents, adding: true, kernels: sweep.kernels)
      }
      mixRadials(around, edges.bessels, into: scratch.q, sweep)
      add(around, scratch.q, scratch.tangents, to: ofX, sweep)
      multiply(around, scratch.tangents, x.value, into: scratch.z, sweep)
      if let along = x.tangent {
        multiply(around, scratch.slopes, along, into: scratch.z, adding: true, sweep)
      }
      addRadials(around, edges.bessels, scratch.z, to: gradient, sweep)
    }
  }

  // MARK: - Around an atom

  /// The edges that meet at an atom.
  private struct Around {
    /// Edges to it.
    let first: Int
    let count: Int
    /// Rows of all its degrees.
    let rows: Int
    /// Its first row of sums.
    let firstSum: Int
    /// Edges from it, as they are listed.
    let outgoing: ListedEdges
    /// Those of them whose edge back is there, by their places in the list.
    let returning: Range<Int>
  }

  /// Edges from one atom.
  private struct ListedEdges: Sequence {
    let list: AlignedBuffer<Int32>
    let range: Range<Int>

    func makeIterator() -> some IteratorProtocol<Int> {
      range.lazy.map { Int(list[$0]) }.makeIterator()
    }
  }

  private func eachAtom(_ body: (Around) -> Void) {
    let (batch, degrees) = (edges.batch, edges.degrees)
    guard let list = edges.outgoing.edges else { return }
    for atom in 0..<batch.atoms {
      let (first, last) = (batch.starts[atom], batch.starts[atom + 1])
      let starts = edges.outgoing.starts
      body(
        Around(
          first: first, count: last - first, rows: (last - first) * degrees,
          firstSum: atom * edges.harmonics.columns,
          outgoing: ListedEdges(list: list, range: Int(starts[atom])..<Int(starts[atom + 1])),
          returning: edges.returningStarts[atom]..<edges.returningStarts[atom + 1]))
    }
  }

  /// q and z.
  private func fill(_ around: Around, _ sweep: Sweep) {
    mixRadials(around, edges.bessels, into: scratch.q, sweep)
    multiply(around, scratch.q, x.value, into: scratch.z, sweep)
  }

  /// The tangent of z, from q.
  private func zTangents(_ around: Around, _ sweep: Sweep) {
    if let along = x.tangent {
      multiply(around, scratch.q, along, into: scratch.tangents, sweep)
    } else {
      scratch.tangents.clear()
    }
    mixRadials(around, edges.besselTangents, into: scratch.q, sweep)
    multiply(around, scratch.q, x.value, into: scratch.tangents, adding: true, sweep)
  }

  /// G, from z.
  private func gather(_ around: Around, _ sweep: Sweep) {
    RowMixture(
      edges.ofHarmonics, weights: .init(edges.harmonics, from: around.first), of: sums,
      from: around.firstSum
    ).addBack(around.count, of: scratch.z, kernels: sweep.kernels)
  }

  /// ∂E by z, from H and what came back by y.
  private func zSlopes(
    _ around: Around, _ slope: FloatMatrix, _ sums: FloatMatrix, isOfAtom: Bool = true,
    into out: FloatMatrix, _ sweep: Sweep
  ) {
    RowMixture(
      edges.ofHarmonics, weights: .init(edges.harmonics, from: around.first), of: sums,
      from: isOfAtom ? around.firstSum : 0
    ).mix(around.count, into: out, kernels: sweep.kernels)
    back(around, of: out, sweep).addBack(
      around.returning.count, of: slope, items: (edges.returning, around.returning.lowerBound),
      kernels: sweep.kernels)
  }

  /// Takes out what the edges back have given.
  private func takeBack(
    _ around: Around, _ z: FloatMatrix, from y: FloatMatrix, _ sweep: Sweep
  ) {
    back(around, of: z, sweep).mix(
      around.returning.count, into: y, items: (edges.returning, around.returning.lowerBound),
      adding: true, kernels: sweep.kernels)
  }

  private func back(_ around: Around, of z: FloatMatrix, _ sweep: Sweep) -> RowMixture {
    RowMixture(
      edges.ofBack, weights: .init(edges.opposite, sweep.zeros(around.returning.count)), of: z,
      first: (edges.returningRows, around.returning.lowerBound))
  }

  private func mix(
    _ outgoing: ListedEdges, _ harmonics: FloatMatrix, _ sums: FloatMatrix, from start: Int,
    into out: FloatMatrix, adding: Bool = false, _ sweep: Sweep
  ) {
    RowMixture(
      edges.allHarmonics,
      weights: .init(harmonics, outgoing.list, from: outgoing.range.lowerBound), of: sums,
      from: start
    ).mix(
      outgoing.range.count, into: out, items: (outgoing.list, outgoing.range.lowerBound),
      adding: adding, kernels: sweep.kernels)
  }

  private func spread(
    _ around: Around, _ harmonics: FloatMatrix, _ slope: FloatMatrix, to sums: FloatMatrix,
    from start: Int, _ sweep: Sweep
  ) {
    let (list, range) = (around.outgoing.list, around.outgoing.range)
    RowMixture(
      edges.allHarmonics, weights: .init(harmonics, list, from: range.lowerBound), of: sums,
      from: start
    ).addBack(range.count, of: slope, items: (list, range.lowerBound), kernels: sweep.kernels)
  }

  private func mixRadials(
    _ around: Around, _ radials: FloatMatrix, into out: FloatMatrix, _ sweep: Sweep
  ) {
    RowMixture(
      edges.ofRadials, weights: .init(radials, from: around.first), of: factors.rows
    ).mix(around.count, into: out, kernels: sweep.kernels)
  }

  private func addRadials(
    _ around: Around, _ radials: FloatMatrix, _ d: FloatMatrix, to gradient: FloatMatrix,
    _ sweep: Sweep
  ) {
    RowMixture(
      edges.ofRadials, weights: .init(radials, from: around.first), of: gradient
    ).addBack(around.count, of: d, kernels: sweep.kernels)
  }

  /// Rows of all degrees times an edge's row.
  private func multiply(
    _ around: Around, _ rows: FloatMatrix, _ x: FloatMatrix, into out: FloatMatrix,
    adding: Bool = false, _ sweep: Sweep
  ) {
    sweep.combine(
      around.rows, .init(rows), .init(x, edges.edgeOfRow, from: around.first * edges.degrees),
      columns: x.columns, adding ? .add(.init(out)) : .store(.init(out)))
  }

  /// Adds a ⊙ b, summed over degrees, to an edge's row.
  private func add(
    _ around: Around, _ a: FloatMatrix, _ b: FloatMatrix, to sums: FloatMatrix, _ sweep: Sweep
  ) {
    sweep.combine(
      around.rows, .init(a), .init(b), columns: sums.columns,
      .add(.init(sums, edges.edgeOfRow, from: around.first * edges.degrees)))
  }
}
