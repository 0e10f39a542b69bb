// SPDX-License-Identifier: MIT

import Files
import Forces
import Training

/// One training, or several beside each other, as a page with their curves.
public struct TrainingReport: Sendable, PageReport {
  /// A training.
  public struct Run: Sendable {
    /// What it is called.
    public var name: String
    /// Its lines of metrics.
    public var metrics: [TrainingMetrics]
    /// Its lines of times.
    public var timings: [TrainingTiming]
    /// Its configuration file, shown as it is.
    public var configuration: String
    /// How its learning rate went, if its configuration can be read.
    public var schedule: LearningRateSchedule?
    /// How it stands: `finished`, `running`; empty if nobody asked.
    public var state: String

    /// A training called `name`.
    public init(
      name: String, metrics: [TrainingMetrics], timings: [TrainingTiming], configuration: String,
      schedule: LearningRateSchedule? = nil, state: String = ""
    ) {
      (self.name, self.metrics, self.timings) = (name, metrics, timings)
      (self.configuration, self.schedule, self.state) = (configuration, schedule, state)
    }
  }

  private let title: String
  private let runs: [Run]

  /// A report on `runs`.
  public init(title: String, runs: [Run]) { (self.title, self.runs) = (title, runs) }

  /// The page as one HTML file, without anything from elsewhere.
  public func html() -> String {
    var body = ""
    if runs.count == 1 { body += "<div class=\"numbers\">\n\(numbers(runs[0]))</div>\n" }
    body += "<h2 id=\"scores\">Trainings</h2>\n" + tables.prefix(2).map { $0.html() }.joined()
    let plots = HTMLPage.plots(TrainingPlots(runs).all.map(\.plot))
    if !plots.isEmpty { body += "<h2 id=\"plots\">Plots</h2>\n" + plots }
    body += tables.dropFirst(2).map { $0.html() }.joined()
    for run in runs {
      let name = runs.count > 1 ? " of \(HTMLText.escaped(Excerpt.name(run.name)))" : ""
      body += "<h2>Configuration\(name)</h2>\n<pre>\(HTMLText.escaped(run.configuration))</pre>\n"
    }
    return HTMLPage(
      title: title, body: body, styles: PlotSection.styles, scripts: PlotSection.scripts
    ).text()
  }

  /// The tables as Markdown, without pictures.
  public func markdown() -> String {
    "# \(title)\n\n" + tables.map { $0.markdown() }.joined(separator: "\n")
  }

  /// Where the trainings stand and what their best models come to, for programs.
  public var json: JSONText {
    [
      "trainings": .array(
        runs.map { run in
          [
            "name": .string(run.name), "state": run.state.isEmpty ? nil : .string(run.state),
            "steps": run.metrics.last.map { .integer($0.step) } ?? nil,
            "loss": JSONText(run.metrics.last?.loss),
            "best_step": run.best.map { .integer($0.step) } ?? nil,
            "seconds": JSONText(run.timings.last?.seconds),
            "frames_per_second": JSONText(run.timings.last?.framesPerSecond),
            "best": run.best?.json ?? nil,
          ]
        })
    ]
  }

  /// All plots as files of their own, by name without extension.
  public func figures(_ format: PlotFormat = .figure) -> [(name: String, svg: String)] {
    TrainingPlots(runs).all.enumerated().map { index, figure in
      (figure.name, figure.plot.file(format, index: index))
    }
  }

  /// The names of `figures`.
  public var figureNames: [String] { TrainingPlots(runs).all.map(\.name) }

  /// All tables, by themselves.
  public var tableSet: TableSet {
    let tables = self.tables
    return TableSet(main: tables[0], others: Array(tables.dropFirst()) + [curves])
  }

  /// The names that tables of `tableSet` can have.
  public static let tableNames = ["trainings", "errors", "elements", "sizes", "steps"]

  private func numbers(_ run: Run) -> String {
    var text = ""
    if let best = run.best {
      text += HTMLPage.number(
        Decimals.fixed(best.validation[0].forceError, 4),
        "eV/Å on \(HTMLText.escaped(best.validation[0].name))",
        "force MAE of the best model, of step \(best.step)")
    }
    if let last = run.metrics.last {
      text += HTMLPage.number("\(last.step)", "steps", "taken so far")
    }
    if let last = run.timings.last {
      let isShort = last.seconds < 360
      text += HTMLPage.number(
        isShort ? Decimals.fixed(last.seconds / 60, 1) : Decimals.fixed(last.seconds / 3600, 2),
        isShort ? "minutes" : "hours",
        "\(Decimals.fixed(last.framesPerSecond, 1)) frames/s at the end")
    }
    return text
  }

  // MARK: - Tables

  private var tables: [ResultTable] {
    [trainings] + [errors, elements, sizes].filter { !$0.rows.isEmpty }
  }

  /// A row a training.
  private var trainings: ResultTable {
    let hasStates = runs.contains { !$0.state.isEmpty }
    var table = ResultTable(
      "trainings", caption: "How they went",
      columns: [
        .init("training", .left, key: "name"), .init("steps"), .init("best step", key: "best_step"),
        .init("loss at the end", key: "loss"), .init("time", unit: "s", key: "seconds"),
        .init("frames a second", key: "frames_per_second"),
      ] + (hasStates ? [.init("state", .left, role: .choice)] : []))
    for run in runs {
      table.append(
        [
          .name(run.name), .count(run.metrics.last?.step), .count(run.best?.step),
          .number(run.metrics.last?.loss, decimals: 5),
          .number(run.timings.last?.seconds, decimals: 0),
          .number(run.timings.last?.framesPerSecond, decimals: 1),
        ] + (hasStates ? [.text(run.state)] : []))
    }
    table.notes = ["best step: of the smallest force error on the first validation set."]
    return table
  }

