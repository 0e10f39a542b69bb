// SPDX-License-Identifier: MIT

import Forces
import RelaxNumerics

/// Which optimizer moves the atoms, with its parameters.
public enum OptimizerChoice: Hashable, Sendable, CustomStringConvertible {
  /// Limited-memory BFGS.
  case lbfgs(
    maxStep: Double, memory: Int, damping: Double, curvature: Double, rule: LBFGS.StepRule)
  /// Limited-memory BFGS that does not remember negative curvature.
  case guardedLBFGS(maxStep: Double, memory: Int, damping: Double, curvature: Double)
  /// BFGS on the full Hessian.
  case bfgs(maxStep: Double, curvature: Double)
  /// Fast inertial relaxation engine.
  case fire(maxStep: Double)

  /// Name and every parameter, with units.
  public var description: String {
    switch self {
    case .lbfgs(let maxStep, let memory, let damping, let curvature, let rule):
      "lbfgs (max step \(maxStep) Å, memory \(memory), damping \(damping), "
        + "curvature \(curvature) eV/Å², step rule \(rule.rawValue))"
    case .guardedLBFGS(let maxStep, let memory, let damping, let curvature):
      "lbfgs (max step \(maxStep) Å, memory \(memory), damping \(damping), "
        + "curvature \(curvature) eV/Å², step rule ase, guarded against negative curvature)"
    case .bfgs(let maxStep, let curvature):
      "bfgs (max step \(maxStep) Å, curvature \(curvature) eV/Å²)"
    case .fire(let maxStep): "fire (max step \(maxStep) Å)"
    }
  }

  /// Why it cannot move so many vectors, in words, or nil.
  func defect(for vectors: Int) -> String? {
    guard case .bfgs = self, vectors > BFGS.mostVectors else { return nil }
    let gigabytes = short(BFGS.bytes(for: vectors) / 1e9)
    return "bfgs on \(vectors) free atoms takes \(gigabytes) GB for its matrices; it is for at "
      + "most \(BFGS.mostVectors) free atoms: use lbfgs"
  }

  /// Bytes that it takes at most for so many vectors, in a relaxation of at most `steps` steps.
  func memory(for vectors: Int, steps: Int) -> Double {
    // Positions, forces, gradients and directions as numbers and as vectors.
    let working = 200 * Double(vectors)
    switch self {
    case .lbfgs(_, let memory, _, _, _), .guardedLBFGS(_, let memory, _, _):
      // Of each step a displacement and a change, and the one that is dropped when the next is there.
      return working + Double(min(memory, steps) + 1) * 2 * 24 * Double(vectors)
    case .bfgs: return working + BFGS.bytes(for: vectors)
    case .fire: return working
    }
  }

  /// The optimizer in its initial state, which computes with `kernels`.
  public func makeOptimizer(kernels: KernelSet = .preferred) -> any Optimizer {
    switch self {
    case .lbfgs(let maxStep, let memory, let damping, let curvature, let rule):
      LBFGS(
        maxStep: maxStep, memory: memory, damping: damping, curvature: curvature, rule: rule,
        kernels: kernels)
    case .guardedLBFGS(let maxStep, let memory, let damping, let curvature):
      GuardedLBFGS(
        maxStep: maxStep, memory: memory, damping: damping, curvature: curvature, kernels: kernels)
    case .bfgs(let maxStep, let curvature):
      BFGS(maxStep: maxStep, curvature: curvature, kernels: kernels)
    case .fire(let maxStep):
      FIRE(maxStep: maxStep, kernels: kernels)
    }
  }
}

/// The optimizers by name.
public enum OptimizerName: String, CaseIterable, Sendable {
  /// `LBFGS`
  case lbfgs
  /// `BFGS`
  case bfgs
  /// `FIRE`
  case fire
  /// ASE's L-BFGS with a line search; known so that it can be refused in words, but not there.
  case lbfgsLineSearch = "lbfgs-linesearch"
  /// ASE's BFGS with a line search; known so that it can be refused in words, but not there.
  case bfgsLineSearch = "bfgs-linesearch"

  /// Whether it compares energies along a line with the forces there, which makes sense only if
  /// forces are the gradient of the energy.
  public var needsConservativeForces: Bool {
    switch self {
    case .lbfgs, .bfgs, .fire: false
    case .lbfgsLineSearch, .bfgsLineSearch: true
    }
  }

  /// Those that there are: none with a line search.
  public static var available: [OptimizerName] { allCases.filter { !$0.needsConservativeForces } }

  /// Refuses a provider whose forces the optimizer could not work with.
  public func requireSuited(to provider: any ForceProvider) throws(SettingsError) {
    guard !needsConservativeForces || provider.isConservative else {
      throw .needsConservativeForces(self, provider: provider.specification)
    }
  }
}
