// SPDX-License-Identifier: MIT

import Numerics

/// Watches the last steps of a relaxation, to say why it did not converge.
struct ProgressVerdict {
  private static let window = 30
  /// fmax of the last evaluations, oldest first.
  private var recent: [Double] = []
  private var bestBefore = Double.infinity
  private var lastStep: [Vector3] = []
  /// Whether each of the last steps turned back on the one before.
  private var reversals: [Bool] = []

  mutating func add(fmax: Double) {
    recent.append(fmax)
    if recent.count > ProgressVerdict.window {
      bestBefore = min(bestBefore, recent.removeFirst())
    }
  }

  mutating func add(step: [Vector3]) {
    if !lastStep.isEmpty {
      var product = 0.0
      for i in step.indices { product += step[i].dot(lastStep[i]) }
      reversals.append(product < 0)
      if reversals.count > ProgressVerdict.window { reversals.removeFirst() }
    }
    lastStep = step
  }

  /// What the last steps look like, if it is anything but progress.
  var remark: String? {
    guard recent.count == ProgressVerdict.window, let best = recent.min(), best >= bestBefore
    else { return nil }
    let turned = reversals.count { $0 }
    if reversals.count == ProgressVerdict.window && turned * 2 > reversals.count {
      return "oscillating: \(turned) of the last \(reversals.count) steps turned back"
    }
    return "stalled: no lower fmax in the last \(ProgressVerdict.window) steps than "
      + "\(short(bestBefore)) eV/Å before"
  }
}
