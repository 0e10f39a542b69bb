// SPDX-License-Identifier: MIT

import RelaxNumerics
import Structures

/// What of a network's features does not depend on trained weights: where a reverse pass ends.
extension EdgeBasis {
  /// Features up to the first trained weight.
  struct FixedInputs {
    /// A row an edge: features themselves, or what a trained layer of the basis reads.
    var rows: FloatMatrix
    /// `harmonicCount` spherical harmonics an edge, by which the layer's results are multiplied.
    var harmonics: [Double] = []
    /// 0 if there are none to multiply by.
    var harmonicCount = 0
  }

  /// Inputs of edges; see `evaluate(vectors:distances:elements:into:kernels:)`.
  func fixedInputs(
    vectors: [Vector3], distances: [Double], elements: [(source: Element, target: Element)],
    kernels: KernelSet
  ) -> FixedInputs {
    let lists = distanceLists(distances, elements)
    switch program {
    case .features(.linear):
      let rows = FloatMatrix(rows: vectors.count, columns: plan.rawWidth)
      rows.fill(rawFeatures(vectors, distances, lists), width: plan.rawWidth)
      return FixedInputs(rows: rows)
    case .mixtures(let harmonics, let sines, let layer) where harmonics.count > 0:
      let spread = FloatMatrix(rows: vectors.count, columns: layer.inputs)
      sines.evaluate(lists, width: plan.distances, into: spread, kernels: kernels)
      return FixedInputs(
        rows: spread, harmonics: harmonics.evaluate(directions(vectors, distances)),
        harmonicCount: harmonics.count)
    default:
      let rows = FloatMatrix(rows: vectors.count, columns: width)
      evaluate(
        vectors: vectors, distances: distances, elements: elements, into: rows, kernels: kernels)
      return FixedInputs(rows: rows)
    }
  }
}

extension NodeEmbedding {
  /// What the first trained layer reads of each of `elements`, a row each; nil for a trained table.
  func fixedInputs(of elements: [Element], kernels: KernelSet) -> FloatMatrix? {
    guard case .features(let basis, let layer) = program else { return nil }
    let values = elements.flatMap { features[Int($0.atomicNumber)] }
    if case .linear = basis {
      let rows = FloatMatrix(rows: elements.count, columns: 9)
      rows.fill(values, width: 9)
      return rows
    }
    let rows = FloatMatrix(rows: elements.count, columns: layer.inputs)
    basis.evaluate(values, width: 9, into: rows, kernels: kernels)
    return rows
  }
}
