// SPDX-License-Identifier: MIT

import Foundation

@testable import ReferenceNetworks

/// Adam (Kingma and Ba, 2015) in double precision, as its authors wrote it.
struct ReferenceAdam {
  var learningRate = 5e-4
  var firstDecay = 0.9
  var secondDecay = 0.999
  var epsilon = 1e-8

  private(set) var steps = 0
  private var first: [String: [Double]] = [:]
  private var second: [String: [Double]] = [:]

  /// Moves every tensor that has a gradient.
  mutating func step(_ tensors: inout [String: ReferenceTensor], _ gradients: [String: [Double]]) {
    steps += 1
    let firstWeight = 1 - pow(firstDecay, Double(steps))
    let secondWeight = 1 - pow(secondDecay, Double(steps))
    for (name, gradient) in gradients {
      guard var tensor = tensors[name] else { preconditionFailure("no tensor \(name)") }
      var m = first[name] ?? Array(repeating: 0, count: gradient.count)
      var v = second[name] ?? Array(repeating: 0, count: gradient.count)
      for (k, g) in gradient.enumerated() {
        m[k] = firstDecay * m[k] + (1 - firstDecay) * g
        v[k] = secondDecay * v[k] + (1 - secondDecay) * g * g
        let width = (v[k] / secondWeight).squareRoot() + epsilon
        tensor.values[k] -= learningRate * m[k] / firstWeight / width
      }
      (tensors[name], first[name], second[name]) = (tensor, m, v)
    }
  }
}
