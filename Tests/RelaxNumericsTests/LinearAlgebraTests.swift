// SPDX-License-Identifier: MIT

import TestSupport
import Testing

@testable import RelaxNumerics

@Suite("Linear algebra")
struct LinearAlgebraTests {
  private func random(_ count: Int, seed: UInt64) -> [Double] {
    var generator = SeededGenerator(seed: seed)
    return (0..<count).map { _ in generator.uniform(-1, 1) }
  }

  @Test("eigenvectors satisfy their equation and are orthonormal", arguments: [1, 2, 7, 40])
  func eigen(n: Int) throws {
    let raw = random(n * n, seed: UInt64(n))
    let matrix = (0..<n * n).map { raw[$0] + raw[$0 % n * n + $0 / n] }
    let (values, vectors) = try LinearAlgebra.symmetricEigen(matrix, count: n)
    #expect(values == values.sorted())
    for k in 0..<n {
      let v = Array(vectors[k * n..<(k + 1) * n])
      for i in 0..<n {
        let image = (0..<n).reduce(0.0) { $0 + matrix[i * n + $1] * v[$1] }
        #expect(abs(image - values[k] * v[i]) < 1e-12)
      }
      for l in 0..<n {
        let product = (0..<n).reduce(0.0) { $0 + v[$1] * vectors[l * n + $1] }
        #expect(abs(product - (k == l ? 1 : 0)) < 1e-13)
      }
    }
  }

  @Test("only the upper triangle is read")
  func triangle() throws {
    let (values, _) = try LinearAlgebra.symmetricEigen([2, 1, 99, 2], count: 2)
    #expect(abs(values[0] - 1) < 1e-14 && abs(values[1] - 3) < 1e-14)
  }

  @Test("a solution solves, and a singular matrix is an error")
  func solve() throws {
    let n = 9
    let matrix = random(n * n, seed: 3)
    let right = random(n, seed: 4)
    let x = try LinearAlgebra.solve(matrix, right)
    for i in 0..<n {
      let image = (0..<n).reduce(0.0) { $0 + matrix[i * n + $1] * x[$1] }
      #expect(abs(image - right[i]) < 1e-12)
    }
    #expect(throws: LinearAlgebraError.self) { try LinearAlgebra.solve([1, 2, 2, 4], [1, 1]) }
  }
}

@Suite("Dense vectors")
struct DenseVectorTests {
  @Test("every kernel set agrees with the plain loop")
  func kernels() {
    onEveryKernelSet { kernels in
      for n in [0, 1, 7, 8, 31, 32, 33, 64, 100, 1000] {
        var generator = SeededGenerator(seed: UInt64(n))
        let a = (0..<n).map { _ in generator.uniform(-1, 1) }
        let b = (0..<n).map { _ in generator.uniform(-1, 1) }
        let plain = zip(a, b).reduce(0.0) { $0 + $1.0 * $1.1 }
        #expect(abs(dot(a, b, kernels: kernels) - plain) < 1e-13 * Double(max(1, n)))
        var y = b
        addScaled(&y, 0.3, a, kernels: kernels)
        for i in 0..<n { #expect(abs(y[i] - (b[i] + 0.3 * a[i])) < 1e-15) }
      }
    }
  }

  @Test("flattening and its inverse keep every component")
  func flattening() {
    let vectors = (0..<5).map { Vector3(Double($0), Double($0) + 0.25, -Double($0)) }
    #expect([Vector3](components: vectors.flattened) == vectors)
    #expect([Vector3(3, 4, 0), Vector3(0, 1, 0)].largestLength == 5)
    #expect([Vector3(3, .nan, 0), Vector3(0, 1, 0)].largestLength.isNaN)
    #expect([Vector3]().largestLength == 0)
  }
}
