// SPDX-License-Identifier: MIT

/// A page that needs nothing else: no fonts, no network, and scripts only inside; prints well.
struct HTMLPage {
  /// What stands in the tab of the browser and above everything.
  var title: String
  /// HTML below the title.
  var body = ""
  /// More rules for the style sheet.
  var style = ""

  /// The page as text.
  func text() -> String {
    let title = HTMLText.escaped(title)
    return """
      <!DOCTYPE html>
      <html lang="en">
      <head>
      <meta charset="utf-8">
      <meta name="viewport" content="width=device-width, initial-scale=1">
      <title>\(title)</title>
      <style>
      \(HTMLPage.sheet)
      \(style)
      </style>
      </head>
      <body>
      <h1>\(title)</h1>
      \(body)</body>
      </html>

      """
  }

  /// A number that stands out, with what it means.
  static func number(_ value: String, _ name: String, _ meaning: String) -> String {
    "<p><b>\(value)</b> \(name)<br><small>\(HTMLText.escaped(meaning))</small></p>\n"
  }

  /// Plots side by side, as many as fit.
  static func plots(_ plots: [Plot]) -> String {
    "<div class=\"plots\">\n" + plots.map { $0.svg() }.joined(separator: "\n") + "\n</div>\n"
  }

  private static let sheet = """
    body { font: 15px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto;
      padding: 0 1rem; color: #1c2430; background: #fff; }
    h1 { font-size: 1.3rem; font-weight: 600; overflow-wrap: anywhere; }
    h2 { font-size: 1.05rem; font-weight: 600; margin-top: 2rem; break-after: avoid; }
    small { color: #5b6675; }
    .numbers { display: flex; flex-wrap: wrap; gap: 0 3rem; }
    .numbers b { font-size: 2rem; font-weight: 600; font-variant-numeric: tabular-nums; }
    .plots { display: grid; grid-template-columns: repeat(auto-fit, minmax(22rem, 1fr)); gap: 1rem; }
    table { border-collapse: collapse; margin: 1rem 0; }
    th, td { text-align: left; padding: .15rem 1.2rem .15rem 0; border-bottom: 1px solid #e3e7ec;
      overflow-wrap: anywhere; }
    .number { text-align: right; font-variant-numeric: tabular-nums; }
    svg { width: 100%; height: auto; break-inside: avoid; }
    svg text { font-size: 12px; fill: #5b6675; }
    svg .title { font-size: 14px; fill: #1c2430; }
    .grid { stroke: #e3e7ec; fill: none; }
    @media print { body { margin: 0; max-width: none; font-size: 11px; } tr { break-inside: avoid; } }
    """
}
