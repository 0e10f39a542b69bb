// SPDX-License-Identifier: MIT

@testable import RelaxNumerics

extension FloatMatrix {
  /// Numbers at random within ± `scale`.
  static func random(
    _ rows: Int, _ columns: Int, _ random: inout SeededGenerator, scale: Double = 1
  ) -> FloatMatrix {
    let matrix = FloatMatrix(rows: rows, columns: columns)
    for row in 0..<rows {
      for column in 0..<columns { matrix[row, column] = Float(random.uniform(-scale, scale)) }
    }
    return matrix
  }
}
