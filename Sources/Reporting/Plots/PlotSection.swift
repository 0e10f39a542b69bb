// SPDX-License-Identifier: MIT

/// Plots in a page, and what a page with plots needs.
enum PlotSection {
  /// Plots side by side, as many as fit; those in which there is nothing to see are left out.
  static func html(_ plots: [any PlotDrawing]) -> String {
    let telling = plots.filter(\.isTelling)
    guard !telling.isEmpty else { return "" }
    return "<div class=\"plots\">\n"
      + telling.map { "<figure>\($0.svg())</figure>\n" }.joined() + "</div>\n"
  }

  /// Style sheets of a page with plots: colours for white and for dark pages, and `plots.css`.
  static var styles: [String] {
    let (light, dark) = (PlotLook.variables(dark: false), PlotLook.variables(dark: true))
    return [
      """
      :root { \(light) }
      @media screen and (prefers-color-scheme: dark) { :root { \(dark) } }

      """, String(decoding: PackageResources.plots_css, as: UTF8.self),
    ]
  }

  /// Scripts of a page with plots.
  static var scripts: [String] { [String(decoding: PackageResources.plots_js, as: UTF8.self)] }
}
