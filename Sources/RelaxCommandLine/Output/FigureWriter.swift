// SPDX-License-Identifier: MIT

import Files
import Reporting

/// Writes plots as files: SVG by itself, PDF and PNG with librsvg's `rsvg-convert`.
struct FigureWriter {
  /// How plots are drawn.
  let format: PlotFormat
  private let folder: String
  private let kind: FigureOptions.Format
  private let converter: ProgramFilter?

  /// A writer into `folder`.
  ///
  /// - Throws: 66 if `kind` needs a program that is not there.
  init(folder: String, kind: FigureOptions.Format, format: PlotFormat, dpi: Double) throws {
    (self.folder, self.kind, self.format) = (folder, kind, format)
    guard kind != .svg else {
      converter = nil
      return
    }
    guard var program = ProgramFilter(named: "rsvg-convert") else {
      throw CommandFailure(
        .noInput,
        "--figure-format \(kind.rawValue) needs the program rsvg-convert, which is not on the PATH "
          + "(Debian's package librsvg2-bin); --figure-format svg needs nothing")
    }
    // Short names, which all its versions know. A point is a point in PDF.
    let resolution = kind == .pdf ? "72" : "\(dpi)"
    program.arguments = ["-f", kind.rawValue, "-d", resolution, "-p", resolution]
    // Without it a PDF holds the time, and equal plots are unequal files.
    program.variables = ["SOURCE_DATE_EPOCH": "0"]
    converter = program
  }

  /// The name of the file of the plot `name`.
  func fileName(_ name: String) -> String { "\(name).\(kind.rawValue)" }

  /// Writes all of `figures`.
  ///
  /// - Throws: 74 if the program fails, and as `OutputFile`.
  func write(_ figures: [(name: String, svg: String)], to outputs: Outputs) throws {
    if figures.isEmpty {
      Console.error("relax: \(folder): no plot has anything to show, so there are no figures")
    }
    for figure in figures {
      var bytes = Array(figure.svg.utf8)
      if let converter {
        do throws(ProgramFilter.Failure) { bytes = try converter.result(of: bytes) } catch {
          throw CommandFailure(
            .cannotWrite,
            "\(converter.path) made no \(kind.rawValue) of \(figure.name): \(error.reason)")
        }
      }
      try outputs.write(bytes, to: "\(folder)/\(fileName(figure.name))")
    }
  }
}
