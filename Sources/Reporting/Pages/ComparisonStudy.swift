// SPDX-License-Identifier: MIT

import Files
import Scoring
import StructureFiles

/// Runs judged by the same references, each compared with the first one: tables for the terminal and papers, and a page.
public struct ComparisonStudy: Sendable, PageReport {
  /// All runs, the one that the others are compared with first.
  public let methods: [StudyReport.Method]
  /// Evaluations of forces a structure of each run, if known.
  public let evaluations: [Double?]
  /// Each of the others compared with the first.
  public let pairs: [ComparisonReport]
  /// What was run.
  public let head: PageHead
  /// Structures to look at, by their place among the references.
  public let gallery: StructureGallery?

  /// A study of at least two runs.
  public init(
    methods: [StudyReport.Method], evaluations: [Double?], pairs: [ComparisonReport],
    head: PageHead, gallery: StructureGallery? = nil
  ) {
    precondition(
      methods.count == pairs.count + 1 && !pairs.isEmpty, "each but the first has a pair")
    (self.methods, self.evaluations, self.pairs) = (methods, evaluations, pairs)
    (self.head, self.gallery) = (head, gallery)
  }

  /// What tables call the run at `place`: `A`, `B`, …, `Z`, `R27`, ….
  public static func letter(_ place: Int) -> String {
    place < 26
      ? String(UnicodeScalar(UInt8(ascii: "A") + UInt8(place))) : "R\(place + 1)"
  }

  private var isPair: Bool { pairs.count == 1 }
  private var reference: String { pairs[0].reference }

  private var title: String {
    isPair
      ? pairs[0].title
      : "\(methods.count) runs against \(reference), compared with \(methods[0].name) (A)"
  }

  // MARK: - Text

  /// For the terminal.
  public func text(style: ResultTable.Style = .unicode) -> String {
    guard !isPair else { return pairs[0].text(style: style) }
    var runs = self.runs
    runs.title = title
    return ([runs.text(style: style)] + pairs.map { $0.text(style: style) }).joined(separator: "\n")
  }

  /// The same as Markdown.
  public func markdown() -> String {
    guard !isPair else { return pairs[0].markdown() }
    return "# \(ResultTable.markdown(title))\n\n"
      + ([runs.markdown()] + pairs.map { "#" + $0.markdown() }).joined(separator: "\n")
  }

  // MARK: - Tables

  /// All runs side by side.
  var runs: ResultTable {
    var table = ResultTable(
      "runs", caption: "Runs, steps and cost a structure",
      columns: [
        .init("", .left, key: "letter"), .init("run", .left, key: "name"),
        .init("ADwT", key: "adwt"), .init("AFbT", key: "afbt", role: hasForces ? .plain : .hidden),
        .init("mean distance", unit: "Å", key: "mean_distance"),
        .init("converged", key: "converged"), .init("steps", key: "steps"),
        .init("seconds", key: "seconds", role: known(\.seconds)),
        .init(
          "evaluations", key: "evaluations",
          role: evaluations.contains { $0 != nil } ? .plain : .hidden),
      ])
    for (place, method) in methods.enumerated() {
      let summary = method.score.average ?? method.score.overall
      table.append(
        .text(ComparisonStudy.letter(place)), .name(method.name), .share(summary.adwt),
        .share(summary.afbt), .number(summary.meanDistance, decimals: 4),
        .share(summary.converged), .number(summary.steps, decimals: 1),
        .number(method.seconds, decimals: 4), .number(evaluations[place], decimals: 1))
    }
    return table
  }

  private var hasForces: Bool { methods.contains { $0.score.afbt != nil } }

  private func known(_ value: (StudyReport.Method) -> Double?) -> ResultTable.Role {
    methods.contains { value($0) != nil } ? .plain : .hidden
  }

  private func stacked(_ table: (ComparisonReport) -> ResultTable?) -> ResultTable? {
    let parts = pairs.compactMap { pair in table(pair).map { (pair.second.name, $0) } }
    return ResultTable.stacked(
      parts, by: ResultTable.Column("run", .left, key: "run", role: .choice))
  }

  /// Every table by itself; with several runs a table holds those of all, and says of which each row is.
  public var tableSet: TableSet {
    let others = [
      runs, stacked { $0.flipped }, stacked { $0.cost }, stacked { $0.partingTable?.table },
      stacked { $0.flipTable }, stacked { $0.partingTable?.all },
    ]
    return TableSet(
      main: stacked { $0.metrics } ?? pairs[0].metrics, others: others.compactMap { $0 })
  }

  /// The names that tables can have.
  public static let tableNames = ["runs"] + ComparisonReport.tableNames

  // MARK: - Plots

