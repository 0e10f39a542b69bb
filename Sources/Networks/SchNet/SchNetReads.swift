// SPDX-License-Identifier: MIT

import RelaxNumerics

/// What reads h in SchNet, each with all updates of h before it folded in: v of each block, and at last what
/// the energy is read from.
struct SchNetReads {
  private let plan: SchNetPlan
  /// What reads h before each block, and behind the last.
  private let readers: [AffineMap]
  private let updates: [AffineMap]
  private let elements: [Double]
  /// Readers after updates: products[b][k] = W_b U_k for k < b, by output, then input.
  private let products: [[[Double]]]
  private let kernels: KernelSet

  init(_ plan: SchNetPlan, of model: NetworkModel, kernels: KernelSet) {
    (self.plan, self.kernels) = (plan, kernels)
    let readers =
      plan.blocks.map { AffineMap(model, $0.value) } + [AffineMap(model, plan.hidden)]
    let updates = plan.blocks.map { AffineMap(model, $0.update) }
    (self.readers, self.updates) = (readers, updates)
    elements = model.values(plan.embedding)
    products = readers.enumerated().map { number, reader in
      updates[..<number].map { update in
        LinearAlgebra.product(
          reader.weights, update.weights, rows: reader.outputs, inner: reader.inputs,
          columns: update.inputs, kernels: kernels)
      }
    }
  }

  /// The part from elements: h of the element, and the biases of all updates.
  func ofElements(_ number: Int) -> ElementRows {
    let reader = readers[number]
    var bias = reader.bias
    for output in 0..<reader.outputs {
      for update in updates[..<number] {
        for input in 0..<reader.inputs {
          bias[output] += reader.weights[output * reader.inputs + input] * update.bias[input]
        }
      }
    }
    return ElementRows(reader.with(bias: bias), of: elements, kernels: kernels)
  }

  /// The part from [A_0 … A_(number−1)], each in whole vectors of columns.
  func forward(_ number: Int, _ activation: DenseActivation = .identity) -> DenseLayer? {
    guard number > 0 else { return nil }
    let (outputs, width) = (readers[number].outputs, plan.width)
    let column = KernelTile.wholeColumns(width)
    var weights = [Double](repeating: 0, count: outputs * number * column)
    for (k, product) in products[number].enumerated() {
      for output in 0..<outputs {
        for input in 0..<width {
          weights[(output * number + k) * column + input] = product[output * width + input]
        }
      }
    }
    return DenseLayer(
      inputs: number * column, outputs: outputs, weights: weights, bias: nil,
      activation: activation)
  }

  /// The derivative by A of block `number` from those by all that reads it: the energy's, then v of the last
  /// block, and so on down to the next block, each in whole vectors of columns.
  func back(_ number: Int) -> DenseLayer {
    let last = plan.blocks.count
    let order = [last] + (number + 1..<last).reversed()
    let columns = order.map { KernelTile.wholeColumns(readers[$0].outputs) }
    let inputs = columns.reduce(0, +)
    var weights = [Double](repeating: 0, count: plan.width * inputs)
    var first = 0
    for (reader, column) in zip(order, columns) {
      let product = products[reader][number]
      for input in 0..<readers[reader].outputs {
        for output in 0..<plan.width {
          weights[output * inputs + first + input] = product[input * plan.width + output]
        }
      }
      first += column
    }
    return DenseLayer(inputs: inputs, outputs: plan.width, weights: weights, bias: nil)
  }
}
