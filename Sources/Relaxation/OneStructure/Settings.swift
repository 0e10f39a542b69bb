// SPDX-License-Identifier: MIT

import RelaxNumerics

/// A named set of settings: two whose results are compared, step by step, with the program they are
/// named for, and one of our own.
public enum Scheme: String, CaseIterable, Sendable {
  /// What ASE does with its default arguments.
  case ase
  /// What the code and the configurations of the ForceNet paper's time used, with one history a
  /// structure instead of one a batch.
  case ocp2021
  /// ASE's L-BFGS with a guard against negative curvature, which ends a structure whose forces no
  /// longer fall.
  case robust

  /// Whether a stall or an oscillation ends a structure; if not, it is only named when the step limit
  /// does.
  public var endsStalls: Bool {
    switch self {
    case .ase, .ocp2021: false
    case .robust: true
    }
  }

  /// The optimizer of the scheme, with changes by the user.
  ///
  /// - Throws: `SettingsError` for a setting that the scheme or optimizer does not have, or a value
  ///   out of range.
  public func optimizer(
    _ name: OptimizerName = .lbfgs, maxStep: Double? = nil, memory: Int? = nil,
    damping: Double? = nil, curvature: Double? = nil
  ) throws(SettingsError) -> OptimizerChoice {
    for (setting, value) in [("max-step", maxStep), ("damping", damping), ("curvature", curvature)]
    {
      guard let value else { continue }
      guard value > 0 && value.isFinite else { throw .notPositive(setting, "\(value)") }
    }
    if let memory, memory < 1 { throw .notPositive("memory", "\(memory)") }
    if name.needsConservativeForces { throw .noLineSearch(name) }
    if self != .ase && name != .lbfgs { throw .optimizerNotInScheme(name, self) }
    if name != .lbfgs {
      if memory != nil { throw .settingNotInOptimizer("memory", name) }
      if damping != nil { throw .settingNotInOptimizer("damping", name) }
    }
    switch (self, name) {
    case (_, .lbfgsLineSearch), (_, .bfgsLineSearch):
      throw .noLineSearch(name)
    case (_, .fire):
      if curvature != nil { throw .settingNotInOptimizer("curvature", name) }
      return .fire(maxStep: maxStep ?? 0.2)
    case (_, .bfgs):
      return .bfgs(maxStep: maxStep ?? 0.2, curvature: curvature ?? 70)
    case (.ase, .lbfgs):
      return .lbfgs(
        maxStep: maxStep ?? 0.2, memory: memory ?? 100, damping: damping ?? 1,
        curvature: curvature ?? 70, rule: .ase)
    case (.ocp2021, .lbfgs):
      return .lbfgs(
        maxStep: maxStep ?? 0.04, memory: memory ?? 50, damping: damping ?? 1,
        curvature: curvature ?? 70, rule: .ocp2021)
    case (.robust, .lbfgs):
      return .guardedLBFGS(
        maxStep: maxStep ?? 0.2, memory: memory ?? 100, damping: damping ?? 1,
        curvature: curvature ?? 70)
    }
  }
}

/// A combination of settings that makes no sense.
public enum SettingsError: Error, Equatable, CustomStringConvertible {
  /// A value that must be positive is not.
  case notPositive(String, String)
  /// The scheme is defined for other optimizers only.
  case optimizerNotInScheme(OptimizerName, Scheme)
  /// The optimizer has no such parameter.
  case settingNotInOptimizer(String, OptimizerName)
  /// A line search, of which there is none.
  case noLineSearch(OptimizerName)
  /// The optimizer compares energies, and the provider's forces are not the gradient of one.
  case needsConservativeForces(OptimizerName, provider: String)

  /// Which setting is wrong, as on the command line.
  public var description: String {
    switch self {
    case .notPositive(let setting, let value):
      "--\(setting) \(value): the value must be positive"
    case .optimizerNotInScheme(let optimizer, let scheme):
      "the scheme \(scheme.rawValue) is defined for lbfgs only, not for \(optimizer.rawValue)"
    case .settingNotInOptimizer(let setting, let optimizer):
      "the optimizer \(optimizer.rawValue) has no setting --\(setting)"
    case .noLineSearch(let optimizer):
      "there is no optimizer \(optimizer.rawValue) here: a line search needs energies whose gradient "
        + "the forces are everywhere; networks that predict forces have none, and where a neighbour comes in, "
        + "the energies of the others jump; "
        + "possible are \(OptimizerName.available.map(\.rawValue).joined(separator: ", "))"
    case .needsConservativeForces(let optimizer, let provider):
      "\(optimizer.rawValue) searches along lines for lower energies, but \(provider) predicts forces "
        + "directly: they are not the gradient of an energy, and the search would be misled; "
        + "possible are \(OptimizerName.available.map(\.rawValue).joined(separator: ", "))"
    }
  }
}

/// When a relaxation ends and how it gets there.
public struct RelaxationSettings: Hashable, Sendable {
  /// Converged when the largest force norm over free atoms is below this, strictly, in eV/Å.
  public var fmax: Double
  /// The most displacements a structure may take; 0 evaluates once.
  public var maximumSteps: Int
  /// What moves the atoms.
  public var optimizer: OptimizerChoice
  /// Whether a stall or an oscillation ends a structure as `stalled`.
  public var endsStalls: Bool
  /// What optimizers compute with.
  ///
  /// Their steps depend on it in the last digits. Providers have a set of their own.
  public var kernels: KernelSet

  /// ASE's L-BFGS with the limits of the ForceNet paper: `fmax` 0.01 eV/Å, 200 steps.
  public init(
    fmax: Double = 0.01, maximumSteps: Int = 200,
    optimizer: OptimizerChoice = .lbfgs(
      maxStep: 0.2, memory: 100, damping: 1, curvature: 70, rule: .ase),
    endsStalls: Bool = false, kernels: KernelSet = .preferred
  ) {
    precondition(maximumSteps >= 0)
    (self.fmax, self.maximumSteps, self.optimizer) = (fmax, maximumSteps, optimizer)
    (self.endsStalls, self.kernels) = (endsStalls, kernels)
  }

  /// An atom farther than this from where it started, in Å, has exploded.
  public static let absurdDisplacement = 100.0
}
