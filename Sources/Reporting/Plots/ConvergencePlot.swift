// SPDX-License-Identifier: MIT

/// The share of all structures that had converged by a step.
enum ConvergencePlot {
  /// One set of relaxations.
  struct Set {
    /// What the legend calls it; empty if it is the only one.
    var name: String
    /// Steps after which structures converged.
    var ends: [Int]
    /// How many there are, those that never converge among them.
    var all: Int
  }

  /// The curves of `sets`; nil if there are none.
  ///
  /// - Parameter last: the most steps that any structure took.
  static func plot(_ sets: [Set], last: Int) -> Plot? {
    guard !sets.isEmpty, last > 0 else { return nil }
    // After the last step nothing changes any more, to the end of the axis.
    let end = Axis([Double(last)], Axis.Range(isWhole: true)).end
    let series = sets.map { set in
      let rises = set.ends.sorted().enumerated().map { index, step in
        (x: Double(step), y: 100 * Double(index + 1) / Double(max(1, set.all)))
      }
      return Plot.Series(
        name: set.name, points: [(0, 0)] + rises + [(end, rises.last?.y ?? 0)], mark: .staircase)
    }
    return Plot(
      title: "Structures converged by a step", xLabel: "step", yLabel: "share (%)", series: series,
      yEnd: 100
    ).bySteps()
  }
}
