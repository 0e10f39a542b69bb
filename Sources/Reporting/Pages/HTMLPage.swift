// SPDX-License-Identifier: MIT

/// A page that needs nothing else: no fonts, no network, and scripts only inside; prints well.
struct HTMLPage {
  /// What stands in the tab of the browser and above everything.
  var title: String
  /// HTML below the title.
  var body = ""
  /// More style sheets.
  var styles: [String] = []
  /// More scripts, which run in this order when everything else is there.
  var scripts: [String] = []

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
      \(styles.joined(separator: "\n"))</style>
      </head>
      <body>
      <h1>\(title)</h1>
      \(body)\(scripts.map { "<script>\n\($0)</script>\n" }.joined())</body>
      </html>

      """
  }

  /// A number that stands out, with what it means.
  static func number(_ value: String, _ name: String, _ meaning: String) -> String {
    "<p><b>\(value)</b> \(name)<br><small>\(HTMLText.escaped(meaning))</small></p>\n"
  }

  /// Plots side by side, as many as fit.
  static func plots(_ plots: [any PlotDrawing]) -> String { PlotSection.html(plots) }

  private static let sheet = """
    :root { color-scheme: light dark; --text: #1c2430; --back: #fff; --faint: #5b6675;
      --rule: #e3e7ec; --link: #175a94; }
    @media (prefers-color-scheme: dark) { :root { --text: #e6e9ee; --back: #15191f;
      --faint: #a3adb9; --rule: #333b46; --link: #7db8ee; } }
    body { font: 15px/1.5 system-ui, sans-serif; max-width: 62rem; margin: 2rem auto;
      padding: 0 1rem; color: var(--text); background: var(--back); }
    a { color: var(--link); }
    h1 { font-size: 1.3rem; font-weight: 600; overflow-wrap: anywhere; }
    h2 { font-size: 1.05rem; font-weight: 600; margin-top: 2rem; break-after: avoid; }
    small { color: var(--faint); }
    .numbers { display: flex; flex-wrap: wrap; gap: 0 3rem; }
    .numbers b { font-size: 2rem; font-weight: 600; font-variant-numeric: tabular-nums; }
    .table { overflow-x: auto; margin: 1rem 0; }
    pre { overflow-x: auto; }
    table { border-collapse: collapse; }
    th, td { text-align: left; padding: .15rem 1.2rem .15rem 0; border-bottom: 1px solid var(--rule);
      vertical-align: top; }
    th, .number, td:first-child { white-space: nowrap; }
    .number { text-align: right; font-variant-numeric: tabular-nums; }
    @media print { :root { --text: #000; --back: #fff; --faint: #444; --rule: #ccc; --link: #000; }
      body { margin: 0; max-width: none; font-size: 11px; } tr { break-inside: avoid; }
      .table { overflow: visible; }
      th, td { padding: .1rem .7rem .1rem 0; } }
    """
}