  /// The names that figures can have.
  public static let figureNames = ComparisonPlots.names + StudyPlots.shared + ["partings"]

  /// All plots as files of their own, by name without extension.
  public func figures(_ format: PlotFormat) -> [(name: String, svg: String)] {
    plots.files(format)
  }

  /// All plots by name.
  var plots: [(name: String, plot: any PlotDrawing)] {
    differences + curves + (partings.map { [("partings", $0)] } ?? [])
  }

  private var differences: [(name: String, plot: any PlotDrawing)] {
    ComparisonPlots(
      first: methods[0].name, pairs: pairs.map { .init(name: $0.second.name, rows: $0.rows) },
      confidence: pairs[0].comparison.confidence
    ).differences.map { ($0.name, $0.plot) }
  }

  private var curves: [(name: String, plot: any PlotDrawing)] {
    let study = StudyReport(
      ScoreReport(methods[0].score, predicted: methods[0].name, reference: reference),
      methods: methods, head: head)
    return StudyPlots(study).all.filter { StudyPlots.shared.contains($0.name) }
      .map { ($0.name, $0.plot) }
  }

  /// How many trajectories part after how many steps.
  private var partings: Plot? {
    let steps = pairs.flatMap { $0.partings ?? [] }.compactMap { $0.step.map(Double.init) }
    return Histogram(steps, isCut: false)?.plot(
      title: "Where trajectories part", label: "step", unit: "", counted: "structure")
  }

  // MARK: - Page

  /// The page: needs nothing else, network least of all.
  public func html() -> String {
    var page = PageParts(title: title)
    page.add(head.html())
    page.section("runs", "Runs", runs.html(hasCaption: false))
    page.plots(differences.map(\.plot), "differences", "Differences")
    let numbers = Dictionary(
      uniqueKeysWithValues: methods[0].score.structures.enumerated().map {
        ($0.element.id, $0.offset)
      })
    let number = { (id: String) -> Int? in
      numbers[id].flatMap { gallery?.shows($0) == true ? $0 : nil }
    }
    page.section(
      "metrics", "Metrics",
      pairs.map { pair in
        ([pair.metrics, pair.flipped] + (pair.cost.map { [$0] } ?? [])).map { table in
          table.html(over: isPair ? nil : pair.second.name)
        }.joined()
      }.joined())
    page.plots(curves.map(\.plot))
    page.viewer(gallery)
    if let flips = stacked({ $0.flipTable(number) }), !flips.rows.isEmpty {
      page.section("flips", "Flips", flips.html(hasCaption: false, listed: PageParts.listed))
    }
    if let parted = stacked({ $0.partingTable(number)?.table }) {
      page.plots(partings.map { [$0] } ?? [], "parted", "Where paths part")
      page.add(parted.html(hasCaption: false, listed: PageParts.listed))
    }
    return page.text()
  }

  /// Everything, for programs: of two runs as one comparison, of more as a list of them.
  public var json: JSONText {
    let runs = JSONText.array(
      methods.enumerated().map { place, method in
        let summary = method.score.average ?? method.score.overall
        return [
          "letter": .string(ComparisonStudy.letter(place)), "name": .string(method.name),
          "adwt": .number(summary.adwt), "afbt": JSONText(summary.afbt),
          "mean_distance": JSONText(summary.meanDistance),
          "converged": JSONText(summary.converged), "steps": JSONText(summary.steps),
          "seconds": JSONText(method.seconds), "evaluations": JSONText(evaluations[place]),
        ]
      })
    if isPair, case .object(let members) = pairs[0].json {
      return .object(members + [.init("runs", runs)])
    }
    return ["runs": runs, "comparisons": .array(pairs.map(\.json))]
  }
}

extension ComparisonStudy {
  /// Places among the references and ids, those first that pass a limit in one run only, then by how much farther from
  /// the reference one run is than another.
  public static func order(_ pairs: [ComparisonReport]) -> [(number: Int, id: String)] {
    let flipped = Set(pairs.flatMap(\.flips).flatMap(\.structures).map(\.id))
    let first = pairs[0].comparison.first.structures
    let gaps = first.indices.map { place in
      pairs.map { pair -> Double in
        let distances = [pair.comparison.first, pair.comparison.second].map {
          $0.structures[place].distance
        }
        guard let a = distances[0], let b = distances[1] else { return .infinity }
        return abs(a - b)
      }.max() ?? 0
    }
    return first.indices.sorted { a, b in
      let (isA, isB) = (flipped.contains(first[a].id), flipped.contains(first[b].id))
      if isA != isB { return isA }
      return gaps[a] == gaps[b] ? a < b : gaps[a] > gaps[b]
    }.map { ($0, first[$0].id) }
  }
}
