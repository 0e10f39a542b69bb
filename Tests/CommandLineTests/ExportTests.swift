// SPDX-License-Identifier: MIT

import Files
import Foundation
import TestSupport
import Testing

/// `--csv` and `--latex` of the four commands that judge, against their own JSON.
@Suite("Tables for programs and papers")
struct ExportTests {
  /// References, two sets of predictions with a missing and a failed one, labels and hostile ids.
  static func files() throws -> Scratch {
    let scratch = try Scratch()
    func frame(_ id: String, _ x: Double, _ more: String = "") -> String {
      """
      2
      Lattice="8 0 0 0 8 0 0 0 20" Properties=species:S:1:pos:R:3:forces:R:3:move_mask:L:1 sid=\(id) \(more)
      Cu 0 0 5 0 0 0 F
      O \(1.2 + x) 0 6.4 0.0\(Int(x * 100)) 0.001 0 T

      """
    }
    let ids = [
      "plain", #""a,b""#, #""=cmd()""#, #""a_b%c\\d#{$}~^&""#, #""</script><img>""#,
      #""say \"hi\"""#, #""-12""#, ##""\##u{202E}rtl""##, "lost", "blown",
    ]
    func all(_ ids: [String], _ scale: Double, _ more: (Int) -> String) -> String {
      ids.enumerated().map { frame($1, Double($0 + 1) * scale, more($0)) }.joined()
    }
    try scratch.write(
      all(ids, 0) { "energy=-1 group=\($0 < 4 ? "x" : "y")" }, to: "ref.xyz")
    let steps = { (index: Int) in
      "energy=\(-1 + 0.1 / Double(index + 3)) relax_steps=\(index) relax_status="
        + (index == 8 ? "diverged" : index == 3 ? "step_limit" : "converged")
    }
    let predicted = ids.filter { $0 != "lost" }
    try scratch.write(all(predicted, 0.031, steps), to: "one.xyz")
    try scratch.write(all(predicted, 0.053, steps), to: "two.xyz")
    try scratch.write(all(Array(predicted.dropLast()), 0.031) { _ in "" }, to: "labels.xyz")
    return scratch
  }

  /// A member of a JSON object, as a CSV field is to have it.
  static func field(_ json: JSONText?) -> String {
    switch json {
    case .string(let text): text
    case .array(let items):
      items.isEmpty ? "none" : items.map { field($0) }.joined(separator: ";")
    case .null, nil: ""
    case .some(let value): value.text(.oneLine)
    }
  }

  static func items(_ json: JSONText?) -> [JSONText] {
    guard case .array(let items) = json else {
      Issue.record("no array in the JSON")
      return []
    }
    return items
  }

  /// The text without the apostrophe that keeps a spreadsheet from computing it.
  static func unguarded(_ text: String) -> String {
    let behind = text.drop { $0 == "'" }
    guard text.hasPrefix("'"), let first = behind.first, "=+-@\t\r".contains(first) else {
      return text
    }
    return String(text.dropFirst())
  }

