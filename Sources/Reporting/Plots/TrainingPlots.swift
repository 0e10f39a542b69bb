// SPDX-License-Identifier: MIT

import Forces
import Training

/// The plots of one training, or of several over each other.
struct TrainingPlots {
  private let runs: [TrainingReport.Run]

  /// The plots of `runs`.
  init(_ runs: [TrainingReport.Run]) { self.runs = runs }

  /// Those for which there is something to draw, each with a name for a file.
  var all: [(name: String, plot: any PlotDrawing)] {
    var plots: [(name: String, plot: any PlotDrawing)] = [("loss", loss)]
    for (set, file) in zip(sets, TrainingPlots.fileNames(of: sets)) {
      plots.append(("force-error\(file)", forceError(set)))
      plots.append(("energy-error\(file)", energyError(set)))
      plots.append(("error-by-element\(file)", byElement(set)))
      plots.append(("error-by-size\(file)", bySize(set)))
    }
    plots += [("learning-rate", learningRate), ("time", time)]
    return plots.filter(\.plot.isTelling)
  }

  /// Names of validation sets, those of the first run first.
  var sets: [String] {
    var names: [String] = []
    for name in runs.flatMap({ $0.evaluations.first?.validation.map(\.name) ?? [] })
    where !names.contains(name) { names.append(name) }
    return names
  }

  /// What tells the files of one set from those of another: nothing if there is one set.
  private static func fileNames(of sets: [String]) -> [String] {
    guard sets.count > 1 else { return sets.map { _ in "" } }
    let names = sets.map { set in
      String(set.prefix(40).map { $0.isASCII && ($0.isLetter || $0.isNumber) ? $0 : "_" })
    }
    return names.enumerated().map { place, name in
      names.count { $0.lowercased() == name.lowercased() } > 1
        ? "-\(name)-\(place + 1)" : "-\(name)"
    }
  }

  // MARK: - Curves over steps

  private func curves(
    _ mark: Plot.Mark = .line, _ points: (TrainingReport.Run) -> [(x: Double, y: Double)]
  ) -> [Plot.Series] {
    runs.map { run in
      Plot.Series(name: runs.count > 1 ? run.name : "", points: points(run), mark: mark)
    }
  }

  private func bySteps(
    _ title: String, _ label: String, _ series: [Plot.Series], _ scale: Axis.Scale
  ) -> Plot {
    var plot = Plot(title: title, xLabel: "step", yLabel: label, series: series).bySteps()
    plot.yScale = scale
    return plot
  }

  private var loss: Plot {
    let hasEnergies = runs.contains { run in
      run.evaluations.contains { $0.validation.contains { $0.energyError != nil } }
    }
    return bySteps(
      "Loss", hasEnergies ? "mean loss (weighted)" : "mean loss (eV/Å)",
      curves { $0.metrics.map { (Double($0.step), $0.loss) } }, .logarithmic)
  }

  private func forceError(_ set: String) -> Plot {
    var series = curves { run in run.errors(on: set).map { (Double($0.step), $0.set.forceError) } }
    series += constant(set, "no force", .dashed) { $0.zeroError }
    series += constant(set, "median force", .dotted) { $0.medianError }
    return bySteps("Force MAE on \(set)", "force MAE (eV/Å)", series, .logarithmic)
  }

  private func energyError(_ set: String) -> Plot {
    bySteps(
      "Energy MAE on \(set)", "energy MAE (eV)",
      curves { run in
        run.errors(on: set).compactMap { error in
          error.set.energyError.map { (Double(error.step), $0) }
        }
      }, .logarithmic)
  }

  /// Lines at what a constant would come to: one, unless sets of one name differ from run to run.
  private func constant(
    _ set: String, _ name: String, _ mark: Plot.Mark,
    _ value: (TrainingMetrics.Validation) -> Double?
  ) -> [Plot.Series] {
    var seen: [Double] = []
    let last = runs.compactMap { $0.metrics.last?.step }.max() ?? 0
    for run in runs {
      guard let number = run.errors(on: set).compactMap({ value($0.set) }).first,
        !seen.contains(number)
      else { continue }
      seen.append(number)
    }
    return seen.map { number in
      Plot.Series(
        name: "\(name), \(Decimals.digits(number))", points: [(0, number), (Double(last), number)],
        mark: mark)
    }
  }

  private var learningRate: Plot {
    bySteps("Learning rate", "learning rate", curves(.staircase) { $0.rates }, .logarithmic)
  }

  private var time: Plot {
    let longest = runs.compactMap { $0.timings.last?.seconds }.max() ?? 0
    let (name, unit) =
      longest < 360 ? ("seconds", 1.0) : longest < 3 * 3600 ? ("minutes", 60) : ("hours", 3600)
    return bySteps(
      "Time", name,
      curves { [(0, 0)] + $0.timings.map { (Double($0.step), $0.seconds / unit) } }, .linear)
  }

  // MARK: - Where errors lie

  /// The errors of the best model of each run on `set`.
  private func best(_ set: String) -> [(
    place: Int, run: TrainingReport.Run, errors: TrainingMetrics.Validation
  )] {
    runs.enumerated().compactMap { place, run in
      run.best?.validation.first { $0.name == set }.map { (place, run, $0) }
    }
  }

  private func byElement(_ set: String) -> IntervalPlot {
    let best = self.best(set)
    var symbols: [String] = []
    for symbol in best.flatMap({ $0.errors.byElement.map(\.symbol) })
    where !symbols.contains(symbol) {
      symbols.append(symbol)
    }
    var plot = IntervalPlot(
      title: "Force MAE by element on \(set)", xLabel: "force MAE of the best model (eV/Å)",
      // Of one element it is that of the set.
      rows: symbols.count < 2
        ? []
        : symbols.sorted().flatMap { symbol in
          best.compactMap { place, run, errors in
            errors.byElement.first { $0.symbol == symbol }.map {
              IntervalPlot.Row(
                name: symbol, value: $0.error, set: place, note: runs.count > 1 ? run.name : "")
            }
          }
        })
    plot.sets = runs.count > 1 ? runs.map(\.name) : []
    return plot
  }

  private func bySize(_ set: String) -> Plot {
    let starts = ForceBreakdown.sizes.map { Double($0) }
    // Classes have no middle below the first and above the last limit; theirs are where the others would be.
    let ends = starts.dropFirst() + [starts[starts.count - 1] * 3.3]
    let series = runs.enumerated().map { _, run -> Plot.Series in
      let errors = run.best?.validation.first { $0.name == set }?.bySize ?? []
      var (points, labels): ([(x: Double, y: Double)], [String]) = ([], [])
      for (place, error) in errors.enumerated() {
        guard let error, place < starts.count else { continue }
        let start = place == 0 ? starts[1] / 3.3 : starts[place]
        points.append(((start * ends[ends.startIndex + place]).squareRoot(), error))
        let range =
          place == starts.count - 1
          ? "true force from \(Decimals.digits(starts[place])) eV/Å on"
          : "true force \(Decimals.digits(starts[place])) to \(Decimals.digits(starts[place + 1])) eV/Å"
        labels.append(runs.count > 1 ? "\(run.name), \(range)" : range)
      }
      return Plot.Series(
        name: runs.count > 1 ? run.name : "", points: points, mark: .linked, labels: labels)
    }
    var plot = Plot(
      title: "Force MAE by size on \(set)", xLabel: "size of the true force (eV/Å)",
      yLabel: "force MAE (eV/Å)", series: series)
    (plot.xScale, plot.yScale) = (.logarithmic, .logarithmic)
    return plot
  }
}
