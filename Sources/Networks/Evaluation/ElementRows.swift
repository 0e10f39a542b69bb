// SPDX-License-Identifier: MIT

import RelaxNumerics
import Structures

/// What a layer makes of trained rows of elements: the same for all atoms of an element.
struct ElementRows: Sendable {
  private let map: AffineMap
  /// A row an atomic number.
  private let elements: [Double]

  /// W e + b, for rows e of `elements`.
  init(_ map: AffineMap, of elements: [Double]) { (self.map, self.elements) = (map, elements) }

  /// A row for each of `kinds`.
  func rows(of kinds: [Element]) -> FloatMatrix {
    let matrix = FloatMatrix(rows: kinds.count, columns: map.outputs)
    for (row, kind) in kinds.enumerated() {
      let first = Int(kind.atomicNumber) * map.inputs
      let product = LinearAlgebra.product(
        Array(elements[first..<first + map.inputs]), map.transposedWeights, rows: 1,
        inner: map.inputs, columns: map.outputs, kernels: .portable)
      for column in 0..<map.outputs {
        matrix[row, column] = Float(product[column] + map.bias[column])
      }
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
