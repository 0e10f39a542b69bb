// SPDX-License-Identifier: MIT

import Scoring

/// The plots of a study, each with a name for a file.
struct StudyPlots {
  private let report: StudyReport
  private let numbers: [String: Int]
  private var score: RelaxationScore { report.score.score }

  /// The plots of `report`.
  ///
  /// - Parameter numbers: of the structures that the page's viewer has, by their ids.
  init(_ report: StudyReport, numbers: [String: Int] = [:]) {
    (self.report, self.numbers) = (report, numbers)
  }

  /// The names that plots can have, in the order of `all`.
  static let names = [
    "dwt", "fbt", "adwt-by-step", "distance-by-step", "converged-by-step", "fmax-by-step",
    "energy-by-step", "distances", "forces", "energies", "energy-errors", "distance-and-force",
    "adwt-and-cost", "afbt-and-cost",
  ]

  /// The names of those that show all methods alike.
  static let shared = [
    "dwt", "fbt", "adwt-by-step", "distance-by-step", "converged-by-step", "adwt-and-cost",
    "afbt-and-cost",
  ]

  /// Those for which there is something to draw.
  var all: [(name: String, plot: Plot)] {
    drawn.compactMap { name, plot in plot.map { (name, $0) } }.filter(\.plot.isTelling)
  }

  private var drawn: [(name: String, plot: Plot?)] {
    [
      ("dwt", distanceShares), ("fbt", forceShares), ("adwt-by-step", scoreByStep),
      ("distance-by-step", distanceByStep),
      ("converged-by-step", convergedByStep),
      ("fmax-by-step", report.paths.flatMap { PathPlots(paths: $0).forces }),
      ("energy-by-step", report.paths.flatMap { PathPlots(paths: $0).energies }),
      ("distances", histogram(of: distances, "distance")),
      ("forces", histogram(of: forces, "force")), ("energies", energies),
      ("energy-errors", energyErrors),
      ("distance-and-force", distanceAndForce), ("adwt-and-cost", cost(\.adwt, "ADwT (%)")),
      ("afbt-and-cost", cost({ $0.afbt }, "AFbT (%)")),
    ]
  }

  // MARK: - Shares

  /// One curve a method.
  private func curves(
    _ limits: Thresholds, _ shares: (RelaxationScore) -> [Double]?
  ) -> [Plot.Series] {
    report.methods.compactMap { method in
      shares(method.score).map { shares in
        Plot.Series(
          name: report.methods.count > 1 ? method.name : "",
          points: zip(limits.values, shares).map { ($0, 100 * $1) })
      }
    }
  }

  private var distanceShares: Plot? {
    Plot(
      title: "Structures closer than a distance (DwT)", xLabel: "mean distance of judged atoms (Å)",
      yLabel: "share (%)", series: curves(score.settings.distanceLimits) { $0.distanceShares },
      yEnd: 100)
  }

  private var forceShares: Plot? {
    guard score.afbt != nil else { return nil }
    return Plot(
      title: "Structures with forces below a limit (FbT)", xLabel: "largest force (eV/Å)",
      yLabel: "share (%)", series: curves(score.settings.forceLimits) { $0.forceShares }, yEnd: 100)
  }

  // MARK: - By step

  private var curvesLabel: String {
    PathPlots.stepLabel(hasGaps: report.methods.contains { $0.curves?.hasGaps == true })
  }

  private var scoreByStep: Plot? {
    let series = report.methods.compactMap { method in
      method.curves.map { curves in
        Plot.Series(
          name: report.methods.count > 1 ? method.name : "",
          points: zip(curves.steps, curves.adwt).map { (Double($0), 100 * $1) },
          mark: .staircase)
      }
    }
    guard !series.isEmpty else { return nil }
    return Plot(
      title: "ADwT if stopped after a step", xLabel: curvesLabel, yLabel: "ADwT (%)",
      series: series,
      yEnd: 100
    ).bySteps()
  }

  private var distanceByStep: Plot? {
    let series = report.methods.compactMap { method in
      method.curves.map { curves in
        Plot.Series(
          name: report.methods.count > 1 ? method.name : "",
          points: zip(curves.steps, curves.meanDistance).map { (Double($0), $1) },
          mark: .staircase)
      }
    }
    guard !series.isEmpty else { return nil }
    return Plot(
      title: "Mean distance if stopped after a step", xLabel: curvesLabel,
      yLabel: "mean distance (Å)",
      series: series
    ).bySteps()
  }

