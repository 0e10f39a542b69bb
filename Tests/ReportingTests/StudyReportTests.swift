// SPDX-License-Identifier: MIT

import Files
import Foundation
import RelaxNumerics
import StructureFiles
import Structures
import TestSupport
import Testing

@testable import Relaxation
@testable import Reporting
@testable import Scoring

@Suite("A study as a page")
struct StudyReportTests {
  private static func structure(_ id: String, _ x: Double) throws -> Structure {
    let copper = try #require(Element(symbol: "Cu"))
    return Structure(
      elements: [copper, copper], positions: [.zero, Vector3(x, 2.5, 0)],
      cell: Cell(Vector3(8, 0, 0), Vector3(0, 8, 0), Vector3(0, 0, 16)),
      moveMask: MoveMask(free: [false, true]), tags: [0, 2], energy: -1 - x,
      attributes: [
        Attribute(name: "sid", string: id), Attribute(name: "relax_status", text: "converged"),
        Attribute(name: "relax_steps", text: "4"),
      ])
  }

  private static func study(
    hasViewer: Bool, folder: Scratch, ids: [String] = ["a", "b</script>", "c"]
  ) throws -> StudyReport {
    var settings = ScoringSettings(forces: .labels("dft"))
    settings.anomalies = AnomalyLimits()
    var scorer = RelaxationScorer(settings)
    for id in ids { try scorer.add(reference: structure(id, 0)) }
    for id in ids { try scorer.add(initial: structure(id, 1)) }
    for (index, id) in ids.enumerated() {
      try scorer.add(prediction: structure(id, 0.1 * Double(index + 1)))
    }
    for (index, id) in ids.enumerated() {
      var label = try structure(id, 0.1 * Double(index + 1))
      label.forces = [.zero, Vector3(0.05 * Double(index + 1), 0, 0)]
      try scorer.add(label: label)
    }
    let score = try scorer.finish()
    let writer = try StructureWriter(path: folder.path("path.extxyz"), overwrite: true)
    for id in ids {
      for step in 0..<40 {
        var frame = try structure(id, 1 - 0.02 * Double(step))
        frame.forces = [.zero, Vector3(1 / Double(step + 1), 0, 0)]
        frame.attributes.append(Attribute(name: "fid", text: "\(step)"))
        try writer.write(frame)
      }
    }
    try writer.finish()
    let paths = try PathRecords(files: [folder.path("path.extxyz")], showing: [ids[2]])
    var gallery = StructureGallery(judging: settings)
    for entry in score.farthestFirst {
      gallery.add(
        entry, number: try #require(ids.firstIndex(of: entry.id)),
        geometries: try #require(scorer.geometries(of: entry.id)), path: paths.paths[entry.id],
        settings: settings)
    }
    return StudyReport(
      ScoreReport(score, predicted: "p & q", reference: "r"),
      methods: [
        .init(name: "p", score: score, seconds: 0.5),
        .init(name: "other", score: score, seconds: 9),
      ], paths: paths, gallery: hasViewer ? gallery : nil)
  }

  @Test("Without a viewer there are all tables and plots, and their scripts alone")
  func plain() throws {
    let page = try Self.study(hasViewer: false, folder: Scratch()).html()
    #expect(page.components(separatedBy: "<script>").count == 3)
    #expect(!page.contains("http") && !page.contains("src="))
    for title in [
      "Structures closer than a distance", "forces below a limit", "converged by a step",
      "Largest force along relaxations", "Energy along relaxations", "Mean distances",
      "Energy error and distance", "Energies of relaxed structures", "ADwT and cost",
      "Quality and cost", "The farthest first.",
    ] {
      #expect(page.contains(title), "\(title)")
    }
    #expect(page.contains("b&lt;/script&gt;") && page.contains("p &amp; q against r"))
    let shown = HTMLCheck.withoutCode(page)
    #expect(!shown.contains("NaN") && !shown.contains("inf\""))
    #expect(!page.contains("href=\"#structures\""))
  }

