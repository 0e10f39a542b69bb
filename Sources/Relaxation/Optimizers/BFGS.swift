// SPDX-License-Identifier: MIT

import RelaxNumerics

/// BFGS on the full Hessian, with steps along its eigenvectors by the size of their eigenvalues.
///
/// Step by step equal to `ase.optimize.BFGS`: no curvature test, the absolute value of eigenvalues
/// turns uphill directions downhill.
public struct BFGS: Optimizer {
  /// Longest displacement of any atom in one step, in Å.
  public let maxStep: Double
  /// Initial curvature, in eV/Å².
  public let curvature: Double

  private let kernels: KernelSet
  /// Approximate Hessian in eV/Å², row-major; empty before the first step.
  private var hessian: [Double] = []
  private var lastPositions: [Double] = []
  private var lastForces: [Double] = []

  /// Free atoms that it works on at most: 2 GB of matrices, and a minute for each step.
  static let mostVectors = 2700

  /// Memory for so many vectors in bytes: the Hessian, its eigenvectors and what LAPACK works in.
  static func bytes(for vectors: Int) -> Double { 4 * 8 * 9 * Double(vectors) * Double(vectors) }

  /// An optimizer at its start; defaults are ASE's.
  public init(
    maxStep: Double = 0.2, curvature: Double = 70, kernels: KernelSet = .preferred
  ) {
    precondition(maxStep > 0 && curvature > 0)
    (self.maxStep, self.curvature, self.kernels) = (maxStep, curvature, kernels)
  }

  /// - Complexity: O(*n*³) for *n* atoms, O(*n*²) memory.
  public mutating func displacement(positions: [Vector3], forces: [Vector3]) -> [Vector3] {
    let position = positions.flattened
    let force = forces.flattened
    let n = position.count
    if hessian.isEmpty {
      hessian = [Double](repeating: 0, count: n * n)
      for i in 0..<n { hessian[i * n + i] = curvature }
    } else {
      update(position, force)
    }
    lastPositions = position
    lastForces = force

    guard let (values, vectors) = try? LinearAlgebra.symmetricEigen(hessian, count: n) else {
      return [Vector3](repeating: Vector3(repeating: .nan), count: positions.count)
    }
    var step = [Double](repeating: 0, count: n)
    for k in 0..<n {
      let row = Array(vectors[k * n..<(k + 1) * n])
      addScaled(
        &step, dot(row, force, kernels: kernels) / abs(values[k]), row, kernels: kernels)
    }
    let vectorsOfAtoms = [Vector3](components: step)
    let longest = vectorsOfAtoms.largestLength
    guard longest >= maxStep else { return vectorsOfAtoms }
    return vectorsOfAtoms.map { $0 * (maxStep / longest) }
  }

  private mutating func update(_ position: [Double], _ force: [Double]) {
    let n = position.count
    var step = position
    var change = force
    for i in 0..<n {
      step[i] -= lastPositions[i]
      change[i] -= lastForces[i]
    }
    guard step.contains(where: { abs($0) >= 1e-7 }) else { return }
    var image = [Double](repeating: 0, count: n)
    for i in 0..<n {
      image[i] = dot(Array(hessian[i * n..<(i + 1) * n]), step, kernels: kernels)
    }
    let a = dot(step, change, kernels: kernels)
    let b = dot(step, image, kernels: kernels)
    for i in 0..<n {
      for j in 0..<n {
        hessian[i * n + j] -= change[i] * change[j] / a + image[i] * image[j] / b
      }
    }
  }
}
