// SPDX-License-Identifier: MIT

import Scoring

/// The plots of an evaluation.
struct ErrorPlots {
  private let score: EvaluationScore

  /// The plots of `score`.
  init(_ score: EvaluationScore) { self.score = score }

  /// The names that plots can have, in the order of `all`.
  static let names = ["force-errors", "energy-errors", "rotation-instability"]

  /// Those for which there is something to draw.
  var all: [(name: String, plot: IntervalPlot)] {
    [
      ("force-errors", forces),
      (
        "energy-errors",
        one("Mean energy errors", "energy MAE (eV)") { $0.energyError }
      ),
      (
        "rotation-instability",
        one("Forces while the structure turns", "deviation (eV/Å)") { $0.rotationInstability }
      ),
    ].filter { $0.1.isTelling }
  }

  /// The error of each split, beside those of two constants.
  private var forces: IntervalPlot {
    let kinds: [(String, (SplitMetrics) -> Double)] = [
      (score.provider, { $0.forceError }), ("median force", { $0.medianBaseline }),
      ("no force", { $0.zeroBaseline }),
    ]
    var plot = IntervalPlot(
      title: "Mean force errors", xLabel: "force MAE (eV/Å)",
      rows: score.splits.filter { $0.frames > 0 }.flatMap { split in
        kinds.enumerated().map { set, kind in
          IntervalPlot.Row(
            name: split.name, value: kind.1(split.metrics), set: set, note: kind.0)
        }
      })
    plot.sets = kinds.map(\.0)
    return plot
  }

  private func one(
    _ title: String, _ label: String, _ value: (SplitMetrics) -> Double
  ) -> IntervalPlot {
    IntervalPlot(
      title: title, xLabel: label,
      rows: score.splits.filter { value($0.metrics).isFinite }.map {
        IntervalPlot.Row(name: $0.name, value: value($0.metrics))
      })
  }
}

extension EvaluationReport {
  /// The names that figures can have.
  public static let figureNames = ErrorPlots.names

  /// All plots as files of their own, by name without extension.
  public func figures(_ format: PlotFormat = .figure) -> [(name: String, svg: String)] {
    ErrorPlots(score).all.enumerated().map { index, figure in
      (figure.name, figure.plot.file(format, index: index))
    }
  }
}
