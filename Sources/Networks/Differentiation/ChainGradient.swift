// SPDX-License-Identifier: MIT

import RelaxNumerics

/// A network of rows that know nothing of each other but batch statistics, run forward so that it can
/// be run in reverse.
struct ChainGradient {
  private let stages: [NetworkPlan.Stage]
  /// What each stage read.
  private var inputs: [FloatMatrix] = []
  private var normalizations: [Int: BatchNormalization] = [:]
  /// What came out.
  private(set) var output: FloatMatrix

  init(_ stages: [NetworkPlan.Stage], of x: FloatMatrix, _ context: GradientContext) {
    self.stages = stages
    output = x
    for (number, stage) in stages.enumerated() {
      let input = output
      inputs.append(input)
      switch stage {
      case .linear(let linear):
        output = context.apply(context.layer(linear), to: input)
      case .activation(let activation):
        output = FloatMatrix(rows: input.rows, columns: input.columns)
        activation.kernel.apply(input.rows, to: input, into: output, kernels: context.kernels)
      case .normalization(let stage):
        let normalization = context.normalize(input, stage)
        normalizations[number] = normalization
        output = FloatMatrix(rows: input.rows, columns: input.columns)
        normalization.apply(input.rows, of: input, into: output, kernels: context.kernels)
      }
    }
  }

  /// Adds all derivatives by weights, from `d`, the ones by the output, which is consumed.
  ///
  /// - Returns: those by the input; nil if they are not wanted.
  @discardableResult
  func reverse(_ d: FloatMatrix, _ context: GradientContext, wantsInputs: Bool = true)
    -> FloatMatrix?
  {
    var d = d
    for (number, stage) in stages.enumerated().reversed() {
      let input = inputs[number]
      switch stage {
      case .linear(let linear):
        if !isTakenAway(biasOf: number) { context.addBias(linear, d) }
        guard number > 0 || wantsInputs else {
          context.reverseWeights(linear, d, at: input)
          return nil
        }
        d = context.reverse(linear, columns: 0..<linear.inputs, d, at: input)
      case .activation(let activation):
        activation.kernel.differentiate(input.rows, at: input, d, kernels: context.kernels)
      case .normalization(let stage):
        guard let normalization = normalizations[number] else { continue }
        context.add(
          normalization.gradient(d, of: input, kernels: context.kernels), to: stage.affine)
      }
    }
    return d
  }

  /// Whether a batch normalisation takes a layer's bias away again: the loss does not depend on it, and
  /// what is found as its gradient is round-off that an optimizer would follow.
  private func isTakenAway(biasOf number: Int) -> Bool {
    guard number + 1 < stages.count, case .normalization = stages[number + 1] else { return false }
    return true
  }
}
