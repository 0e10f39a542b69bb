// SPDX-License-Identifier: MIT

import RelaxNumerics

/// Limited-memory BFGS with ASE's step rule that does not believe in negative curvature.
///
/// Along a step where the energy bends downward, or where a force that is no gradient only turns, the
/// pair (*s*, *y*) would make the inverse Hessian indefinite or huge. Such a pair is not remembered,
/// and where those that are remembered still do not point downhill, all are forgotten and the next
/// step follows the forces. Until then it is `LBFGS` with ASE's rule, to the last bit.
public struct GuardedLBFGS: Optimizer {
  /// Longest displacement of any atom in one step, before damping, in Å.
  public let maxStep: Double
  /// How many past steps shape the next one.
  public let memory: Int
  /// Factor on every step, applied after the cut to `maxStep`.
  public let damping: Double
  /// Initial curvature (the inverse Hessian starts at 1/`curvature`), in eV/Å².
  public let curvature: Double

  /// A pair is remembered if *y* · *s* > `leastCosine` |*y*| |*s*|; a direction is taken if it makes
  /// such an angle with the forces.
  ///
  /// The condition *y* · *s* > 0 (Nocedal and Wright, Numerical Optimization, section 6.1) with a
  /// margin. Where the Hessian is positive definite with condition number κ, the cosine is at least
  /// 2√κ / (κ + 1) by Kantorovich's inequality, so no pair is lost up to κ = 4·10⁶. Slabs with
  /// adsorbates need that much: on 64 of them 0.001 costs 0.1 % of the steps or nothing, 0.05
  /// keeps 2 from converging in 300 steps and 0.2 keeps 43.
  static let leastCosine = 0.001

  private var history: CurvatureHistory
  private var pairs = 0
  private var negativePairs = 0
  private var doubtfulPairs = 0
  private var restarts = 0

  /// An optimizer at its start; defaults are ASE's.
  public init(
    maxStep: Double = 0.2, memory: Int = 100, damping: Double = 1, curvature: Double = 70,
    kernels: KernelSet = .preferred
  ) {
    precondition(maxStep > 0 && memory > 0 && damping > 0 && curvature > 0)
    (self.maxStep, self.memory) = (maxStep, memory)
    (self.damping, self.curvature) = (damping, curvature)
    history = CurvatureHistory(kernels: kernels)
  }

  /// - Complexity: O(`memory` · *n*) for *n* atoms.
  public mutating func displacement(positions: [Vector3], forces: [Vector3]) -> [Vector3] {
    let position = positions.flattened
    let force = forces.flattened
    let gradient = force.map { -$0 }
    if let pair = history.pair(to: position, gradient) { judge(pair) }

    var direction = history.newtonStep(gradient, curvature: curvature).map { -$0 }
    if !makesAcuteAngle(direction, force) {
      history.forget()
      restarts += 1
      direction = force.map { $0 / curvature }
    }
    history.leave(position, gradient)
    return LBFGS.StepRule.ase.cut([Vector3](components: direction), maxStep: maxStep)
      .map { $0 * damping }
  }

  private mutating func judge(_ pair: CurvatureHistory.Pair) {
    pairs += 1
    if makesAcuteAngle(pair.step, pair.change) {
      history.remember(pair, memory: memory)
    } else if history.curvature(of: pair) < 0 {
      negativePairs += 1
    } else {
      doubtfulPairs += 1
    }
  }

  /// False also for vectors that are 0, or so long that their lengths are not finite.
  private func makesAcuteAngle(_ a: [Double], _ b: [Double]) -> Bool {
    history.dot(a, b) > GuardedLBFGS.leastCosine * history.dot(a, a).squareRoot()
      * history.dot(b, b).squareRoot()
  }

  /// How many steps met negative curvature, and how many one too small to be trusted.
  public var remark: String? {
    guard negativePairs + doubtfulPairs + restarts > 0 else { return nil }
    var remark = "\(negativePairs) of \(count(pairs, "step")) met negative curvature"
    if doubtfulPairs > 0 { remark += ", \(doubtfulPairs) one too small to measure" }
    if restarts > 0 { remark += "; L-BFGS began anew \(count(restarts, "time"))" }
    return remark
  }
}
