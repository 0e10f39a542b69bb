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
    viewer: ViewerScript?, folder: Scratch
  ) throws -> StudyReport {
    var settings = ScoringSettings(forces: .labels("dft"))
    settings.anomalies = AnomalyLimits()
    var scorer = RelaxationScorer(settings)
    let ids = ["a", "b</script>", "c"]
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
    let paths = try PathRecords(files: [folder.path("path.extxyz")], showing: ["c"])
    var gallery = StructureGallery(settings)
    for entry in score.farthestFirst {
      let geometries = try #require(scorer.geometries(of: entry.id))
      gallery.add(
        entry, reference: geometries.reference, initial: geometries.initial,
        predicted: geometries.predicted, path: paths.paths[entry.id])
    }
    return StudyReport(
      ScoreReport(score, predicted: "p & q", reference: "r"),
      methods: [
        .init(name: "p", score: score, seconds: 0.5),
        .init(name: "other", score: score, seconds: 9),
      ], paths: paths, gallery: gallery, viewer: viewer)
  }

  private static func script(_ scratch: Scratch) throws -> ViewerScript {
    try scratch.write("var Chemiscope = '</script>';", to: "chemiscope.min.js")
    return try ViewerScript(path: scratch.path("chemiscope.min.js"))
  }

  @Test("Without a viewer there are all tables and plots, and no script")
  func plain() throws {
    let page = try Self.study(viewer: nil, folder: Scratch()).html()
    #expect(page.components(separatedBy: "<script>").count == 2)
    #expect(!page.contains("http") && !page.contains("src="))
    for title in [
      "Structures closer than a distance", "forces below a limit", "converged by a step",
      "Largest force along relaxations", "Energy along relaxations", "Mean distances",
      "Energy error and distance", "Energies of relaxed structures", "ADwT and cost",
      "Quality and cost", "Structures, the farthest first",
    ] {
      #expect(page.contains(title), "\(title)")
    }
    #expect(page.contains("b&lt;/script&gt;") && page.contains("p &amp; q against r"))
    let shown = HTMLCheck.withoutCode(page)
    #expect(!shown.contains("NaN") && !shown.contains("inf\""))
    #expect(!page.contains("href=\"#structures\""))
  }

  @Test("With one, it and the structures are inside, and no id ends a script early")
  func viewer() throws {
    let scratch = try Scratch()
    let page = try Self.study(viewer: Self.script(scratch), folder: scratch).html()
    #expect(page.components(separatedBy: "<script>").count == 4)
    #expect(page.components(separatedBy: "</script>").count == 4)
    #expect(page.contains(#"code.textContent = "var Chemiscope = '\u003c/script\u003e';";"#))
    #expect(page.contains("href=\"#structures\"") && !page.contains("http"))
    try scratch.write("alert(1)", to: "other.js")
    #expect(throws: FileError.self) { try ViewerScript(path: scratch.path("other.js")) }
  }

  @Test(
    "Whatever the viewer's file and the ids hold, the page has its three scripts and no more",
    arguments: ["</SCRIPT>", "<!--<script>", "\u{0600}</script>", "-->", "\u{2028}", "&lt;"])
  func hostileViewer(danger: String) throws {
    let scratch = try Scratch()
    try scratch.write("/* Chemiscope \(danger) */ var Chemiscope = {};", to: "viewer.js")
    let script = try ViewerScript(path: scratch.path("viewer.js"))
    let page = try Self.study(viewer: script, folder: scratch).html()
    let bytes = page.lowercased().unicodeScalars.split { $0 == "<" }.map { String($0.prefix(7)) }
    #expect(bytes.count { $0.hasPrefix("script>") } == 3)
    #expect(bytes.count { $0.hasPrefix("/script") } == 3)
    #expect(!bytes.contains { $0.hasPrefix("!--") })
    #expect(page.contains(ScriptText.expression(.string(script.text))))
  }

  @Test("A frame with an atom absurdly far away is left out of what is shown, with a word")
  func absurd() throws {
    let scratch = try Scratch()
    var scorer = RelaxationScorer(keepsPredictions: true)
    for id in ["a", "b"] { try scorer.add(reference: Self.structure(id, 0)) }
    try scorer.add(prediction: Self.structure("a", 0.1))
    try scorer.add(prediction: Self.structure("b", 1e40))
    let score = try scorer.finish()
    var gallery = StructureGallery(score.settings)
    for entry in score.farthestFirst {
      let geometries = try #require(scorer.geometries(of: entry.id))
      gallery.add(
        entry, reference: geometries.reference, initial: nil, predicted: geometries.predicted,
        path: nil)
    }
    #expect(gallery.absurd == 1)
    let page = StudyReport(
      ScoreReport(score, predicted: "p", reference: "r"),
      methods: [.init(name: "p", score: score)], gallery: gallery, viewer: try Self.script(scratch)
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

  @Test("The data set has the stages of each structure in a row, the farthest structure first")
  func dataSet() throws {
    let study = try Self.study(viewer: nil, folder: Scratch())
    let text = try #require(study.gallery).dataSet(name: "n").text(.oneLine)
    let object = try #require(
      JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
    let structures = try #require(object["structures"] as? [[String: Any]])
    let properties = try #require(object["properties"] as? [String: [String: Any]])
    let stages = try #require(properties["stage"]?["values"] as? [String])
    let ids = try #require(properties["id"]?["values"] as? [String])
    // c with its path of 24 frames of 40, then b and a without.
    #expect(stages.count == 3 * 3 + 24 && structures.count == stages.count)
    #expect(stages.prefix(2) == ["initial", "path"])
    #expect(Array(stages[24...27]) == ["path", "predicted", "reference", "initial"])
    #expect(ids[0] == "c" && ids[27] == "b</script>" && ids.last == "a")
    let distances = try #require(properties["distance"]?["values"] as? [Double])
    #expect(abs(distances[0] - 1) < 1e-12 && abs(distances[25] - 0.3) < 1e-12)
    #expect(distances[26] == 0)
    #expect(properties["step"]?["values"] as? [Int] != nil)
    #expect((structures[0]["cell"] as? [Double])?.count == 9)
    let shapes = try #require(object["shapes"] as? [String: [String: Any]])
    let parameters = try #require(shapes["fixed atoms"]?["parameters"] as? [String: Any])
    let centers = try #require(parameters["structure"] as? [[String: [[Double]]]])
    #expect(centers.count == structures.count && centers[0]["centers"] == [[0, 0, 0]])
  }

  @Test("Without an initial structure the path's first frame is it, never a lone prediction")
  func initial() throws {
    let study = try Self.study(viewer: nil, folder: Scratch())
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
      var gallery = StructureGallery(settings)
      gallery.add(
        entry, reference: geometries.reference, initial: geometries.initial,
        predicted: geometries.predicted, path: path)
      let data = gallery.dataSet(name: "n")
      guard case .array(let values) = data["properties"]?["stage"]?["values"] else {
        Issue.record("no stages")
        return
      }
      #expect(values == (stages + ["predicted", "reference"]).map { JSONText.string($0) })
    }
  }

  @Test("Figures are files of their own, and the other forms have every method")
  func otherForms() throws {
    let study = try Self.study(viewer: nil, folder: Scratch())
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
