// SPDX-License-Identifier: MIT

import Files
import Scoring
import StructureFiles

/// A relaxation study as one page: how good the relaxed structures are, how they came about, what they
/// cost, and what they look like.
public struct StudyReport: Sendable, PageReport {
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
  /// What was run; nil leaves the head out.
  public let head: PageHead?

  /// A report on `score`.
  public init(
    _ score: ScoreReport, methods: [Method], paths: PathRecords? = nil,
    gallery: StructureGallery? = nil, head: PageHead? = nil
  ) {
    (self.score, self.methods, self.paths) = (score, methods, paths)
    (self.gallery, self.head) = (gallery, head)
  }

  /// The page: needs nothing else, network least of all.
  public func html() -> String {
    var page = PageParts(title: score.title)
    if let head { page.add(head.html()) }
    page.add(numbers)
    page.section(
      "scores", "Scores",
      (score.tables() + (costs.map { [$0] } ?? [])).enumerated()
        .map { place, table in table.html(hasCaption: place > 0) }.joined())
    page.plots(StudyPlots(self, numbers: shownNumbers).all.map(\.plot))
    page.viewer(gallery)
    page.section("all", "All structures", "<p>The farthest first.</p>\n" + structures)
    let failures = score.score.failures
    if !failures.isEmpty {
      let table = ScoreReport.list(
        "failed", failures.map { ($0.id, $0.reason) }, number: { shownNumbers[$0] })
      page.section("failed", "Failed", table.html(hasCaption: false, listed: PageParts.listed))
    }
    for (name, ids) in [
      ("Missing", score.score.missing), ("Unlabelled", score.score.unlabelled),
      ("Extra", score.score.extra),
    ] where !ids.isEmpty {
      let list = ids.prefix(StudyReport.named).map { HTMLText.escaped(Excerpt.name($0)) }
        .joined(separator: ", ")
      let more = ids.count > StudyReport.named ? ", … (\(ids.count) in all)" : ""
      page.section(name.lowercased(), name, "<p>\(list)\(more)</p>\n")
    }
    return page.text()
  }

  private var numbers: String {
    let summary = score.score.average ?? score.score.overall
    var text = "<div class=\"numbers\">\n"
    text += HTMLPage.number(
      Decimals.percent(summary.adwt), "ADwT",
      "of structures within distance limits of their references, averaged over the limits")
    if let afbt = summary.afbt {
      text += HTMLPage.number(
        Decimals.percent(afbt), "AFbT",
        "of structures with forces below limits, averaged over the limits")
    }
    if let converged = summary.converged {
      text += HTMLPage.number(
        Decimals.percent(converged), "converged", "of those that say how they ended")
    }
    return text + "</div>\n"
  }

  /// Places among the references of the structures that the viewer has, by id.
  private var shownNumbers: [String: Int] {
    guard let gallery else { return [:] }
    return Dictionary(
      uniqueKeysWithValues: score.score.structures.enumerated().filter { gallery.shows($0.offset) }
        .map { ($0.element.id, $0.offset) })
  }

  /// The same as Markdown, without pictures.
  public func markdown() -> String {
    score.markdown() + (costs.map { "\n" + $0.markdown() } ?? "")
  }

  /// The names that figures can have.
  public static let figureNames = StudyPlots.names

  /// All plots as files of their own, by name without extension.
  public func figures(_ format: PlotFormat = .figure) -> [(name: String, svg: String)] {
    StudyPlots(self).all.enumerated().map { index, figure in
      (figure.name, figure.plot.file(format, index: index))
    }
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

  /// Ids that a list names.
  private static let named = 1000

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
    let shown = shownNumbers
    return StructureTable(score: score.score).table(of: score.score.farthestFirst) { shown[$0.id] }
      .html(hasCaption: false, listed: PageParts.listed)
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
