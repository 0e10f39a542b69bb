// SPDX-License-Identifier: MIT

import Files

/// Results in every form: what all reports have that make a page.
public protocol PageReport {
  /// The page: needs nothing else, network least of all.
  func html() -> String
  /// The tables as Markdown.
  func markdown() -> String
  /// Everything, for programs.
  var json: JSONText { get }
  /// Every table by itself.
  var tableSet: TableSet { get }
  /// All plots as files of their own, by name without extension.
  func figures(_ format: PlotFormat) -> [(name: String, svg: String)]
}

extension Sequence where Element == (name: String, plot: any PlotDrawing) {
  /// These plots as files, those in which there is something to see.
  func files(_ format: PlotFormat) -> [(name: String, svg: String)] {
    filter(\.plot.isTelling).enumerated().map { index, figure in
      (figure.name, figure.plot.file(format, index: index))
    }
  }
}
