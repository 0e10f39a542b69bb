// SPDX-License-Identifier: MIT

import Numerics

/// Which optimizer moves the atoms, with its parameters.
public enum OptimizerChoice: Hashable, Sendable, CustomStringConvertible {
  /// Limited-memory BFGS.
  case lbfgs(
    maxStep: Double, memory: Int, damping: Double, curvature: Double, rule: LBFGS.StepRule)
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
    case .bfgs(let maxStep, let curvature):
      "bfgs (max step \(maxStep) Å, curvature \(curvature) eV/Å²)"
    case .fire(let maxStep): "fire (max step \(maxStep) Å)"
    }
  }

  /// The optimizer in its initial state.
  public func makeOptimizer() -> any Optimizer {
    switch self {
    case .lbfgs(let maxStep, let memory, let damping, let curvature, let rule):
      LBFGS(maxStep: maxStep, memory: memory, damping: damping, curvature: curvature, rule: rule)
    case .bfgs(let maxStep, let curvature):
      BFGS(maxStep: maxStep, curvature: curvature)
    case .fire(let maxStep):
      FIRE(maxStep: maxStep)
    }
  }
}

/// A named set of optimizer settings whose results are compared, step by step, with the program it
/// is named for.
public enum Scheme: String, CaseIterable, Sendable {
  /// ASE's defaults.
  case ase
  /// What the code and the configurations of the ForceNet paper's time used, with one history a
  /// structure instead of one a batch.
  case ocp2021

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
    if self == .ocp2021 && name != .lbfgs { throw .optimizerNotInScheme(name, self) }
    if name != .lbfgs {
      if memory != nil { throw .settingNotInOptimizer("memory", name) }
      if damping != nil { throw .settingNotInOptimizer("damping", name) }
    }
    switch (self, name) {
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
}

/// A combination of settings that makes no sense.
public enum SettingsError: Error, Equatable, CustomStringConvertible {
  /// A value that must be positive is not.
  case notPositive(String, String)
  /// The scheme is defined for other optimizers only.
  case optimizerNotInScheme(OptimizerName, Scheme)
  /// The optimizer has no such parameter.
  case settingNotInOptimizer(String, OptimizerName)

  /// Which setting is wrong, as on the command line.
  public var description: String {
    switch self {
    case .notPositive(let setting, let value):
      "--\(setting) \(value): the value must be positive"
    case .optimizerNotInScheme(let optimizer, let scheme):
      "the scheme \(scheme.rawValue) is defined for lbfgs only, not for \(optimizer.rawValue)"
    case .settingNotInOptimizer(let setting, let optimizer):
      "the optimizer \(optimizer.rawValue) has no setting --\(setting)"
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

  /// ASE's L-BFGS with the limits of the ForceNet paper: `fmax` 0.01 eV/Å, 200 steps.
  public init(
    fmax: Double = 0.01, maximumSteps: Int = 200,
    optimizer: OptimizerChoice = .lbfgs(
      maxStep: 0.2, memory: 100, damping: 1, curvature: 70, rule: .ase)
  ) {
    precondition(maximumSteps >= 0)
    (self.fmax, self.maximumSteps, self.optimizer) = (fmax, maximumSteps, optimizer)
  }

  /// An atom farther than this from where it started, in Å, has exploded.
  public static let absurdDisplacement = 100.0
}
