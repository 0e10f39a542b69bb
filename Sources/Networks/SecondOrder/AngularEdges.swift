// SPDX-License-Identifier: MIT

import RelaxNumerics

/// What all blocks of DimeNet++ in training have in common of a batch: functions of distances and angles, and
/// which edges meet at which atoms.
final class AngularEdges {
  let batch: EnergyBatch
  let degrees: Int
  /// b without angles, its derivatives by the distance, and those times the distance's tangent.
  let bessels: FloatMatrix
  let besselSlopes: FloatMatrix
  let besselTangents: FloatMatrix
  /// Y_lm, and its tangent where angles count.
  let harmonics: FloatMatrix
  private(set) var harmonicTangents: FloatMatrix?
  /// ∂E by Y_lm, where angles count.
  let harmonicSlopes: FloatMatrix?
  /// Edges by source, and where those of each atom begin.
  let outgoing: EdgeLists
  /// Those of them whose edge back is there, with the first of its rows among those of the atom's.
  let returning: AlignedBuffer<Int32>
  let returningRows: AlignedBuffer<Int32>
  let returningStarts: [Int]
  /// The edge that each of `degrees` rows an edge belongs to.
  let edgeOfRow: AlignedBuffer<Int32>
  /// −(−1)^l (2l + 1)/4π: what is taken out for the edge back.
  let opposite: FloatMatrix

  let ofRadials: RowMixture.Groups
  let ofHarmonics: RowMixture.Groups
  let allHarmonics: RowMixture.Groups
  let ofBack: RowMixture.Groups
  private let functions: RealHarmonics

  init(
    _ plan: DimeNetPlan, bessels table: FunctionTable, _ batch: EnergyBatch, _ sweep: Sweep
  ) {
    (self.batch, degrees) = (batch, plan.degrees)
    let (edges, count) = (batch.edges, plan.degrees * plan.degrees)
    let width = plan.degrees * plan.radials
    bessels = sweep.matrix(edges, width)
    besselSlopes = sweep.matrix(edges, width)
    besselTangents = sweep.matrix(edges, width)
    let points = TablePoints(for: table)
    points.replace(batch.distance, dividingByMultiplesOf: plan.cutoff)
    table.evaluate(points, values: bessels, slopes: besselSlopes, kernels: sweep.kernels)
    functions = RealHarmonics(degrees: plan.degrees)
    harmonics = sweep.matrix(edges, count)
    for edge in 0..<edges {
      functions.fill(edge, of: harmonics, at: batch.vector[edge] / batch.distance[edge])
    }
    harmonicSlopes = plan.angles == .full ? sweep.cleared(edges, count) : nil
    let starts = batch.starts
    outgoing = EdgeLists(
      turning: EdgeLists(starts: starts, others: (0..<edges).map { batch.source[$0] }))
    var (returning, rows, returningStarts) = ([Int32](), [Int32](), [0])
    for atom in 0..<batch.atoms {
      for k in Int(outgoing.starts[atom])..<Int(outgoing.starts[atom + 1]) {
        let edge = outgoing.edges?[k] ?? Int32(k)
        let partner = batch.partners[Int(edge)]
        guard partner >= 0 else { continue }
        returning.append(edge)
        rows.append(Int32((Int(partner) - starts[atom]) * plan.degrees))
      }
      returningStarts.append(returning.count)
    }
    self.returning = AlignedBuffer(returning)
    (returningRows, self.returningStarts) = (AlignedBuffer(rows), returningStarts)
    let degrees = plan.degrees
    edgeOfRow = AlignedBuffer((0..<edges * degrees).map { Int32($0 / degrees) })
    opposite = FloatMatrix(rows: 1, columns: degrees)
    for l in 0..<degrees {
      opposite[0, l] = Float(-AngularSums.opposite(degree: l))
    }
    ofRadials = .init(sizes: Array(repeating: plan.radials, count: degrees))
    ofHarmonics = .init(sizes: (0..<degrees).map { 2 * $0 + 1 })
    allHarmonics = .init(sizes: [count])
    ofBack = .init(sizes: [degrees])
  }

  /// Takes the tangents of distances and vectors from the batch.
  func move(_ sweep: Sweep) {
    sweep.combine(
      batch.edges, .init(besselSlopes), scale: batch.distanceTangents,
      columns: besselSlopes.columns, .store(.init(besselTangents)))
    guard harmonicSlopes != nil else { return }
    let tangents = sweep.matrix(batch.edges, harmonics.columns)
    for edge in 0..<batch.edges {
      let (distance, along) = (batch.distance[edge], Double(batch.distanceTangents[edge]))
      let unit = batch.vector[edge] / distance
      functions.fillTangents(
        edge, of: tangents, at: unit,
        along: (batch.vectorTangents[edge] - unit * along) / distance)
    }
    harmonicTangents = tangents
  }

  /// ∂E by edge vectors, across them, in eV/Å over the scale; nil where angles do not count.
  var turns: [Vector3]? {
    guard let harmonicSlopes else { return nil }
    return (0..<batch.edges).map { edge in
      functions.gradient(at: batch.vector[edge] / batch.distance[edge]) {
        Double(harmonicSlopes[edge, $0])
      } / batch.distance[edge]
    }
  }
}
