// SPDX-License-Identifier: MIT

import Scoring

/// The plots of relaxed structures without references, each with a name for a file.
struct RelaxedPlots {
  let relaxed: RelaxedSet
  let paths: PathRecords?
  /// Whether the structure of a number can be seen on the page.
  var isShown: (Int) -> Bool = { _ in false }

  /// The names that plots can have, in the order of `all`.
  static let names = [
    "converged-by-step", "fmax-by-step", "energy-by-step", "forces", "steps", "energies-won",
    "force-and-steps", "cost-and-size",
  ]

  /// Those in which there is something to see.
  var all: [(name: String, plot: any PlotDrawing)] {
    let path = paths.map { PathPlots(paths: $0) }
    let plots: [(String, Plot?)] = [
      ("converged-by-step", converged), ("fmax-by-step", path?.forces),
      ("energy-by-step", path?.energies),
      ("forces", histogram("Largest forces", "largest force", "eV/Å") { $0.fmax }),
      ("steps", histogram("Steps", "steps", "") { $0.steps.map(Double.init) }),
      (
        "energies-won",
        histogram("Energy won by relaxing", "energy at the start less that at the end", "eV") {
          $0.energyChange.map { -$0 }
        }
      ),
      ("force-and-steps", forceAndSteps), ("cost-and-size", cost),
    ]
    return plots.compactMap { name, plot -> (name: String, plot: any PlotDrawing)? in
      guard let plot, plot.isTelling else { return nil }
      return (name, plot)
    }
  }

  private var converged: Plot? {
    let known = relaxed.entries.filter { $0.status != nil && $0.steps != nil }
    guard let last = known.compactMap(\.steps).max() else { return nil }
    let ends = known.filter { $0.status == .converged }.compactMap(\.steps)
    return ConvergencePlot.plot(
      [.init(name: "", ends: ends, all: relaxed.entries.count { $0.status != nil })], last: last)
  }

  /// From so many values on a few may lie beyond the end of a histogram.
  private static let many = 40

  private func histogram(
    _ title: String, _ label: String, _ unit: String, _ value: (RelaxedSet.Entry) -> Double?
  ) -> Plot? {
    let values = relaxed.entries.compactMap(value).filter(\.isFinite)
    // A histogram begins at 0: where some values are below, dots would tell more.
    guard values.allSatisfy({ $0 >= 0 }) else { return nil }
    return Histogram(values, isCut: values.count >= RelaxedPlots.many)?.plot(
      title: title, label: label, unit: unit, counted: "structure")
  }

  private var forceAndSteps: Plot? {
    var plot = scatter(
      "Force at the end and steps", "steps", "largest force (eV/Å)",
      { $0.steps.map(Double.init) }, { $0.fmax })
    plot?.yScale = .logarithmic
    plot?.xRange.isWhole = true
    return plot
  }

  private var cost: Plot? {
    var plot = scatter(
      "Cost and size", "atoms", "seconds", { $0.atoms > 0 ? Double($0.atoms) : nil }, { $0.seconds }
    )
    plot?.xScale = .logarithmic
    plot?.yScale = .logarithmic
    return plot
  }

  /// A dot for each structure, which leads to it where it can be looked at; the statuses apart.
  private func scatter(
    _ title: String, _ xLabel: String, _ yLabel: String, _ x: (RelaxedSet.Entry) -> Double?,
    _ y: (RelaxedSet.Entry) -> Double?
  ) -> Plot? {
    let groups: [(name: String, isIn: (RelaxedSet.Entry) -> Bool)] = [
      ("converged", { $0.status == .converged || $0.status == nil }),
      ("not converged", { $0.status != .converged && $0.status != nil }),
    ]
    var series: [Plot.Series] = []
    for group in groups {
      let points = relaxed.entries.filter(group.isIn).compactMap { entry in
        x(entry).flatMap { x in y(entry).map { (x, $0, entry) } }
      }
      guard !points.isEmpty else { continue }
      series.append(
        Plot.Series(
          name: group.name, points: points.map { ($0.0, $0.1) }, mark: .dots,
          labels: points.map(\.2.id),
          structures: points.map { isShown($0.2.number) ? $0.2.number : nil }))
    }
    if series.count == 1 { series[0].name = "" }
    return series.isEmpty
      ? nil : Plot(title: title, xLabel: xLabel, yLabel: yLabel, series: series)
  }
}
