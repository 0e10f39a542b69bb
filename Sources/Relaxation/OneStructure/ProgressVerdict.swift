// SPDX-License-Identifier: MIT

import RelaxNumerics

/// Watches the last steps of a relaxation, to say why it did not converge.
///
/// Forces alone do not tell a relaxation that is stuck from one on its way over a barrier. Of 64
/// relaxations of slabs (EMT with Morse bonds, all convergent) a quarter went more than 64 steps
/// without a lower fmax, one 136. But they got somewhere: over 50 such steps the distance made was
/// never below 0.3 of the way. With a rough field of 0.02–0.3 eV/Å on top, which is not a gradient,
/// it fell below 0.1 in 172 of the 179 that were not done after 300 steps, and in 9 of the 77 that
/// were.
struct ProgressVerdict {
  /// So many steps without a lower fmax are worth a remark.
  private static let patience = 30
  /// So many are looked at for whether they lead anywhere.
  private static let window = 50
  /// Steps that bring atoms less far than this share of their way lead nowhere.
  private static let leastDirectness = 0.1
  /// Steps that are shorter than this in all, in Å, lead nowhere either.
  private static let leastWay = 1e-3

  private var best = Double.infinity
  /// Evaluations since the lowest fmax.
  private var sinceBest = 0
  /// The last steps, oldest first.
  private var steps: [[Vector3]] = []
  /// Whether each of the last steps turned back on the one before.
  private var reversals: [Bool] = []

  mutating func add(fmax: Double) {
    sinceBest += 1
    guard fmax < best else { return }
    best = fmax
    sinceBest = 0
  }

  mutating func add(step: [Vector3]) {
    if let last = steps.last {
      reversals.append(product(step, last) < 0)
      if reversals.count > ProgressVerdict.patience { reversals.removeFirst() }
    }
    steps.append(step)
    if steps.count > ProgressVerdict.window { steps.removeFirst() }
  }

  /// What the last steps look like, if it is anything but progress.
  var remark: String? {
    guard sinceBest >= ProgressVerdict.patience else { return nil }
    if let oscillation { return oscillation }
    return leadNowhere
      ? "no more progress (a stall): \(unfallen)"
      : "perhaps a stall: \(unfallen), but the atoms still moved on"
  }

  /// The remark with proof that more steps would be in vain, if they would.
  var standstill: String? {
    guard sinceBest >= ProgressVerdict.window, leadNowhere else { return nil }
    return "\(oscillation ?? unfallen); the last \(steps.count) steps went \(short(way)) Å and led "
      + "\(short(distance)) Å away"
  }

  private var unfallen: String {
    "the largest force has not fallen for \(sinceBest) steps (lowest: \(short(best)) eV/Å)"
  }

  private var oscillation: String? {
    let turned = reversals.count { $0 }
    guard reversals.count == ProgressVerdict.patience && turned * 2 > reversals.count else {
      return nil
    }
    return "oscillating: \(turned) of the last \(reversals.count) steps turned back"
  }

  /// Whether the last steps went to and fro, or hardly moved anything.
  private var leadNowhere: Bool {
    let way = way
    return distance < ProgressVerdict.leastDirectness * way || way < ProgressVerdict.leastWay
  }

  /// Length of the last steps one after the other, in Å.
  private var way: Double { steps.reduce(0) { $0 + product($1, $1).squareRoot() } }

  /// How far the last steps brought the atoms in all, in Å.
  private var distance: Double {
    guard var sum = steps.first else { return 0 }
    for step in steps.dropFirst() { for i in sum.indices { sum[i] += step[i] } }
    return product(sum, sum).squareRoot()
  }

  private func product(_ a: [Vector3], _ b: [Vector3]) -> Double {
    var product = 0.0
    for i in a.indices { product += a[i].dot(b[i]) }
    return product
  }
}
