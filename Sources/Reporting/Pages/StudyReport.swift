// SPDX-License-Identifier: MIT

import Files
import Scoring
import StructureFiles

/// A relaxation study as one page: how good the relaxed structures are, how they came about, what they
/// cost, and what they look like.
public struct StudyReport: Sendable {
  /// A way to relax, beside others.
  public struct Method: Sendable {
    /// Usually a file name.
    public var name: String
    /// How good its structures are.
    public var score: RelaxationScore
    /// Seconds a structure, if known.
    public var seconds: Double?
    /// The score after each step, if trajectories are known.
    public var curves: StepCurves?

    /// A way to relax.
    public init(
      name: String, score: RelaxationScore, seconds: Double? = nil, curves: StepCurves? = nil
    ) {
      (self.name, self.score, self.seconds) = (name, score, seconds)
      self.curves = curves ?? score.curves
    }
  }

  /// The score that the page is about.
  public let score: ScoreReport
  /// All ways to relax, that one first.
  public let methods: [Method]
  /// What trajectories say, if there are any.
  public let paths: PathRecords?
  /// Structures to look at; nil leaves them out.
  public let gallery: StructureGallery?

  /// A report on `score`.
  public init(
    _ score: ScoreReport, methods: [Method], paths: PathRecords? = nil,
    gallery: StructureGallery? = nil
  ) {
    (self.score, self.methods, self.paths, self.gallery) = (score, methods, paths, gallery)
  }

  /// The page: needs nothing else, network least of all.
  public func html() -> String {
    var body = "<nav aria-label=\"Sections\">"
    body +=
      ["scores", "plots", "structures", "all"].filter {
        $0 != "structures" || showsStructures
      }.map { "<a href=\"#\($0)\">\($0)</a>" }.joined(separator: " · ") + "</nav>\n"
    body += "<div class=\"numbers\">\n"
    body += HTMLPage.number(
      Decimals.percent((score.score.average ?? score.score.overall).adwt), "ADwT",
      "of structures within distance limits, on average")
    if let afbt = (score.score.average ?? score.score.overall).afbt {
      body += HTMLPage.number(
        Decimals.percent(afbt), "AFbT", "of structures with forces below limits, on average")
    }
    body += "</div>\n<h2 id=\"scores\">Scores</h2>\n"
    for (index, table) in (score.tables() + (costs.map { [$0] } ?? [])).enumerated() {
      body += table.html(hasCaption: index > 0)
    }
    body += "<h2 id=\"plots\">Plots</h2>\n" + HTMLPage.plots(StudyPlots(self).all.map(\.plot))
    if let gallery { body += ViewerSection(gallery).html() }
    body += "<h2 id=\"all\">Structures, the farthest first</h2>\n" + structures
    if !score.score.failures.isEmpty {
      var table = ScoreReport.list("failed", score.score.failures.map { ($0.id, $0.reason) })
      table.truncate(StudyReport.listed)
      body += "<h2 id=\"failed\">Failed</h2>\n" + table.html(hasCaption: false)
    }
    for (name, ids) in [
      ("Missing", score.score.missing), ("Unlabelled", score.score.unlabelled),
      ("Extra", score.score.extra),
    ] where !ids.isEmpty {
      let list = ids.prefix(StudyReport.listed).map { HTMLText.escaped(Excerpt.name($0)) }
        .joined(separator: ", ")
      let more = ids.count > StudyReport.listed ? ", … (\(ids.count) in all)" : ""
      body += "<h2>\(name)</h2>\n<p>\(list)\(more)</p>\n"
    }
    return HTMLPage(
      title: score.title, body: body, styles: showsStructures ? [ViewerSection.style] : [],
      scripts: showsStructures ? [ViewerSection.script] : []
    ).text()
  }

  /// The same as Markdown, without pictures.
  public func markdown() -> String {
    score.markdown() + (costs.map { "\n" + $0.markdown() } ?? "")
  }

  /// The names that figures can have.
  public static let figureNames = StudyPlots.names

  /// All plots as files of their own, by name without extension.
  public func figures() -> [(name: String, svg: String)] {
    StudyPlots(self).all.map { ($0.name, $0.plot.file()) }
  }

  /// The score and what all methods cost, for programs.
  public var json: JSONText {
    guard case .object(var members) = score.json else { return score.json }
    members.append(
      .init(
        "methods",
        .array(
          methods.map {
            [
              "name": .string($0.name), "seconds": JSONText($0.seconds),
              "adwt": .number(($0.score.average ?? $0.score.overall).adwt),
              "afbt": JSONText(($0.score.average ?? $0.score.overall).afbt),
            ]
          })))
    return .object(members)
  }

  /// More structures than this are not listed one by one in the page; all are in the JSON.
  private static let listed = 20_000

  private var showsStructures: Bool { gallery?.isEmpty == false }

  /// All methods side by side, if there is more than one or a cost.
  var costs: ResultTable? {
    guard methods.count > 1 || methods.contains(where: { $0.seconds != nil }) else { return nil }
    var table = ResultTable(
      "methods", title: "Quality and cost",
      columns: [
        .init("", .left, key: "name"), .init("ADwT", key: "adwt"), .init("AFbT", key: "afbt"),
        .init("converged", key: "converged"), .init("seconds a structure", key: "seconds"),
      ])
    for method in methods {
      let summary = method.score.average ?? method.score.overall
      table.append(
        .text(method.name), .share(summary.adwt), .share(summary.afbt),
        .share(summary.converged), .number(method.seconds, decimals: 4))
    }
    return table
  }

  /// Everything by itself: structure by structure, the scores, and what all methods cost.
  public var tableSet: TableSet {
    let set = score.tableSet
    return TableSet(main: set.main, others: set.others + (costs.map { [$0] } ?? []))
  }

  /// The names that tables of `tableSet` can have.
  public static let tableNames = ScoreReport.tableNames + ["methods"]

  /// Structure by structure, with links to those that the viewer has.
  private var structures: String {
    let entries = score.score.farthestFirst
    let numbers = gallery?.numbers ?? [:]
    var table = StructureTable(score: score.score).table(of: entries) { numbers[$0.id] }
    table.truncate(StudyReport.listed)
    return table.html(hasCaption: false)
  }
}

extension RelaxationScore {
  /// Structures by their distance, those without one first: they are the worst.
  public var farthestFirst: [Entry] {
    structures.enumerated().sorted {
      let (a, b) = ($0.element.distance ?? .infinity, $1.element.distance ?? .infinity)
      return a == b ? $0.offset < $1.offset : a > b
    }.map(\.element)
  }
}
