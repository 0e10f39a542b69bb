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

  // MARK: - Methods

  /// A series a method, so that each has one colour in all plots; nil if nothing is known of any.
  ///
  /// An empty one stands for a method of which nothing is known.
  private func series(
    _ mark: Plot.Mark = .line, _ points: (StudyReport.Method) -> [(x: Double, y: Double)]?
  ) -> [Plot.Series]? {
    let all = report.methods.map(points)
    guard all.contains(where: { $0 != nil }) else { return nil }
    return zip(report.methods, all).map { method, points in
      Plot.Series(
        name: report.methods.count > 1 ? method.name : "", points: points ?? [], mark: mark)
    }
  }

  private var distanceShares: Plot? {
    let limits = score.settings.distanceLimits.values
    return series { zip(limits, $0.score.distanceShares).map { ($0, 100 * $1) } }.map {
      Plot(
        title: "Structures closer than a distance (DwT)",
        xLabel: "mean distance of judged atoms (Å)", yLabel: "share (%)", series: $0, yEnd: 100)
    }
  }

  private var forceShares: Plot? {
    guard score.afbt != nil else { return nil }
    let limits = score.settings.forceLimits.values
    return series { $0.score.forceShares.map { zip(limits, $0).map { ($0, 100 * $1) } } }.map {
      Plot(
        title: "Structures with forces below a limit (FbT)", xLabel: "largest force (eV/Å)",
        yLabel: "share (%)", series: $0, yEnd: 100)
    }
  }

  // MARK: - By step

  private var curvesLabel: String {
    PathPlots.stepLabel(hasGaps: report.methods.contains { $0.curves?.hasGaps == true })
  }

  private var scoreByStep: Plot? {
    series(.staircase) {
      $0.curves.map { zip($0.steps, $0.adwt).map { (Double($0), 100 * $1) } }
    }.map {
      Plot(
        title: "ADwT if stopped after a step", xLabel: curvesLabel, yLabel: "ADwT (%)", series: $0,
        yEnd: 100
      ).bySteps()
    }
  }

  private var distanceByStep: Plot? {
    series(.staircase) {
      $0.curves.map { zip($0.steps, $0.meanDistance).map { (Double($0), $1) } }
    }.map {
      Plot(
        title: "Mean distance if stopped after a step", xLabel: curvesLabel,
        yLabel: "mean distance (Å)", series: $0
      ).bySteps()
    }
  }

  /// The share of all references that had converged by a step; what is missing or failed never does, and
  /// only predictions that say nothing of how they ended are left out.
  private var convergedByStep: Plot? {
    let last = report.methods.flatMap(\.score.structures).filter { $0.status != nil }
      .compactMap(\.steps).max()
    guard let last else { return nil }
    let sets = report.methods.map { method in
      let entries = method.score.structures
      let silent = entries.count {
        $0.displacements != nil && ($0.status == nil || $0.steps == nil)
      }
      let isKnown = entries.contains { $0.status != nil && $0.steps != nil }
      return ConvergencePlot.Set(
        name: report.methods.count > 1 ? method.name : "",
        ends: entries.filter { $0.status == .converged }.compactMap(\.steps),
        all: isKnown ? entries.count - silent : 0)
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
