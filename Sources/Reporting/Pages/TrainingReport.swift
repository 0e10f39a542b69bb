// SPDX-License-Identifier: MIT

import Training

/// A training as a page with its curves.
public struct TrainingReport: Sendable {
  private let title: String
  private let metrics: [TrainingMetrics]
  private let timings: [TrainingTiming]
  private let configuration: String

  /// A report on the training called `title`.
  ///
  /// - Parameter configuration: its configuration file, shown as it is.
  public init(
    title: String, metrics: [TrainingMetrics], timings: [TrainingTiming], configuration: String
  ) {
    (self.title, self.metrics, self.timings) = (title, metrics, timings)
    self.configuration = configuration
  }

  /// The lines with an evaluation.
  private var evaluations: [TrainingMetrics] { metrics.filter { !$0.validation.isEmpty } }

  /// The evaluation with the smallest error on the first validation set.
  private var best: TrainingMetrics? {
    evaluations.filter { $0.validation[0].forceError.isFinite }
      .min { $0.validation[0].forceError < $1.validation[0].forceError }
  }

  /// The page as one HTML file, without anything from elsewhere.
  public func html() -> String {
    var body = "<div class=\"numbers\">\n"
    if let best {
      body += HTMLPage.number(
        Decimals.fixed(best.validation[0].forceError, 4),
        "eV/Å on \(HTMLText.escaped(best.validation[0].name))",
        "force MAE of the best model, of step \(best.step)")
    }
    if let last = metrics.last {
      body += HTMLPage.number("\(last.step)", "steps", "taken so far")
    }
    if let last = timings.last {
      let isShort = last.seconds < 360
      body += HTMLPage.number(
        isShort ? Decimals.fixed(last.seconds / 60, 1) : Decimals.fixed(last.seconds / 3600, 2),
        isShort ? "minutes" : "hours",
        "\(Decimals.fixed(last.framesPerSecond, 1)) frames/s at the end")
    }
    body += "</div>\n" + HTMLPage.plots(plots)
    if let best {
      var table = ResultTable(
        "best", caption: "The best model",
        columns: [
          .init("validation set", .left, key: "name"),
          .init("force MAE", unit: "eV/Å", key: "force_mae"),
        ])
      for set in best.validation {
        table.append(.name(set.name), .number(set.forceError, decimals: 5))
      }
      body += table.html()
    }
    body += "<h2>Configuration</h2>\n<pre>\(HTMLText.escaped(configuration))</pre>\n"
    return HTMLPage(title: title, body: body).text()
  }

  private var plots: [Plot] {
    var plots = [
      Plot(
        title: "Loss", xLabel: "step", yLabel: "mean loss (eV/Å)",
        points: metrics.map { (Double($0.step), $0.loss) })
    ]
    for (number, set) in (evaluations.first?.validation ?? []).enumerated() {
      plots.append(
        Plot(
          title: "Force MAE on \(set.name)", xLabel: "step", yLabel: "force MAE (eV/Å)",
          points: evaluations.compactMap { line in
            line.validation.indices.contains(number)
              ? (Double(line.step), line.validation[number].forceError) : nil
          }))
    }
    plots.append(
      Plot(
        title: "Learning rate", xLabel: "step", yLabel: "learning rate",
        points: metrics.map { (Double($0.step), $0.learningRate) }))
    plots.append(
      Plot(
        title: "Time", xLabel: "step", yLabel: "minutes",
        points: timings.map { (Double($0.step), $0.seconds / 60) }))
    return plots.map { $0.bySteps() }
  }
}
