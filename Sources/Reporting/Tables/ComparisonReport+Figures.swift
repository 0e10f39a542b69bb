// SPDX-License-Identifier: MIT

extension ComparisonReport {
  /// The names that figures can have.
  public static let figureNames = ComparisonPlots.names + StudyPlots.shared

  /// Differences with their intervals, then the curves and costs of all `methods`.
  func plots(of methods: [StudyReport.Method]) -> [(name: String, plot: any PlotDrawing)] {
    let differences = ComparisonPlots(
      first: first.name, pairs: [.init(name: second.name, rows: rows)],
      confidence: comparison.confidence
    ).differences
    guard let main = methods.first else { return differences }
    let study = StudyReport(
      ScoreReport(main.score, predicted: main.name, reference: reference), methods: methods)
    let curves = StudyPlots(study).all.filter { StudyPlots.shared.contains($0.name) }
    return differences + curves
  }

  /// All plots as files of their own, by name without extension.
  public func figures(
    of methods: [StudyReport.Method], _ format: PlotFormat = .figure
  ) -> [(name: String, svg: String)] {
    plots(of: methods).filter(\.plot.isTelling).enumerated().map { index, figure in
      (figure.name, figure.plot.file(format, index: index))
    }
  }
}
