// SPDX-License-Identifier: MIT

import Scoring

/// Curves of what trajectories say, over the steps of relaxations.
struct PathPlots {
  let paths: PathRecords

  /// Median and quartiles of the largest force at each step.
  var forces: Plot? {
    let steps = paths.steps
    var plot = quartiles(
      paths.values(\.forces, at: steps), steps, "Largest force along relaxations",
      "largest force (eV/Å)")
    plot?.yScale = .logarithmic
    return plot
  }

  /// Median and quartiles of the energy at each step above that at the end.
  var energies: Plot? {
    var falling: [PathRecords.Path] = []
    for (_, path) in paths.paths.sorted(by: { $0.key < $1.key }) {
      guard let last = path.energies.last, last.isFinite else { continue }
      var shifted = path
      shifted.energies = path.energies.map { $0 - last }
      falling.append(shifted)
    }
    guard !falling.isEmpty else { return nil }
    let steps = paths.steps
    return quartiles(
      PathRecords.values(\.energies, of: falling, at: steps), steps, "Energy along relaxations",
      "energy above that at the end (eV)")
  }

  /// What is along x: curves over steps of which some are not known say so.
  static func stepLabel(hasGaps: Bool) -> String {
    hasGaps ? "step (not all were recorded)" : "step"
  }

  /// Median and quartiles over structures at each step; of one structure its only curve.
  private func quartiles(
    _ values: [[Double]], _ steps: [Int], _ title: String, _ label: String
  ) -> Plot? {
    let most = values.map(\.count).max() ?? 0
    guard most > 0 else { return nil }
    let sorted = values.map { $0.sorted() }
    func curve(_ name: String, _ share: Double, _ mark: Plot.Mark) -> Plot.Series {
      Plot.Series(
        name: name,
        points: zip(steps, sorted).filter { !$1.isEmpty }
          .map { (Double($0), Quantile.of($1, share)) }, mark: mark)
    }
    return Plot(
      title: title, xLabel: PathPlots.stepLabel(hasGaps: paths.hasGaps), yLabel: label,
      series: most == 1
        ? [curve("", 0.5, .line)]
        : [
          curve("median", 0.5, .line), curve("quarter", 0.25, .dotted),
          curve("three quarters", 0.75, .dashed),
        ]
    ).bySteps()
  }
}