  /// The share of all references that had converged by a step; what is missing or failed never does, and
  /// only predictions that say nothing of how they ended are left out.
  private var convergedByStep: Plot? {
    let last = report.methods.flatMap(\.score.structures).filter { $0.status != nil }
      .compactMap(\.steps).max()
    guard let last else { return nil }
    let sets = report.methods.compactMap { method -> ConvergencePlot.Set? in
      let entries = method.score.structures
      guard entries.contains(where: { $0.status != nil && $0.steps != nil }) else { return nil }
      let silent = entries.count {
        $0.displacements != nil && ($0.status == nil || $0.steps == nil)
      }
      return ConvergencePlot.Set(
        name: report.methods.count > 1 ? method.name : "",
        ends: entries.filter { $0.status == .converged }.compactMap(\.steps),
        all: entries.count - silent)
    }
    return ConvergencePlot.plot(sets, last: last)
  }

  // MARK: - Distributions

  private var distances: [Double] { score.structures.compactMap(\.distance) }
  private var forces: [Double] { score.structures.compactMap(\.fmax) }

  /// From so many values on a few may be left out of a histogram.
  private static let many = 40

  private func histogram(of values: [Double], _ kind: String) -> Plot? {
    let (name, label, unit) =
      kind == "distance"
      ? ("Mean distances", "mean distance", "Å") : ("Largest forces", "largest force", "eV/Å")
    return Histogram(values, isCut: values.count >= StudyPlots.many)?.plot(
      title: name, label: label, unit: unit, counted: "structure")
  }

  /// A dot for each structure, which leads to it where it can be looked at.
  private func dots(_ points: [(x: Double, y: Double)], of ids: [String]) -> Plot.Series {
    Plot.Series(points: points, mark: .dots, labels: ids, structures: ids.map { numbers[$0] })
  }

  private var energies: Plot? {
    let known = score.structures.compactMap { entry -> (x: Double, y: Double, id: String)? in
      guard let energy = entry.energy, let error = entry.energyError else { return nil }
      return (energy - error, energy, entry.id)
    }
    guard !known.isEmpty else { return nil }
    var plot = Plot(
      title: "Energies of relaxed structures", xLabel: "reference energy (eV)",
      yLabel: "predicted energy (eV)",
      series: [dots(known.map { ($0.x, $0.y) }, of: known.map(\.id))])
    plot.isDiagonal = true
    plot.xRange.isTight = true
    // Closer energies are equal for all that is read off a plot.
    plot.xRange.least = 0.1
    return plot
  }

  private var energyErrors: Plot? {
    let known = score.structures.filter { $0.energyError != nil && $0.distance != nil }
    guard !known.isEmpty else { return nil }
    return Plot(
      title: "Energy error and distance", xLabel: "mean distance (Å)",
      yLabel: "predicted − reference (eV)",
      series: [
        dots(known.map { ($0.distance ?? .nan, $0.energyError ?? .nan) }, of: known.map(\.id))
      ])
  }

  private var distanceAndForce: Plot? {
    let known = score.structures.filter { $0.fmax != nil && $0.distance != nil }
    guard !known.isEmpty else { return nil }
    var plot = Plot(
      title: "Distance and force of each structure", xLabel: "mean distance (Å)",
      yLabel: "largest force (eV/Å)",
      series: [
        dots(known.map { ($0.distance ?? .nan, $0.fmax ?? .nan) }, of: known.map(\.id))
      ])
    (plot.xScale, plot.yScale) = (.logarithmic, .logarithmic)
    return plot
  }

  // MARK: - Cost

  private func cost(_ quality: (ScoreSummary) -> Double?, _ label: String) -> Plot? {
    let points = report.methods.enumerated().compactMap { place, method -> CostPlot.Point? in
      guard let seconds = method.seconds,
        let share = quality(method.score.average ?? method.score.overall)
      else { return nil }
      return CostPlot.Point(
        method: method.name, cost: seconds, quality: 100 * share, place: place)
    }
    guard !points.isEmpty else { return nil }
    return CostPlot.plot(
      title: "\(label.prefix(4)) and cost", costLabel: "seconds a structure", qualityLabel: label,
      points: points, end: 100)
  }
}
