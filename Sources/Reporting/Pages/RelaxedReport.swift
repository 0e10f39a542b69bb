// SPDX-License-Identifier: MIT

import Files
import Relaxation
import Scoring
import StructureFiles

/// Relaxed structures as one page, without references: how they ended and why, what they cost, what they look like.
public struct RelaxedReport: Sendable, PageReport {
  /// The structures.
  public let relaxed: RelaxedSet
  /// What was run.
  public let head: PageHead
  /// What trajectories say, if there are any.
  public let paths: PathRecords?
  /// Structures to look at.
  public let gallery: StructureGallery?

  /// A report on `relaxed`.
  public init(
    _ relaxed: RelaxedSet, head: PageHead, paths: PathRecords? = nil,
    gallery: StructureGallery? = nil
  ) {
    (self.relaxed, self.head, self.paths, self.gallery) = (relaxed, head, paths, gallery)
  }

  private var title: String {
    relaxed.files.count == 1
      ? Excerpt.name(relaxed.files[0]) : "\(relaxed.files.count) files of relaxed structures"
  }

  private func isShown(_ number: Int) -> Bool { gallery?.shows(number) ?? false }

  private var tables: RelaxedTables { RelaxedTables(relaxed: relaxed, isShown: isShown) }

  /// Every table by itself.
  public var tableSet: TableSet { tables.all }

  /// The names that tables can have.
  public static let tableNames = RelaxedTables.names
  /// The names that figures can have.
  public static let figureNames = RelaxedPlots.names

  /// All plots by name.
  var plots: [(name: String, plot: any PlotDrawing)] {
    RelaxedPlots(relaxed: relaxed, paths: paths, isShown: isShown).all
  }

  /// All plots as files of their own, by name without extension.
  public func figures(_ format: PlotFormat) -> [(name: String, svg: String)] {
    plots.files(format)
  }

  /// The page: needs nothing else, network least of all.
  public func html() -> String {
    let tables = tables
    var page = PageParts(title: title)
    page.add(head.html())
    page.add(numbers)
    let troubles = tables.troubles
    if !troubles.rows.isEmpty {
      page.section(
        "troubles", "To look into", troubles.html(hasCaption: false, listed: PageParts.listed))
    }
    page.section(
      "results", "Results",
      ([tables.statuses, tables.spread] + (tables.anomalies.map { [$0] } ?? [])).map { $0.html() }
        .joined())
    page.plots(plots.map(\.plot))
    page.viewer(gallery)
    page.section(
      "all", "All structures",
      "<p>What needs a look first.</p>\n"
        + tables.structures.html(hasCaption: false, listed: PageParts.listed))
    return page.text()
  }

  /// The tables as Markdown.
  public func markdown() -> String {
    let tables = tables
    let all =
      [tables.statuses, tables.troubles, tables.spread] + (tables.anomalies.map { [$0] } ?? [])
    return "# \(ResultTable.markdown(title))\n\n"
      + all.filter { !$0.rows.isEmpty }.map { table in
        var table = table
        table.title = table.caption
        return table.markdown()
      }.joined(separator: "\n")
  }

  private var numbers: String {
    let all = relaxed.entries.count
    let converged = relaxed.count(.converged)
    var text = "<div class=\"numbers\">\n"
    text += HTMLPage.number("\(all)", all == 1 ? "structure" : "structures", "in the files")
    if relaxed.entries.contains(where: { $0.status != nil }) {
      text += HTMLPage.number(
        Decimals.percent(Double(converged) / Double(max(1, all))), "converged",
        "\(converged) of \(all): the largest force on a free atom is below the limit")
    }
    let steps = relaxed.entries.compactMap(\.steps).map(Double.init).sorted()
    if !steps.isEmpty {
      text += HTMLPage.number(
        Decimals.short(Quantile.of(steps, 0.5)), "steps", "of a structure, the median")
    }
    let seconds = relaxed.entries.compactMap(\.seconds)
    if !seconds.isEmpty {
      let (time, unit) = Decimals.duration(seconds.reduce(0, +))
      text += HTMLPage.number(time, unit, "of all structures' relaxations together")
    }
    return text + "</div>\n"
  }

  /// Everything, for programs: eV, Å, eV/Å, seconds; `null` for what is not known.
  public var json: JSONText {
    .object([
      .init("structures", .array(relaxed.entries.map(described))),
      .init(
        "statuses",
        .object(
          RelaxationStatus.allCases.map { .init($0.rawValue, .integer(relaxed.count($0))) })),
      .init("unknown", .integer(relaxed.count(nil))),
      .init("runs", head.json),
    ])
  }

  private func described(_ entry: RelaxedSet.Entry) -> JSONText {
    [
      "id": .string(entry.id), "file": .string(relaxed.files[entry.file]),
      "formula": entry.atoms > 0 ? .string(entry.formula) : nil,
      "atoms": entry.atoms > 0 ? .integer(entry.atoms) : nil,
      "energy": JSONText(entry.energy), "energy_change": JSONText(entry.energyChange),
      "fmax": JSONText(entry.fmax), "steps": entry.steps.map { .integer($0) } ?? nil,
      "evaluations": entry.evaluations.map { .integer($0) } ?? nil,
      "seconds": JSONText(entry.seconds),
      "status": entry.status.map { .string($0.rawValue) } ?? nil,
      "anomalies": entry.anomalies.map { found in
        JSONText(Anomaly.allCases.filter(found.contains).map(\.rawValue))
      } ?? nil,
      "reason": entry.reason.map { .string($0) } ?? nil,
    ]
  }
}
