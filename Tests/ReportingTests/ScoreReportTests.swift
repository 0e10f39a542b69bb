// SPDX-License-Identifier: MIT

import Foundation
import RelaxNumerics
import Scoring
import Structures
import Testing

@testable import Reporting

struct ScoreReportTests {
  private static let cell = Cell(Vector3(8, 0, 0), Vector3(0, 8, 0), Vector3(0, 0, 16))

  private static func structure(_ id: String, _ x: Double, force: Double? = nil) throws -> Structure
  {
    Structure(
      elements: [try #require(Element(symbol: "Cu"))], positions: [Vector3(x, 0, 0)], cell: cell,
      forces: force.map { [Vector3(0, 0, $0)] },
      attributes: [Attribute(name: "sid", text: "\"\(id)\"")])
  }

  /// Four references: one exact, one 0.25 Å off without a label, one diverged, one missing.
  private static func sample() throws -> RelaxationScore {
    var scorer = RelaxationScorer(ScoringSettings(forces: .labels("dft.extxyz")))
    for id in ["r1", "r<2>", "r3", "r4"] { try scorer.add(reference: structure(id, 1)) }
    try scorer.add(prediction: structure("r1", 1))
    try scorer.add(prediction: structure("r<2>", 1.25))
    var diverged = try structure("r3", 1)
    diverged.attributes.append(Attribute(name: "relax_status", text: "diverged"))
    try scorer.add(prediction: diverged)
    try scorer.add(prediction: structure("other", 1))
    try scorer.add(label: structure("r1", 1, force: 0.125))
    return try scorer.finish()
  }

  private static func report() throws -> ScoreReport {
    ScoreReport(try sample(), predicted: "relaxed.extxyz", reference: "dft & co.extxyz")
  }

  /// ADwT by hand: (490 + 249)/(4·490), for 0.251 … 0.499 are above 0.25; AFbT: 0.125 is below
  /// 0.126 … 0.399 and, by rounding, not below the limit that equals it: 274/(4·390) or one more.
  @Test("The terminal shows the score, what it counts and what failed")
  func text() throws {
    #expect(
      try Self.report().text() == """
        relaxed.extxyz against dft & co.extxyz

          ADwT (0.010 … 0.499 Å)       37.70 %
          DwT (0.1 Å)                  25.00 %
          DwT (0.2 Å)                  25.00 %
          DwT (0.5 Å)                  50.00 %
          AFbT (0.010 … 0.399 eV/Å)    17.56 %
          AFbT, of those with forces   70.26 %
          FbT (0.05 eV/Å)               0.00 %
          FbT (0.1 eV/Å)                0.00 %
          both (0.1 Å, 0.05 eV/Å)       0.00 %
          mean distance (Å)             0.1250
          position MAE (Å)              0.0417
          RMSD (Å)                      0.1250
          converged                     0.00 %

          Shares: of all references, how many are below a limit (equal is not below).
          ADwT and AFbT: the averages of these shares over all limits in brackets.
          Distance: mean over the reference's free atoms, each to its nearest periodic image.
          Missing structures and failed relaxations count as failures.
          Relaxations that did not converge are judged where they ended.
          Forces (largest norm) from dft.extxyz. Structures without forces count as failures.

          references   4
          scored       2
          missing      1   not predicted: failures
          failed       1   predicted without a result: failures
          unlabelled   1   without reference forces: failures of AFbT
          extra        1   not in the reference: not scored

                                 smallest   quarter   median   3 quarters   largest     mean
          ────────────────────   ────────   ───────   ──────   ──────────   ───────   ──────
          distance (Å)             0.0000    0.0625   0.1250       0.1875    0.2500   0.1250
          largest force (eV/Å)     0.1250    0.1250   0.1250       0.1250    0.1250   0.1250

          failed   reason
          ──────   ──────────────────────────────────
          r3       its relaxation ended as `diverged`

          missing
          ───────
          r4

          unlabelled
          ──────────
          r<2>

          extra
          ─────
          other

        """)
    #expect(try Self.report().text(style: .ascii).unicodeScalars.allSatisfy { $0.isASCII })
  }

  @Test("Long lists end in a count")
  func longLists() throws {
    var scorer = RelaxationScorer()
    for index in 0..<25 { try scorer.add(reference: Self.structure("r\(index)", 1)) }
    let text = ScoreReport(try scorer.finish(), predicted: "a", reference: "b").text()
    #expect(text.contains("  r9\n\n  and 15 more, all of them in the JSON report\n"))
    #expect(!text.contains("r10"))
  }

  private struct Numbers: Decodable {
    struct Settings: Decodable { var distance_thresholds: Limits }
    struct Limits: Decodable { var last: Double }
    var adwt: Double
    var afbt: Double
    var settings: Settings
  }

