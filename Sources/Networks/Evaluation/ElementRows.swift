// SPDX-License-Identifier: MIT

import RelaxNumerics
import Structures

/// What a layer makes of trained rows of elements: a row an atomic number, the same for all structures.
struct ElementRows: Sendable {
  private let rows: FloatMatrix

  /// W e + b, for rows e of `elements`.
  init(_ map: AffineMap, of elements: [Double], kernels: KernelSet) {
    let count = elements.count / map.inputs
    var product = LinearAlgebra.product(
      elements, map.transposedWeights, rows: count, inner: map.inputs, columns: map.outputs,
      kernels: kernels)
    for row in 0..<count {
      for column in 0..<map.outputs { product[row * map.outputs + column] += map.bias[column] }
    }
    rows = FloatMatrix(rows: count, columns: map.outputs)
    rows.fill(product, width: map.outputs)
  }

  /// A row for each of `kinds`.
  func rows(of kinds: [Element]) -> FloatMatrix {
    let matrix = FloatMatrix(rows: kinds.count, columns: rows.columns)
    for (row, kind) in kinds.enumerated() {
      matrix.copy(row: row, from: rows, row: Int(kind.atomicNumber))
    }
    return matrix
  }
}

/// The elements of a structure, each once, and which of them each atom is.
struct ElementKinds {
  let kinds: [Element]
  let ofAtoms: [Int32]

  init(_ structure: Structure) {
    let kinds = Set(structure.elements).sorted()
    self.kinds = kinds
    ofAtoms = structure.elements.map { Int32(kinds.firstIndex(of: $0) ?? 0) }
  }
}
