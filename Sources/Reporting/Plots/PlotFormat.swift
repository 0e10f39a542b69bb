// SPDX-License-Identifier: MIT

/// How large plots are drawn, and what is written on them.
public struct PlotFormat: Hashable, Sendable {
  /// What stands above a plot.
  public enum Heading: String, Hashable, Sendable, CaseIterable {
    /// Its title.
    case titles
    /// `a)`, `b)` and so on, for papers, which have titles in captions.
    case letters
    /// Nothing.
    case none
  }

  /// Width in units of the drawing: pixels of pages, points of figures.
  public var width: Double
  /// Height in the same units; nil for as much as there is to show.
  public var height: Double?
  /// Size of letters in the same units.
  public var fontSize: Double
  /// What stands above a plot.
  public var heading: Heading
  /// Whether the drawing is a file of its own, with everything in it, or part of a page, whose style
  /// sheet gives colours.
  let isFile: Bool

  /// Inside a page, which scales a plot to about this many pixels, so that letters are as large as its own.
  static let page = PlotFormat(
    width: 480, height: nil, fontSize: 13, heading: .titles, isFile: false)

  private init(width: Double, height: Double?, fontSize: Double, heading: Heading, isFile: Bool) {
    (self.width, self.height, self.fontSize) = (width, height, fontSize)
    (self.heading, self.isFile) = (heading, isFile)
  }

  /// A figure.
  ///
  /// - Parameters:
  ///   - width: in points (1/72 inch).
  ///   - height: in points; nil for as much as there is to show.
  ///   - fontSize: of letters, in points.
  public init(width: Double, height: Double? = nil, fontSize: Double, heading: Heading) {
    self.init(
      width: width, height: height, fontSize: fontSize, heading: heading, isFile: true)
  }

  /// What figures are unless somebody says otherwise: half a page wide, as columns of journals are.
  public static let figure = PlotFormat(
    width: 8.5 * PlotFormat.centimetre, height: 6.5 * PlotFormat.centimetre, fontSize: 8,
    heading: .none)

  /// Points of a centimetre.
  public static let centimetre = 72 / 2.54

  /// So many times the size of letters.
  func em(_ factor: Double) -> Double { factor * fontSize }

  /// The words above a plot with this title that is number `index` of several.
  func heading(_ title: String, _ index: Int) -> String {
    switch heading {
    case .titles: return title
    case .none: return ""
    case .letters:
      var (rest, letters) = (index, "")
      repeat {
        letters = String(UnicodeScalar(UInt8(97 + rest % 26))) + letters
        rest = rest / 26 - 1
      } while rest >= 0
      return letters + ")"
    }
  }

  /// Fonts of figures, the common ones of papers before any other.
  private static let fonts =
    "Helvetica, Arial, 'Liberation Sans', 'Nimbus Sans', 'DejaVu Sans', sans-serif"

  /// A drawing as `<svg>` with what is in it.
  ///
  /// - Parameters:
  ///   - height: of the drawing, in its units.
  ///   - attributes: more attributes of the element, beginning with a blank.
  func element(title: String, height: Double, attributes: String = "", _ parts: [String]) -> String
  {
    let name = HTMLText.escaped(title)
    let size = "\(Decimals.short(width)) \(Decimals.short(height))"
    let body = "<title>\(name)</title>\n" + parts.filter { !$0.isEmpty }.joined(separator: "\n")
    guard isFile else {
      return "<svg class=\"plot\" viewBox=\"0 0 \(size)\" role=\"img\" aria-label=\"\(name)\""
        + "\(attributes)>\(body)</svg>"
    }
    let style =
      "<style>text{font-family:\(PlotFormat.fonts);font-size:\(Decimals.short(fontSize))px;fill:#222}"
      + ".title{font-size:\(Decimals.short(em(1.1)))px;fill:#000}.grid{stroke:#dcdfe3;fill:none}"
      + ".axis{stroke:#8a929c;fill:none}</style>"
    // Inches and centimetres are the only units that all programs take alike.
    let (across, down) = (
      Decimals.fixed(width / PlotFormat.centimetre, 3),
      Decimals.fixed(height / PlotFormat.centimetre, 3)
    )
    return "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
      + "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"\(across)cm\" height=\"\(down)cm\" "
      + "viewBox=\"0 0 \(size)\">\(style)\n"
      + "<rect width=\"\(Decimals.short(width))\" height=\"\(Decimals.short(height))\" fill=\"#fff\"/>"
      + "\(body)</svg>\n"
  }
}

/// Whatever can stand among the plots of a page or become a figure.
protocol PlotDrawing: Sendable {
  /// What it shows.
  var title: String { get }
  /// Whether there is something to see: one point is no plot.
  var isTelling: Bool { get }
  /// The drawing, as number `index` of several.
  func drawn(in format: PlotFormat, index: Int) -> String
}

extension PlotDrawing {
  /// The plot as `<svg>`, scaled to the width of what it stands in.
  func svg() -> String { drawn(in: .page, index: 0) }

  /// The plot as a file of its own.
  func file(_ format: PlotFormat = .figure, index: Int = 0) -> String {
    drawn(in: format, index: index)
  }
}
