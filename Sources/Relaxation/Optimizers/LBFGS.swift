// SPDX-License-Identifier: MIT

import RelaxNumerics

/// Limited-memory BFGS with fixed initial curvature, no line search and no curvature test.
///
/// Step by step equal to `ase.optimize.LBFGS`, or to the batched optimizer that the ForceNet paper's
/// code used, applied to one structure.
public struct LBFGS: Optimizer {
  /// How a proposed step is cut to `maxStep`.
  public enum StepRule: String, Sendable, Codable {
    /// Cut when the longest displacement reaches `maxStep`, as ASE does.
    case ase
    /// Scale by min(L, `maxStep`) / (L + 1e-7), and stay without remembering the point when no
    /// component would move 1e-7 Å: the rule of ocp in 2021.
    case ocp2021
  }

  /// Longest displacement of any atom in one step, before damping, in Å.
  public let maxStep: Double
  /// How many past steps shape the next one.
  public let memory: Int
  /// Factor on every step, applied after the cut to `maxStep`.
  public let damping: Double
  /// Initial curvature (the inverse Hessian starts at 1/`curvature`), in eV/Å².
  public let curvature: Double
  /// How steps are cut.
  public let rule: StepRule

  private var history: CurvatureHistory

  /// An optimizer at its start; defaults are ASE's.
  public init(
    maxStep: Double = 0.2, memory: Int = 100, damping: Double = 1, curvature: Double = 70,
    rule: StepRule = .ase, kernels: KernelSet = .preferred
  ) {
    precondition(maxStep > 0 && memory > 0 && damping > 0 && curvature > 0)
    (self.maxStep, self.memory, self.damping) = (maxStep, memory, damping)
    (self.curvature, self.rule) = (curvature, rule)
    history = CurvatureHistory(kernels: kernels)
  }

  /// - Complexity: O(`memory` · *n*) for *n* atoms.
  public mutating func displacement(positions: [Vector3], forces: [Vector3]) -> [Vector3] {
    let position = positions.flattened
    var gradient = forces.flattened
    for i in gradient.indices { gradient[i] = -gradient[i] }
    if let pair = history.pair(to: position, gradient) { history.remember(pair, memory: memory) }

    var direction = history.newtonStep(gradient, curvature: curvature)
    for i in direction.indices { direction[i] = -direction[i] }

    let step = rule.cut([Vector3](components: direction), maxStep: maxStep).map { $0 * damping }
    if rule == .ocp2021 && direction.indices.allSatisfy({ abs(step[$0 / 3][$0 % 3]) < 1e-7 }) {
      return [Vector3](repeating: .zero, count: step.count)
    }
    history.leave(position, gradient)
    return step
  }
}

extension LBFGS.StepRule {
  /// The proposed displacements in Å, scaled as a whole.
  func cut(_ step: [Vector3], maxStep: Double) -> [Vector3] {
    let longest = step.largestLength
    let scale =
      switch self {
      case .ase: longest >= maxStep ? maxStep / longest : 1
      case .ocp2021: 1 / (longest + 1e-7) * min(longest, maxStep)
      }
    return step.map { $0 * scale }
  }
}
