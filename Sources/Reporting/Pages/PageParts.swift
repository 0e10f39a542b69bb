// SPDX-License-Identifier: MIT

/// A page as it is put together: sections with headings, each with an entry in the line at its top.
struct PageParts {
  private let title: String
  private var body = ""
  private var sections: [(id: String, name: String)] = []
  private var styles: [String] = []
  private var scripts: [String] = []
  private var hasPlots = false

  /// More rows than this a table of a page has not; all are in the JSON and the CSV.
  static let listed = 20_000

  /// A page without anything below its title.
  init(title: String) { self.title = title }

  /// Adds HTML without a heading.
  mutating func add(_ html: String) { body += html }

  /// Adds a section, unless it is empty.
  mutating func section(_ id: String, _ name: String, _ html: String) {
    guard !html.isEmpty else { return }
    sections.append((id, name))
    body += "<h2 id=\"\(id)\">\(HTMLText.escaped(name))</h2>\n" + html
  }

  /// Adds plots, those in which there is something to see.
  mutating func plots(
    _ plots: [any PlotDrawing], _ id: String = "plots", _ name: String = "Plots"
  ) {
    section(id, name, PlotSection.html(plots))
    guard !hasPlots else { return }
    hasPlots = true
    styles += PlotSection.styles
    scripts += PlotSection.scripts
  }

  /// Adds structures to look at.
  mutating func viewer(_ gallery: StructureGallery?) {
    guard let gallery, !gallery.isEmpty else { return }
    sections.append(("structures", "structures"))
    styles.append(ViewerSection.style)
    scripts.append(ViewerSection.script)
    body += ViewerSection(gallery).html()
  }

  /// The whole page.
  func text() -> String {
    var nav = ""
    if sections.count > 1 {
      nav =
        "<nav aria-label=\"Sections\">"
        + sections.map { "<a href=\"#\($0.id)\">\(HTMLText.escaped($0.name.lowercased()))</a>" }
        .joined(separator: " · ") + "</nav>\n"
    }
    return HTMLPage(title: title, body: nav + body, styles: styles, scripts: scripts).text()
  }
}