  @Test(
    "With one, it and the structures are inside, and no id ends a script early",
    arguments: [
      "b", "</SCRIPT>", "<!--<script>", "\u{0600}</script>", "-->", "\u{2028}", "&lt;",
      "<img src=x onerror=alert(1)>",
    ])
  func viewer(id: String) throws {
    let page = try Self.study(hasViewer: true, folder: Scratch(), ids: ["a", id, "c"]).html()
    let tags = page.lowercased().unicodeScalars.split { $0 == "<" }.map { String($0.prefix(7)) }
    // The scripts of tables, plots and the viewer, and its data.
    #expect(tags.count { $0.hasPrefix("script>") } == 3)
    #expect(tags.count { $0.hasPrefix("script ") } == 1)
    #expect(tags.count { $0.hasPrefix("/script") } == 4)
    #expect(!tags.contains { $0.hasPrefix("!--") || $0.hasPrefix("img") })
    #expect(page.contains("href=\"#structures\"") && !page.contains("http"))
    #expect(page.contains("data-structure=\"1\""))
    let data = try Self.data(in: page)
    #expect(
      data["structures"]?.array?.compactMap { $0["id"]?.string } == ["c", Excerpt.name(id), "a"])
    #expect(data["structures"]?.array?.compactMap { $0["n"]?.number } == [2, 1, 0])
  }

  /// What the viewer reads.
  private static func data(in page: String) throws -> JSONText {
    let start = try #require(page.range(of: "id=\"structures-data\">"))
    let end = try #require(page.range(of: "</script>", range: start.upperBound..<page.endIndex))
    return try JSONText(parsing: String(page[start.upperBound..<end.lowerBound]))
  }

  @Test("A frame with an atom absurdly far away is left out of what is shown, with a word")
  func absurd() throws {
    var scorer = RelaxationScorer(keepsPredictions: true)
    for id in ["a", "b"] { try scorer.add(reference: Self.structure(id, 0)) }
    try scorer.add(prediction: Self.structure("a", 0.1))
    try scorer.add(prediction: Self.structure("b", 1e40))
    let score = try scorer.finish()
    var gallery = StructureGallery(judging: score.settings)
    for (number, entry) in score.structures.enumerated() {
      gallery.add(
        entry, number: number, geometries: try #require(scorer.geometries(of: entry.id)),
        path: nil, settings: score.settings)
    }
    #expect(gallery.absurd == 1 && gallery.frameCount == 3)
    let page = StudyReport(
      ScoreReport(score, predicted: "p", reference: "r"),
      methods: [.init(name: "p", score: score)], gallery: gallery
    ).html()
    #expect(page.contains("Not shown: 1 frame with an atom more than 1 mm away"))
    #expect(page.utf8.count < 200_000)
  }

  @Test("Ids of thousands of characters are cut in a page")
  func longIds() throws {
    let long = String(repeating: "x", count: 5000)
    var scorer = RelaxationScorer()
    for id in ["a", long] { try scorer.add(reference: Self.structure(id, 0)) }
    for id in ["a", long] { try scorer.add(prediction: Self.structure(id, 0.2)) }
    try scorer.add(prediction: Self.structure(long + "y", 0.2))
    let report = ScoreReport(try scorer.finish(), predicted: "p", reference: "r")
    #expect(!report.html().contains(String(repeating: "x", count: 256)))
    #expect(!report.text().contains(String(repeating: "x", count: 100)))
    #expect(report.json.text().contains(long + "y"))
  }

  @Test("Each frame has the numbers of its own, and the stages of a structure follow each other")
  func frames() throws {
    let study = try Self.study(hasViewer: true, folder: Scratch())
    let structures = try #require(study.gallery?.data["structures"]?.array)
    #expect(structures.compactMap { $0["id"]?.string } == ["c", "b</script>", "a"])
    let first = structures[0]
    let stages = try #require(first["stages"]?.array).compactMap(\.string)
    // The path's first frame is the initial one; the last of 24 is not where the prediction is.
    #expect(
      stages == ["initial"] + [String](repeating: "path", count: 23) + ["predicted", "reference"])
    #expect(
      structures[1]["stages"]?.array?.compactMap(\.string) == ["initial", "predicted", "reference"])
    let steps = try #require(first["steps"]?.array)
    #expect(steps[0].number == 0 && steps[23].number == 39 && steps[24].number == 4)
    #expect(steps[25] == .null)
    // Energies are -1 - x by construction, forces 1 / (step + 1).
    let energies = try #require(first["energies"]?.array).map(\.number)
    #expect(energies[0] == -2 && energies[24] == -1.3 && energies[25] == -1)
    let forces = try #require(first["fmax"]?.array).map(\.number)
    #expect(forces[0] == 1 && forces[23] == 0.025 && forces[24] == nil)
    let judged = try #require(first["judged"]?.array).map(\.number)
    #expect(judged[24] == 0.15 && judged[23] == nil && judged[25] == nil)
    let distances = try #require(first["distances"]?.array).map(\.number)
    #expect(distances[0] == 1 && distances[24] == 0.3 && distances[25] == 0)
    #expect(first["free"]?.array?.compactMap(\.number) == [0, 1, 7, 1])
    #expect(first["tags"]?.array?.compactMap(\.number) == [0, 1, 2, 1])
    #expect(first["status"]?.string == "converged")
    #expect(study.gallery?.data["judge"]?.string == "the reference method")
  }

  @Test("Without an initial structure the path's first frame is it, never a lone prediction")
  func initial() throws {
    let study = try Self.study(hasViewer: false, folder: Scratch())
    var settings = ScoringSettings()
    settings.anomalies = AnomalyLimits()
    var scorer = RelaxationScorer(settings, keepsPredictions: true)
    try scorer.add(reference: Self.structure("c", 0))
    var prediction = try Self.structure("c", 0.3)
    prediction.attributes.append(Attribute(name: "fid", text: "0"))
    try scorer.add(prediction: prediction)
    let entry = try #require(try scorer.finish().structures.first)
    let geometries = try #require(scorer.geometries(of: "c"))
    #expect(geometries.initial == nil && geometries.predicted != nil)
    for (path, stages) in [
      (study.paths?.paths["c"], ["initial"] + [String](repeating: "path", count: 23)), (nil, []),
    ] {
      var gallery = StructureGallery(judging: settings)
      gallery.add(entry, number: 0, geometries: geometries, path: path, settings: settings)
      let found = gallery.data["structures"]?.array?.first?["stages"]?.array?.compactMap(\.string)
      #expect(found == stages + ["predicted", "reference"])
    }
  }

  @Test("Figures are files of their own, and the other forms have every method")
  func otherForms() throws {
    let study = try Self.study(hasViewer: false, folder: Scratch())
    let figures = study.figures()
    #expect(Set(figures.map(\.name)).count == figures.count && figures.count >= 10)
    for figure in figures {
      #expect(figure.svg.hasPrefix("<?xml") && figure.svg.contains("xmlns"))
      #expect(
        HTMLCheck.tagsBalance(in: String(figure.svg.split(separator: "\n", maxSplits: 1)[1])),
        "\(figure.name)")
    }
    #expect(study.markdown().contains("## Quality and cost"))
    #expect(study.markdown().contains("| other |"))
    let json = try JSONText(parsing: study.json.text())
    guard case .array(let methods) = json["methods"] else {
      Issue.record("no methods")
      return
    }
    #expect(methods.map { $0["seconds"]?.number } == [0.5, 9])
  }

  @Test("Findings of one kind are said once, with the first ids and a count")
  func checks() throws {
    var check = StructureCheck()
    var report = CheckReport()
    for index in 0..<5 {
      var structure = try Self.structure("s\(index)", 0)
      structure.moveMask = nil
      report.add(check.findings(on: structure, id: "s\(index)"))
    }
    let text = report.text()
    #expect(text.components(separatedBy: "mask, 5 of 5").count == 2)
    #expect(text.contains("  s2: ") && !text.contains("  s3: ") && text.contains("and 2 more"))
    #expect(report.withErrors == 0 && report.withFindings == 5)
    #expect(CheckReport().text().contains("nothing to complain of"))
  }

  @Test("Several findings on one structure count it once, and two structures of one id twice")
  func countedStructures() throws {
    let finding = StructureCheck.Finding(
      id: "s", severity: .warning, kind: .vacuum, message: "m", hint: "h")
    var report = CheckReport()
    report.add([finding, finding])
    #expect(report.text().contains("warning: vacuum, 1 of 1\n"))
    report.add([finding])
    report.add([])
    #expect(report.text().contains("warning: vacuum, 2 of 3\n"))
    #expect(report.withFindings == 2)
  }

  @Test("A table is Markdown with its title, notes and bars escaped")
  func markdown() {
    var table = ResultTable(title: "T", columns: [.init("a|b", .left), .init("n")])
    table.append(.text("x|y"), .count(1))
    table.notes = ["note"]
    #expect(
      table.markdown() == "## T\n\n| a\\|b | n |\n| --- | ---: |\n| x\\|y | 1 |\n\nnote\n")
  }
}
