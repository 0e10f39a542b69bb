// SPDX-License-Identifier: MIT

import ArgumentParser
import Files
import Reporting

/// `--figures`, and what figures look like: on every command that has plots.
struct FigureOptions: ParsableArguments {
  @Option(help: "Write every plot as a file of its own into this folder.")
  var figures: String?

  @Option(
    help: ArgumentHelp(
      "svg, pdf or png; the last two are made by rsvg-convert (default: svg).",
      valueName: "svg|pdf|png"))
  var figureFormat: Format?

  @Option(
    help: ArgumentHelp(
      "Width and height of figures, such as 8.5x6.5cm or 3.3x2.5in; a width alone takes as much height "
        + "as there is to show (default: 8.5x6.5cm).", valueName: "size"))
  var figureSize: Size?

  @Option(help: ArgumentHelp("Size of the letters of figures in points (default: 8).", .number))
  var fontSize: Double?

  @Option(
    help: ArgumentHelp(
      "What stands above a figure: titles, letters (a), b), …) or none (default: none, since papers "
        + "have captions).", valueName: "titles|letters|none"))
  var figureLabels: PlotFormat.Heading?

  @Option(help: ArgumentHelp("Pixels of an inch of figures as PNG (default: 300).", .number))
  var dpi: Double?

  /// What figures are written as.
  enum Format: String, ExpressibleByArgument, CaseIterable { case svg, pdf, png }

  /// How large figures are, in points.
  struct Size: ExpressibleByArgument {
    var width: Double
    var height: Double?

    /// That of `format`.
    init(_ format: PlotFormat) { (width, height) = (format.width, format.height) }

    init?(argument: String) {
      let unit = argument.suffix(2).lowercased()
      guard
        let points = ["cm": PlotFormat.centimetre, "mm": PlotFormat.centimetre / 10, "in": 72][unit]
      else { return nil }
      let sides = argument.dropLast(2).split(separator: "x", omittingEmptySubsequences: false)
        .map { side in Double(side).flatMap { $0.isFinite && $0 > 0 ? $0 * points : nil } }
      guard (1...2).contains(sides.count), let width = sides[0] else { return nil }
      self.width = width
      guard sides.count == 2 else { return }
      guard let height = sides[1] else { return nil }
      self.height = height
    }
  }

  func validate() throws {
    let others: [(String, Bool)] = [
      ("--figure-format", figureFormat != nil), ("--figure-size", figureSize != nil),
      ("--font-size", fontSize != nil), ("--figure-labels", figureLabels != nil),
      ("--dpi", dpi != nil),
    ]
    if figures == nil, let other = others.first(where: \.1) {
      throw ValidationError("\(other.0) is about figures: name a folder for them with --figures")
    }
    if let dpi {
      guard figureFormat == .png else {
        throw ValidationError("--dpi is of pixels, which only --figure-format png has")
      }
      guard (30...2400).contains(dpi) else {
        throw ValidationError("--dpi \(dpi): 30 to 2400 are possible")
      }
    }
    if let fontSize, !(4...48).contains(fontSize) {
      throw ValidationError("--font-size \(fontSize): 4 to 48 points are possible")
    }
    // Less would leave no room for a plot between its words.
    let letters = fontSize ?? PlotFormat.figure.fontSize
    let size = figureSize ?? Size(PlotFormat.figure)
    for (what, side, least) in [
      ("width", size.width, 16 * letters), ("height", size.height ?? .infinity, 12 * letters),
    ] where side < least {
      throw ValidationError(
        "--figure-size: a \(what) of \(FigureOptions.centimetres(side)) cm has no room for letters of "
          + "\(Decimals.fixed(letters, 1)) points; at least \(FigureOptions.centimetres(least)) cm are needed"
      )
    }
    if let figureSize {
      for side in [figureSize.width, figureSize.height ?? 0]
      where side > 120 * PlotFormat.centimetre {
        throw ValidationError("--figure-size: at most 120 cm are possible")
      }
    }
  }

  private static func centimetres(_ points: Double) -> String {
    Decimals.fixed(points / PlotFormat.centimetre, 1)
  }

  /// How plots are drawn.
  private var format: PlotFormat {
    let usual = PlotFormat.figure
    return PlotFormat(
      width: figureSize?.width ?? usual.width,
      height: figureSize.map(\.height) ?? usual.height, fontSize: fontSize ?? usual.fontSize,
      heading: figureLabels ?? usual.heading)
  }

  /// Declares the figures that there may be, before anything is computed.
  ///
  /// - Parameter names: without endings.
  /// - Returns: what writes them; nil if none were asked for.
  /// - Throws: 66 if a program is missing that they need.
  func declare(_ names: [String], in plan: inout OutputPlan) throws -> FigureWriter? {
    guard let figures else { return nil }
    let writer = try FigureWriter(
      folder: figures, kind: figureFormat ?? .svg, format: format, dpi: dpi ?? 300)
    plan.writes(folder: figures, names: names.map(writer.fileName), "--figures")
    return writer
  }
}

extension PlotFormat.Heading: ExpressibleByArgument {}
