// SPDX-License-Identifier: MIT

import RelaxNumerics

/// Limited-memory BFGS from a model Hessian, on the path that the forces point along while they are large.
///
/// A step is (*B* + λ)⁻¹ **F**. *B* is the model with what the steps so far have shown of the true Hessian. The level shift
/// λ is proportional to the largest force: far from the minimum steps go along the forces, as a slow walk downhill
/// would, and lead to its minimum more often than Newton's, which jump along soft directions; near it they are Newton's. Where
/// the step would be longer than `maxStep`, λ is larger. Negative curvature is damped (Powell, 1978), so that
/// *B* stays positive definite, and every step has an acute angle with the forces, whether or not these are
/// the gradient of an energy. Energies are not looked at.
public struct PreconditionedLBFGS: Optimizer {
  /// Longest displacement of any atom in one step, in Å.
  public let maxStep: Double
  /// How many past steps shape the next one.
  public let memory: Int

  /// λ for each unit of the largest force: eV/Å² for each eV/Å.
  public static let shiftByForce = 5.0
  /// A step's curvature is at least this share of what was expected.
  private static let leastCurvature = 0.2
  /// A level shift is good if the longest displacement is so near `maxStep`.
  private static let tolerance = 0.02

  private let model: ModelHessian
  private var history: CurvatureHistory
  /// λ of the newest step, eV/Å².
  private var lastShift = 0.0
  private var pairs = 0
  private var dampedPairs = 0

  init(maxStep: Double, memory: Int, model: ModelHessian, kernels: KernelSet = .preferred) {
    precondition(maxStep > 0 && memory > 0)
    (self.maxStep, self.memory, self.model) = (maxStep, memory, model)
    history = CurvatureHistory(kernels: kernels)
  }

  /// - Complexity: O((`memory` + 50) · *n*) for *n* atoms, twice to eight times that where the step is cut.
  public mutating func displacement(positions: [Vector3], forces: [Vector3]) -> [Vector3] {
    let position = positions.flattened
    let gradient = forces.flattened.map { -$0 }
    if let pair = history.pair(to: position, gradient) { learn(pair) }
    let (step, shift) = restrictedStep(gradient, largestForce: forces.largestLength)
    lastShift = shift
    history.leave(position, gradient)
    return step
  }

  /// Remembers a pair, with as much curvature as keeps the Hessian positive definite.
  private mutating func learn(_ pair: CurvatureHistory.Pair) {
    pairs += 1
    // (B + λ) s was the force at the start of the step s, which gives what B expected of it.
    var expected = history.lastGradient.map { $0.map { -$0 } } ?? []
    addScaled(&expected, -lastShift, pair.step, kernels: history.kernels)
    var expectedCurvature = history.dot(pair.step, expected)
    // The shift is taken off what the pairs have learned with it, which is not exact.
    let modelled = model.product(pair.step, shift: 0)
    let modelledCurvature = history.dot(pair.step, modelled)
    if expectedCurvature < 0.001 * modelledCurvature {
      (expected, expectedCurvature) = (modelled, modelledCurvature)
    }
    var pair = pair
    let curvature = history.curvature(of: pair)
    if curvature < PreconditionedLBFGS.leastCurvature * expectedCurvature {
      dampedPairs += 1
      let share =
        (1 - PreconditionedLBFGS.leastCurvature) * expectedCurvature
        / (expectedCurvature - curvature)
      for i in expected.indices {
        pair.change[i] = share * pair.change[i] + (1 - share) * expected[i]
      }
    }
    // False also for a step of zeros, and for numbers that are not finite.
    guard history.curvature(of: pair) > 0 else { return }
    history.remember(pair, memory: memory)
  }

  /// The step for the smallest level shift, at least that of the forces, for which it is not too long.
  private func restrictedStep(
    _ gradient: [Double], largestForce: Double
  ) -> (step: [Vector3], shift: Double) {
    func step(_ shift: Double) -> [Vector3] {
      let direction = history.newtonStep(gradient, shift: shift) {
        model.solve($0, shift: shift)
      }
      return [Vector3](components: direction.map { -$0 })
    }
    var shift = PreconditionedLBFGS.shiftByForce * largestForce
    var proposed = step(shift)
    var longest = proposed.largestLength
    guard longest > maxStep else { return (proposed, shift) }
    // One over the length is nearly linear in the shift (Hebden), so a secant finds it in few tries.
    var (previous, previousLongest) = (shift, longest)
    shift += largestForce / maxStep
    for _ in 0..<8 {
      proposed = step(shift)
      longest = proposed.largestLength
      if abs(longest - maxStep) <= PreconditionedLBFGS.tolerance * maxStep { break }
      let slope = (1 / longest - 1 / previousLongest) / (shift - previous)
      let next = shift + (1 / maxStep - 1 / longest) / slope
      guard next.isFinite && next > 0 else { break }
      (previous, previousLongest, shift) = (shift, longest, next)
    }
    if longest > maxStep { proposed = proposed.map { $0 * (maxStep / longest) } }
    return (proposed, shift)
  }

  /// How many steps met less curvature than is believed.
  public var remark: String? {
    guard dampedPairs > 0 else { return nil }
    return "\(dampedPairs) of \(count(pairs, "step")) met negative or little curvature"
  }
}