  @Test("The JSON has every structure, null where nothing is known, and the settings")
  func json() throws {
    let text = try Self.report().json.text()
    let object = try #require(
      JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
    let score = try Self.sample()
    // The untyped parser rounds some numbers; the typed one does not.
    let numbers = try JSONDecoder().decode(Numbers.self, from: Data(text.utf8))
    #expect(numbers.adwt == score.adwt)
    #expect(numbers.afbt == score.afbt)
    #expect(numbers.settings.distance_thresholds.last == Thresholds.distance.last)
    #expect(object["missing"] as? [String] == ["r4"])
    #expect(object["extra"] as? [String] == ["other"])
    #expect(object["unlabelled"] as? [String] == ["r<2>"])
    let structures = try #require(object["structures"] as? [[String: Any]])
    #expect(structures.map { $0["id"] as? String } == ["r1", "r<2>", "r3", "r4"])
    #expect(structures.map { $0["distance"] as? Double } == [0, 0.25, nil, nil])
    #expect(structures.map { $0["fmax"] as? Double } == [0.125, nil, nil, nil])
    #expect(structures[3]["distance"] is NSNull)
    let failed = try #require(object["failed"] as? [[String: Any]])
    #expect(failed.count == 1)
    #expect(failed[0]["id"] as? String == "r3")
    #expect(failed[0]["reason"] as? String == "its relaxation ended as `diverged`")
    let settings = try #require(object["settings"] as? [String: Any])
    let thresholds = try #require(settings["distance_thresholds"] as? [String: Any])
    #expect(thresholds["first"] as? Double == 0.01)
    #expect(thresholds["step"] as? Double == 0.001)
    #expect(thresholds["count"] as? Int == 490)
    #expect(settings["image"] as? String == "nearest")
    #expect(settings["atoms"] as? String == "free")
    #expect((settings["forces"] as? [String: String])?["name"] == "dft.extxyz")
    #expect(object["curves"] is NSNull)
    #expect(text.hasPrefix("{\n  \"adwt\": "))
  }

  @Test("Without forces AFbT is null, and trajectories give curves")
  func curves() throws {
    var scorer = RelaxationScorer(ScoringSettings(convention: .ocp))
    try scorer.add(reference: Self.structure("a", 1))
    for (step, x) in [(0, 1.25), (1, 1.125), (3, 1)] {
      var frame = try Self.structure("a", x)
      frame.attributes.append(Attribute(name: "fid", text: "\(step)"))
      try scorer.add(prediction: frame)
    }
    let report = ScoreReport(try scorer.finish(), predicted: "p", reference: "r")
    let object = try #require(
      JSONSerialization.jsonObject(with: Data(report.json.text(.oneLine).utf8)) as? [String: Any])
    #expect(object["afbt"] is NSNull)
    let curves = try #require(object["curves"] as? [String: Any])
    #expect(curves["step"] as? [Int] == [0, 1, 3])
    #expect(curves["mean_distance"] as? [Double] == [0.25, 0.125, 0])
    #expect((curves["adwt"] as? [Double])?.last == 1)
    #expect((object["settings"] as? [String: Any])?["image"] as? String == "ocp")
    for title in ["(DwT)", "ADwT if stopped", "Mean distance if stopped"] {
      #expect(report.html().contains(title), "\(title)")
    }
    #expect(!report.html().contains("(FbT)"))
    #expect(!report.text().contains("AFbT"))
  }

  @Test("The page is one well-formed document that asks for nothing from outside")
  func html() throws {
    let page = try Self.report().html()
    let xml = page.replacingOccurrences(of: "<!DOCTYPE html>\n", with: "")
      .replacingOccurrences(
        of: "(<meta[^>]*|<br)>", with: "$1/>", options: .regularExpression)
    #expect(HTMLCheck.tagsBalance(in: xml))
    #expect(page.contains("<b>37.70 %</b> ADwT"))
    #expect(page.contains("r&lt;2&gt;") && !page.contains("r<2>"))
    #expect(page.contains("against dft &amp; co.extxyz"))
    #expect(page.contains("(DwT)</text>") && page.contains("(FbT)</text>"))
    for outside in ["http", "<link", "src=", "url("] {
      #expect(!page.contains(outside), "\(outside)")
    }
    #expect(!page.contains("nan") && !page.contains("inf\""))
  }

  @Test(
    "Axes have round numbers, at most seven of them",
    arguments: [(0.499, 0.1, 6), (100, 20, 6), (3, 1, 4), (0.0007, 0.0002, 5), (1, 0.2, 6)])
  func ticks(end: Double, step: Double, count: Int) {
    let ticks = Axis([end]).ticks.map(\.value)
    #expect(ticks.count == count)
    for (index, tick) in ticks.enumerated() {
      #expect(abs(tick - Double(index) * step) < 1e-12 * end)
    }
  }

  @Test("A missing structure is called so in the table of all, and every table can scroll")
  func missing() throws {
    let page = try Self.report().html()
    #expect(
      page.contains("<span title=\"r4\">r4</span></td><td class=\"number\" data-value=\"\">–</td>"))
    #expect(page.contains("<td data-value=\"\">missing</td></tr>"))
    #expect(page.contains("<td>diverged</td></tr>"))
    let tables = page.components(separatedBy: "<table>").count - 1
    #expect(tables >= 4)
    #expect(
      page.matches(of: /<div class="table" role="region" tabindex="0" aria-label="[^"]+"><table>/)
        .count
        == tables)
  }

  @Test("Quantiles interpolate")
  func quantiles() {
    #expect(Quantile.of([1, 2, 4], 0.25) == 1.5)
    #expect(Quantile.of([1, 2, 4], 1) == 4)
    #expect(Quantile.of([7], 0.5) == 7)
  }
}

enum HTMLCheck {
  /// What is inside scripts and styles is not HTML.
  static func withoutCode(_ page: String) -> String {
    page.replacing(/<(script|style)>(?s:.*?)<\/\1>/, with: "")
  }

  /// Whether every tag that opens closes, in order.
  static func tagsBalance(in page: String) -> Bool {
    var open: [Substring] = []
    let text = withoutCode(page)
    var rest = text[...]
    while let start = rest.firstIndex(of: "<") {
      guard let end = rest[start...].firstIndex(of: ">") else { return false }
      let tag = rest[rest.index(after: start)..<end]
      rest = rest[rest.index(after: end)...]
      if tag.hasSuffix("/") { continue }
      if tag.hasPrefix("/") {
        guard open.popLast() == tag.dropFirst() else { return false }
      } else {
        open.append(tag.prefix { $0 != " " })
      }
    }
    return open.isEmpty
  }
}
