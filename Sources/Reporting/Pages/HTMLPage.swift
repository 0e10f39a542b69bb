// SPDX-License-Identifier: MIT

/// A page that needs nothing else: no fonts, no network, and scripts only inside; prints well.
///
/// Every page has `page.css` and `tables.js`; what else it needs is added as `styles` and `scripts`, which
/// are files of the folder `Resources`, kept in the binary.
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
    let styles = [HTMLPage.resource(PackageResources.page_css)] + self.styles
    let scripts = [HTMLPage.resource(PackageResources.tables_js)] + self.scripts
    return """
      <!DOCTYPE html>
      <html lang="en">
      <head>
      <meta charset="utf-8">
      <meta name="viewport" content="width=device-width, initial-scale=1">
      <title>\(title)</title>
      <style>
      \(styles.joined(separator: "\n"))</style>
      </head>
      <body>
      <h1>\(title)</h1>
      \(body)\(scripts.map { "<script>\n\($0)</script>\n" }.joined())</body>
      </html>

      """
  }

  /// A file of the folder `Resources` as text.
  static func resource(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }

  /// A number that stands out, with what it means.
  static func number(_ value: String, _ name: String, _ meaning: String) -> String {
    "<p><b>\(value)</b> \(name)<br><small>\(HTMLText.escaped(meaning))</small></p>\n"
  }

  /// Plots side by side, as many as fit.
  static func plots(_ plots: [Plot]) -> String {
    "<div class=\"plots\">\n" + plots.map { $0.svg() }.joined(separator: "\n") + "\n</div>\n"
  }
}