  /// A row a training and validation set, of the best model.
  private var errors: ResultTable {
    let hasEnergies = runs.contains {
      $0.best?.validation.contains { $0.energyError != nil } ?? false
    }
    var table = ResultTable(
      "errors", caption: "Errors of the best models",
      columns: [
        .init("training", .left, key: "name"), .init("validation set", .left, key: "split"),
        .init("force MAE", unit: "eV/Å", key: "force_mae"),
        .init("no force", unit: "eV/Å", key: "baseline_zero_force_mae"),
        .init("median force", unit: "eV/Å", key: "baseline_median_force_mae"),
      ] + (hasEnergies ? [.init("energy MAE", unit: "eV", key: "energy_mae")] : []))
    for run in runs {
      for set in run.best?.validation ?? [] {
        table.append(
          [
            .name(run.name), .name(set.name), .number(set.forceError, decimals: 5),
            .number(set.zeroError, decimals: 5), .number(set.medianError, decimals: 5),
          ] + (hasEnergies ? [.number(set.energyError, decimals: 5)] : []))
      }
    }
    table.notes = [
      "no force, median force: what always predicting these would come to on the same atoms."
    ]
    return table
  }

  private var elements: ResultTable {
    broken("elements", "Force errors by element", .init("element", .left)) { set in
      set.byElement.map { (.text($0.symbol), $0.error) }
    }
  }

  private var sizes: ResultTable {
    let starts = ForceBreakdown.sizes
    return broken(
      "sizes", "Force errors by the size of the true force",
      .init("true force from", unit: "eV/Å", key: "from")
    ) { set in
      zip(starts, set.bySize).compactMap { start, error in
        error.map { (.number(start, decimals: 2), $0) }
      }
    }
  }

  /// A row a training, validation set and class.
  private func broken(
    _ name: String, _ caption: String, _ column: ResultTable.Column,
    _ rows: (TrainingMetrics.Validation) -> [(ResultTable.Cell, Double)]
  ) -> ResultTable {
    var table = ResultTable(
      name, caption: caption,
      columns: [
        .init("training", .left, key: "name"), .init("validation set", .left, key: "split"), column,
        .init("force MAE", unit: "eV/Å", key: "force_mae"),
      ])
    for run in runs {
      for set in run.best?.validation ?? [] {
        for (cell, error) in rows(set) {
          table.append(.name(run.name), .name(set.name), cell, .number(error, decimals: 5))
        }
      }
    }
    return table
  }

  /// A row for each line of metrics and validation set, as in the files of the trainings.
  private var curves: ResultTable {
    var table = ResultTable(
      "steps", caption: "Step by step",
      columns: [
        .init("training", .left, key: "name"), .init("step"), .init("loss"),
        .init("learning rate", key: "learning_rate"),
        .init("validation set", .left, key: "split"),
        .init("force MAE", unit: "eV/Å", key: "force_mae"),
        .init("energy MAE", unit: "eV", key: "energy_mae"),
      ])
    table.isLong = true
    for run in runs {
      for line in run.metrics {
        func append(_ set: TrainingMetrics.Validation?) {
          table.append(
            .name(run.name), .count(line.step), .number(line.loss, decimals: 6),
            .words(Decimals.digits(line.learningRate), .number(line.learningRate)),
            set.map { .name($0.name) } ?? .missing, .number(set?.forceError, decimals: 6),
            .number(set?.energyError, decimals: 6))
        }
        if line.validation.isEmpty { append(nil) } else { line.validation.forEach(append) }
      }
    }
    return table
  }
}

extension TrainingReport.Run {
  /// The lines with an evaluation.
  var evaluations: [TrainingMetrics] { metrics.filter { !$0.validation.isEmpty } }

  /// The evaluation with the smallest force error on the first validation set.
  var best: TrainingMetrics? {
    evaluations.filter { $0.validation[0].forceError.isFinite }
      .min { $0.validation[0].forceError < $1.validation[0].forceError }
  }

  /// The errors on the validation set called `name`, step by step.
  func errors(on name: String) -> [(step: Int, set: TrainingMetrics.Validation)] {
    metrics.compactMap { line in
      line.validation.first { $0.name == name }.map { (line.step, $0) }
    }
  }

  /// The learning rate of every step where it changes, so far as the training has come; as it was written down where
  /// the schedule is not known, or is another one than that.
  var rates: [(x: Double, y: Double)] {
    guard let schedule, let last = metrics.last,
      metrics.allSatisfy({ schedule.rate(after: $0.step - 1) == $0.learningRate })
    else { return metrics.map { (Double($0.step), $0.learningRate) } }
    var points: [(x: Double, y: Double)] = []
    for step in 0..<min(last.step, TrainingReport.Run.mostSteps) {
      let rate = schedule.rate(after: step)
      if rate != points.last?.y { points.append((Double(step), rate)) }
    }
    if let rate = points.last?.y { points.append((Double(last.step), rate)) }
    return points
  }

  /// No training is longer.
  private static let mostSteps = 100_000_000
}
