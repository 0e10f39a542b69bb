// SPDX-License-Identifier: MIT

/// The nonlinear function between linear layers, by its name in the released code.
public enum Activation: String, CaseIterable, Hashable, Sendable {
  /// max(x, 0).
  case relu
  /// x, or 0.01 x below zero.
  case leakyRelu = "leaky_relu"
  /// Softplus: ln(1 + eˣ).
  case softplus = "sp"
  /// Softplus with a slope of 0.05 added below zero.
  case leakySoftplus = "leaky_sp"
  /// x, or eˣ − 1 below zero.
  case elu
  /// ELU with a slope of 0.05 added below zero.
  case leakyElu = "leaky_elu"
  /// Softplus shifted to vanish at zero: ln(1 + eˣ) − ln 2.
  case shiftedSoftplus = "ssp"
  /// Shifted softplus with a slope of 0.05 added below zero.
  case leakyShiftedSoftplus = "leaky_ssp"
  /// tanh x.
  case tanh
  /// tanh x + 0.05 x.
  case leakyTanh = "leaky_tanh"
  /// x / (1 + e⁻ˣ).
  case swish
}