  static func expect(
    _ table: CSVFile, _ column: String, is json: [JSONText], _ key: String? = nil,
    location: SourceLocation = #_sourceLocation
  ) {
    #expect(
      table[column]?.map(unguarded) == json.map { field($0[key ?? column]) }, "\(column)",
      sourceLocation: location)
  }

  @Test(
    "score and report: a row a structure, every field as in the JSON",
    arguments: ["score", "report"])
  func structures(command: String) throws {
    let scratch = try Self.files()
    let run = try CommandLineRun(
      [
        command, "one.xyz", "--reference", "ref.xyz", "--labels", "labels.xyz", "--split",
        "key=group",
      ]
        + ["--json", "j.json", "--csv", "t.csv", "-q"]
        + (command == "report" ? ["-o", "p.html", "--viewer", "none"] : []), in: scratch.folder)
    #expect(run.status == 3, "\(run.error)")
    let json = try JSONText(parsing: scratch.text("j.json"))
    let structures = Self.items(json["structures"])
    let table = try CSVFile(scratch.text("t.csv"))
    #expect(table.records.count == 10)
    for key in [
      "id", "split", "distance", "fmax", "rmsd", "position_mae", "largest_displacement", "energy",
      "energy_error", "steps", "status", "anomalies",
    ] { Self.expect(table, key, is: structures) }
    // What is missing is empty, and a number stays one.
    #expect(table["distance"]?[8] == "" && table["id"]?[6] == "-12")
    #expect(table["id"]?[2] == "'=cmd()")
    #expect(try #require(table["energy"]?[0]).count > 12, "full precision")
  }

  @Test("compare: a row a metric, with both ends of the interval; lists in a folder")
  func comparison() throws {
    let scratch = try Self.files()
    let arguments = [
      "compare", "one.xyz", "two.xyz", "--reference", "ref.xyz", "--resamples", "100", "--json",
      "j.json", "--csv",
    ]
    let run = try CommandLineRun(arguments + ["t.csv"], in: scratch.folder)
    #expect(run.status == 3, "\(run.error)")
    let json = try JSONText(parsing: scratch.text("j.json"))
    let table = try CSVFile(scratch.text("t.csv"))
    let metrics = Self.items(json["metrics"])
    #expect(metrics.count > 5)
    for key in ["name", "a", "b", "difference", "low", "high", "structures", "decided"] {
      Self.expect(table, key, is: metrics)
    }
    let folder = try CommandLineRun(
      arguments + ["tables/", "--latex", "tables/", "--overwrite"], in: scratch.folder)
    #expect(folder.status == 3, "\(folder.error)")
    #expect(try scratch.text("tables/metrics.csv") == scratch.text("t.csv"))
    let flips = try CSVFile(scratch.text("tables/flips.csv"))
    var expected: [[String]] = []
    for flip in Self.items(json["flips"]) {
      for structure in Self.items(flip["structures"]) {
        expected.append(
          [Self.field(flip["limit"])]
            + ["id", "a", "b", "passes_in"].map { Self.field(structure[$0]) })
      }
    }
    #expect(!expected.isEmpty && flips.records.map { $0.map(Self.unguarded) } == expected)
    #expect(try scratch.text("tables/flips.tex").contains("\\begin{longtable}"))
  }

  @Test("evaluate: a row a split with vectors in three columns, the average marked")
  func evaluation() throws {
    let scratch = try Self.files()
    let run = try CommandLineRun(
      [
        "evaluate", "one.xyz", "two.xyz", "-p", "lj:sigma=2.3,epsilon=0.4,cutoff=6.0", "--json",
        "j.json",
        "--csv", "-", "--rotations", "2",
      ], in: scratch.folder)
    #expect(run.status == 0, "\(run.error)")
    let json = try JSONText(parsing: scratch.text("j.json"))
    let table = try CSVFile(run.output)
    let rows = Self.items(json["splits"]) + [try #require(json["average"])]
    #expect(table["row"] == ["split", "split", "average"])
    #expect(table["name"] == ["one", "two", "average"])
    for key in [
      "path", "files", "frames", "frames_failed", "free_atoms", "energies", "force_mae",
      "force_cosine", "force_magnitude_mae", "force_within_threshold", "energy_mae", "energy_mse",
      "energy_within_threshold", "energy_force_within_threshold", "baseline_zero_force_mae",
      "baseline_median_force_mae", "rotation_instability",
    ] { Self.expect(table, key, is: rows) }
    for (axis, name) in ["x", "y", "z"].enumerated() {
      for key in ["force_mae_xyz", "baseline_median_force"] {
        let column = key == "force_mae_xyz" ? "force_mae_\(name)" : "\(key)_\(name)"
        let vectors = rows.map { row -> String in
          guard case .array(let vector) = row[key] else { return "" }
          return Self.field(vector[axis])
        }
        #expect(table[column] == vectors, "\(column)")
      }
    }
  }

  @Test(
    "a folder has every table, and LaTeX all that fits a page", arguments: ["tables/", "there"])
  func folder(name: String) throws {
    let scratch = try Self.files()
    try FileManager.default.createDirectory(
      atPath: scratch.path("there"), withIntermediateDirectories: false)
    let arguments = [
      "score", "one.xyz", "--reference", "ref.xyz", "--labels", "labels.xyz", "-q", "--csv", name,
      "--latex",
    ]
    let run = try CommandLineRun(arguments + ["all.tex"], in: scratch.folder)
    #expect(run.status == 3, "\(run.error)")
    let folder = name.hasSuffix("/") ? String(name.dropLast()) : name
    let names = try FileManager.default.contentsOfDirectory(atPath: scratch.path(folder)).sorted()
      .filter { !$0.hasPrefix(".") }
    #expect(
      names == [
        "counts.csv", "failed.csv", "missing.csv", "scores.csv", "spread.csv", "structures.csv",
      ])
    for name in names { _ = try CSVFile(scratch.text("\(folder)/\(name)")) }
    #expect(try CSVFile(scratch.text("\(folder)/missing.csv"))["id"] == ["lost"])
    let paper = try scratch.text("all.tex")
    #expect(paper.components(separatedBy: "\\begin{table}").count == 6)
    #expect(!paper.contains("longtable") && paper.contains("\\label{tab:scores}"))
    // Nothing that is there is replaced.
    let again = try CommandLineRun(arguments + ["other.tex"], in: scratch.folder)
    #expect(try again.status == 74 && !scratch.names.contains("other.tex"), "\(again.error)")
  }

  @Test(
    "what cannot be written is refused before anything is",
    arguments: [
      ("score one.xyz --reference ref.xyz --csv t.xlsx", Int32(64)),
      ("score one.xyz --reference ref.xyz --latex t.csv", 64),
      ("score one.xyz --reference ref.xyz --csv - --latex -", 64),
      ("score one.xyz --reference ref.xyz --csv ref.xyz/", 74),
      ("compare one.xyz two.xyz --reference ref.xyz --csv old.csv", 74),
      ("evaluate one.xyz -p emt --shard 1/2 --json j.json --csv t.csv", 64),
    ])
  func refused(line: String, status: Int32) throws {
    let scratch = try Self.files()
    try scratch.write("mine", to: "old.csv")
    let before = try scratch.names
    let run = try CommandLineRun(line.split(separator: " ").map(String.init), in: scratch.folder)
    #expect(run.status == status && run.output.isEmpty, "\(run.error)")
    #expect(try scratch.names == before && scratch.text("old.csv") == "mine")
  }
}
