// SPDX-License-Identifier: MIT

import Foundation
import Networks

/// An activation by its definition.
func reference(_ activation: Activation, _ x: Double) -> Double {
  // ln(1 + eˣ) without overflow; the released code leaves out the last 2·10⁻⁹ above 20.
  let softplus = x > 20 ? x : max(x, 0) + log1p(exp(-abs(x)))
  let elu = x > 0 ? x : expm1(x)
  let leak = 0.05 * min(x, 0)
  // The released code keeps ln 2 in single precision, whatever it computes in.
  let shift = Double(logf(2))
  switch activation {
  case .relu: return max(x, 0)
  case .leakyRelu: return x > 0 ? x : 0.01 * x
  case .softplus: return softplus
  case .leakySoftplus: return softplus + leak
  case .elu: return elu
  case .leakyElu: return elu + leak
  case .shiftedSoftplus: return softplus - shift
  case .leakyShiftedSoftplus: return softplus + leak - shift
  case .tanh: return tanh(x)
  case .leakyTanh: return tanh(x) + 0.05 * x
  case .swish: return x / (1 + exp(-x))
  }
}

/// The derivative of an activation; at a kink the one that the released code's library takes.
func referenceSlope(_ activation: Activation, _ x: Double) -> Double {
  let logistic = 1 / (1 + exp(-x))
  let softplus = x > 20 ? 1 : logistic
  let elu = x > 0 ? 1 : exp(x)
  let leak = x < 0 ? 0.05 : 0
  switch activation {
  case .relu: return x > 0 ? 1 : 0
  case .leakyRelu: return x > 0 ? 1 : 0.01
  case .softplus, .shiftedSoftplus: return softplus
  case .leakySoftplus, .leakyShiftedSoftplus: return softplus + leak
  case .elu: return elu
  case .leakyElu: return elu + leak
  case .tanh: return 1 - tanh(x) * tanh(x)
  case .leakyTanh: return 1 - tanh(x) * tanh(x) + 0.05
  case .swish: return logistic * (1 + x * (1 - logistic))
  }
}
