// SPDX-License-Identifier: MIT

import RelaxNumerics

/// What limited-memory BFGS remembers: displacements *s* with the changes *y* of the gradient along
/// them, and the inverse Hessian that these pairs stand for.
///
/// Two-loop recursion: Nocedal, Math. Comput. 35, 773 (1980). Whether a pair is worth remembering is
/// for the optimizer to say.
struct CurvatureHistory: Sendable, Codable {
  /// A displacement and what it did to the gradient.
  struct Pair: Sendable, Codable {
    /// *s*, Å.
    var step: [Double]
    /// *y*, eV/Å.
    var change: [Double]
  }

  /// What to compute with.
  let kernels: KernelSet

  /// Past pairs, oldest first.
  private var pairs: [Pair] = []
  /// 1 / (*y* · *s*) of each pair.
  private var inverseCurvatures: [Double] = []
  private var lastPosition: [Double]?
  private var lastGradient: [Double]?

  /// A history that remembers no step yet.
  init(kernels: KernelSet) { self.kernels = kernels }

  /// *y* · *s* of a pair, eV: negative where the energy bends downward along the step.
  func curvature(of pair: Pair) -> Double { dot(pair.change, pair.step) }

  /// The scalar product.
  func dot(_ a: [Double], _ b: [Double]) -> Double {
    RelaxNumerics.dot(a, b, kernels: kernels)
  }

  /// The pair from the point that was left to this one; nil before the first step.
  func pair(to position: [Double], _ gradient: [Double]) -> Pair? {
    guard var step = lastPosition, var change = lastGradient else { return nil }
    for i in step.indices {
      step[i] = position[i] - step[i]
      change[i] = gradient[i] - change[i]
    }
    return Pair(step: step, change: change)
  }

  /// Takes in a pair and drops the oldest of more than `memory`.
  mutating func remember(_ pair: Pair, memory: Int) {
    inverseCurvatures.append(1 / curvature(of: pair))
    pairs.append(pair)
    if pairs.count > memory {
      pairs.removeFirst()
      inverseCurvatures.removeFirst()
    }
  }

  /// Drops all pairs.
  mutating func forget() {
    pairs.removeAll()
    inverseCurvatures.removeAll()
  }

  /// Notes the point from which a step is made.
  mutating func leave(_ position: [Double], _ gradient: [Double]) {
    lastPosition = position
    lastGradient = gradient
  }

  /// The inverse Hessian times `gradient`, in Å.
  ///
  /// - Parameter curvature: eV/Å², of the Hessian that the pairs are built upon.
  func newtonStep(_ gradient: [Double], curvature: Double) -> [Double] {
    var direction = gradient
    var factors = [Double](repeating: 0, count: pairs.count)
    for i in pairs.indices.reversed() {
      factors[i] = inverseCurvatures[i] * dot(pairs[i].step, direction)
      addScaled(&direction, -factors[i], pairs[i].change, kernels: kernels)
    }
    let initialInverse = 1 / curvature
    for i in direction.indices { direction[i] *= initialInverse }
    for i in pairs.indices {
      let beta = inverseCurvatures[i] * dot(pairs[i].change, direction)
      addScaled(&direction, factors[i] - beta, pairs[i].step, kernels: kernels)
    }
    return direction
  }
}
