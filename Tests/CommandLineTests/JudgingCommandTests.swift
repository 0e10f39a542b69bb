// SPDX-License-Identifier: MIT

import Files
import Foundation
import StructureFiles
import TestSupport
import Testing

@Suite("relax score, compare, report and check")
struct JudgingCommandTests {
  /// Three references, initial structures and predictions of them.
  private static func files() throws -> Scratch {
    let scratch = try Scratch()
    func frame(_ id: String, _ x: Double, _ more: String = "") -> String {
      """
      3
      Lattice="8 0 0 0 8 0 0 0 20" Properties=species:S:1:pos:R:3:move_mask:L:1:tags:I:1 sid=\(id) \(more)
      Cu 0 0 5 F 0
      Cu 2.5 0 5 T 1
      O \(1.2 + x) 0 6.4 T 2

      """
    }
    try scratch.write(
      frame("a", 0, "group=x energy=-1") + frame("b", 0, "group=x energy=-1")
        + frame("c", 0, "group=y energy=-1"), to: "ref.xyz")
    try scratch.write(frame("a", 0, "energy=-1") + frame("b", 0, "energy=-1"), to: "x.xyz")
    try scratch.write(frame("c", 0, "energy=-1"), to: "y.xyz")
    try scratch.write(frame("a", 0.6) + frame("b", 0.6) + frame("c", 0.6), to: "ini.xyz")
    try scratch.write(
      frame("a", 0.1, "energy=-0.9 relax_status=converged relax_steps=5") + frame("b", 0.3)
        + frame("c", 0.2), to: "one.xyz")
    try scratch.write(frame("a", 0.1) + frame("b", 0.05) + frame("c", 0.9), to: "two.xyz")
    try scratch.write("somebody's", to: "old.html")
    try scratch.write("a,x\nb,x\nc,y\n", to: "map.csv")
    try scratch.write("a x\nb x\n", to: "short.txt")
    try scratch.write(
      frame("a", 0, "fid=0") + frame("a", 0.1, "fid=1") + frame("a", 0.4, "fid=2"), to: "t1.xyz")
    try scratch.write(
      frame("a", 0, "fid=0") + frame("a", 0.15, "fid=1") + frame("a", 0.1, "fid=2"), to: "t2.xyz")
    return scratch
  }

  @Test(
    "splits by file, key and map give the same scores",
    arguments: ["key=group", "map=map.csv", "map=windows.csv", "file"])
  func splits(choice: String) throws {
    let scratch = try Self.files()
    let lines = try scratch.text("map.csv")
    try scratch.write(lines.replacing("\n", with: "\r\n"), to: "windows.csv")
    let references = choice == "file" ? ["x.xyz", "y.xyz"] : ["ref.xyz"]
    let run = try CommandLineRun(
      ["score", "one.xyz"] + references.flatMap { ["--reference", $0] } + [
        "--split", choice, "--json", "-", "--initial",
        "ini.xyz", "--end-points", "closed", "--dwt", "0.08,0.4",
      ], in: scratch.folder)
    #expect(run.status == 0 && run.error.isEmpty, "\(run.error)")
    let json = try JSONText(parsing: run.output)
    guard case .array(let splits) = json["splits"], splits.count == 2 else {
      Issue.record("\(json["splits"] ?? .null)")
      return
    }
    // Mean over the two free atoms: 0.05, 0.15 and 0.1 Å.
    #expect(splits[0]["name"] == .string("x"))
    #expect(abs((splits[1]["summary"]?["mean_distance"]?.number ?? 0) - 0.1) < 1e-12)
    #expect(abs((json["average"]?["mean_distance"]?.number ?? 0) - 0.1) < 1e-12)
    guard case .array(let marks) = json["average"]?["dwt"] else {
      Issue.record("no marks")
      return
    }
    #expect(marks.map { $0["share"]?.number } == [0.25, 1])
    #expect(abs((json["summary"]?["energy_mae"]?.number ?? 0) - 0.1) < 1e-12)
    // The oxygen is near the copper that is tagged as sub-surface.
    #expect(json["anomalies"]?["intercalated"] == .integer(3))
    #expect(json["anomalies"]?["migrated"] == .integer(0))
    #expect(json["settings"]?["distance_thresholds"]?["count"] == .integer(491))
  }

  typealias Case = WrongCommand

  static let cases: [Case] = [
    Case(
      arguments: "score one.xyz", status: 64,
      message: "Error: --reference is missing: the file of structures to judge by"),
    Case(
      arguments: "score one.xyz --reference ref.xyz --compat ocp --atoms all", status: 64,
      message:
        "Error: --compat ocp fixes --atoms, --end-points, --force, --missing, --failed and "
        + "--unlabelled"),
    Case(
      arguments: "score one.xyz --reference ref.xyz --split key=facet", status: 65,
      message: "relax: the reference `a` in ref.xyz has no `facet` in its comment, as --split "
        + "key=facet needs"),
    Case(
      arguments: "score one.xyz --reference ref.xyz --split map=short.txt", status: 65,
      message: "relax: the reference `c` has no line in short.txt"),
    Case(
      arguments: "score one.xyz --reference ref.xyz --split map=ref.xyz", status: 65,
      message: "relax: ref.xyz:1: expected an id and the name of its split"),
    Case(
      arguments: "score one.xyz --reference ref.xyz --initial none.xyz", status: 66,
      message: "relax: none.xyz: there is no such file"),
    Case(
      arguments: "score one.xyz --reference ref.xyz --initial t1.xyz", status: 65,
      message: "relax: there is more than one initial structure for `a`"),
    Case(
      arguments: "compare one.xyz two.xyz --reference ref.xyz --summaries one.xyz", status: 64,
      message: "Error: --summaries needs as many files as are compared, 2; there are 1"),
    Case(
      arguments: "compare one.xyz two.xyz --reference ref.xyz --summaries one.xyz two.xyz",
      status: 65,
      message: "relax: one.xyz:1: expected a line of a summary, with `seconds` and `evaluations`"),
    Case(
      arguments: "report one.xyz --reference ref.xyz -o ref.xyz", status: 64,
      message: "relax: ref.xyz: a web page cannot be written to names ending with .xyz; it can be "
        + "written as .html or .htm"),
    Case(
      arguments: "report one.xyz --reference ref.xyz -o old.html", status: 74,
      message: "relax: old.html: the file exists; pass --overwrite to replace it"),
    Case(
      arguments: "report one.xyz --reference ref.xyz --viewer ini.xyz", status: 64,
      message:
        "Error: --viewer ini.xyz: only `none` is possible, for no structures; the page brings "
        + "its viewer along"),
    Case(
      arguments: "check ref.xyz --select role=x", status: 65,
      message: "relax: no frame of ref.xyz has role=x"),
  ]

  @Test("every mistake gets its code and a line that helps", arguments: cases)
  func mistakes(_ mistake: Case) throws {
    try mistake.check(in: Self.files())
  }

  @Test("ids that never match are told of by example")
  func strangers() throws {
    let scratch = try Self.files()
    try scratch.write(scratch.text("one.xyz").replacing("sid=", with: "sid=x"), to: "other.xyz")
    let run = try CommandLineRun(
      ["score", "other.xyz", "--reference", "ref.xyz", "-q"], in: scratch.folder)
    #expect(run.status == 3)
    #expect(
      run.error == "relax: no prediction has the id of a reference: predicted are `xa` and so on, "
        + "asked for are `a` and so on\nthe unmatched frames of both files have the same atoms in the "
        + "same order: they may belong together\n")
    // Nothing is written where every number would be 0.
    let commands = [
      "report other.xyz --reference ref.xyz -o page.html --viewer none",
      "report one.xyz --reference ref.xyz --others other.xyz -o page.html --viewer none",
      "compare one.xyz other.xyz --reference ref.xyz --json c.json",
      "compare other.xyz one.xyz --reference ref.xyz -q",
    ]
    for command in commands {
      let before = try scratch.names
      let run = try CommandLineRun(
        command.split(separator: " ").map(String.init), in: scratch.folder)
      #expect(run.status == 3 && run.output.isEmpty, "\(command)")
      #expect(run.error.contains("no prediction has the id of a reference"), "\(command)")
      #expect(run.error.contains("other.xyz: ") == !command.hasPrefix("report other"), "\(command)")
      #expect(try scratch.names == before, "\(command)")
    }
  }

  @Test("what is partly unmatched is written and named, and costs exit code 3")
  func partlyUnmatched() throws {
    let scratch = try Self.files()
    let commands = [
      "report x.xyz --reference ref.xyz -o page.html --viewer none",
      "compare one.xyz x.xyz --reference ref.xyz",
      "report one.xyz --reference ref.xyz --others x.xyz -o other.html --viewer none",
    ]
    for command in commands {
      let run = try CommandLineRun(
        command.split(separator: " ").map(String.init), in: scratch.folder)
      #expect(run.status == 3, "\(command)")
      #expect(run.error.contains("1 of 3 references have no prediction: c\n"), "\(command)")
    }
    #expect(try Set(scratch.names).isSuperset(of: ["page.html", "other.html"]))
  }

  @Test("a reference without a free atom is left out and named")
  func withoutFreeAtoms() throws {
    let scratch = try Self.files()
    let text = try scratch.text("ref.xyz")
    let held = text.replacing(" T 1\n", with: " F 1\n").replacing(" T 2\n", with: " F 2\n")
      .replacing("sid=", with: "sid=held-")
    try scratch.write(text + held, to: "some.xyz")
    let run = try CommandLineRun(
      ["score", "one.xyz", "--reference", "some.xyz", "--json", "s.json"], in: scratch.folder)
    #expect(run.status == 3)
    #expect(
      run.error
        == "written: s.json\nrelax: 3 references are left out: held-a, held-b, held-c; the first: it has no "
        + "free atom\n")
    #expect(run.output.contains("left out     3") && run.output.contains("references   3"))
    guard case .array(let items)? = try JSONText(parsing: scratch.text("s.json"))["left_out"] else {
      Issue.record("no left_out")
      return
    }
    #expect(items.map { $0["id"] } == ["held-a", "held-b", "held-c"])
    try scratch.write(held, to: "none.xyz")
    let none = try CommandLineRun(
      ["score", "one.xyz", "--reference", "none.xyz"], in: scratch.folder)
    #expect(none.status == 65 && none.output.isEmpty)
    #expect(none.error.hasPrefix("relax: the reference `held-a` cannot be scored against"))
  }

  @Test("rows of one element in another order are hinted at, with the distance that is left")
  func exchanged() throws {
    let scratch = try Scratch()
    func frame(_ first: String, _ second: String) -> String {
      "2\nProperties=species:S:1:pos:R:3 pbc=\"F F F\" sid=a\nCu \(first)\nCu \(second)\n"
    }
    try scratch.write(frame("0 0 0", "0 0 2.5"), to: "ref.xyz")
    try scratch.write(frame("0 0 2.51", "0 0 0.01"), to: "one.xyz")
    let run = try CommandLineRun(
      ["score", "one.xyz", "--reference", "ref.xyz", "--json", "s.json"], in: scratch.folder)
    #expect(run.status == 0)
    #expect(
      run.output.contains(
        "In 1 structure atoms of one element seem to stand in another order than in the reference: "
          + "with 2 rows exchanged `a` would be 0.0100 Å away, not 2.5000 Å."))
    guard case .array(let items)? = try JSONText(parsing: scratch.text("s.json"))["structures"]
    else {
      Issue.record("no structures")
      return
    }
    #expect(abs((items[0]["distance_with_rows_exchanged"]?.number ?? 0) - 0.01) < 1e-12)
  }

  @Test(
    "pages of any numbers are small and whole",
    arguments: ["1e10", "1e22", "1e155", "1e300", "-1e308", "1e-308", "nan", "inf", "0"])
  func anyNumbers(number: String) throws {
    let scratch = try Scratch()
    func frames(_ z: String, _ energy: String, _ force: String) -> String {
      ["a", "b", "c"].map { (id: String) -> String in
        let (z, energy, force) = id == "a" ? (z, energy, force) : ("2.4", "-1", "0.1")
        return """
          2
          Properties=species:S:1:pos:R:3:forces:R:3 sid=\(id) energy=\(energy) pbc="F F F"
          Cu 0 0 0 0 0 \(force)
          Cu 0 0 \(z) 0 0 0.1

          """
      }.joined()
    }
    try scratch.write(frames("2.5", "-1", "0.1"), to: "ref.xyz")
    try scratch.write(frames("2.4", number, "0.1"), to: "p.xyz")
    try scratch.write(frames("2.4", "-1", number), to: "l.xyz")
    let isFinite = Double(number)?.isFinite == true
    try scratch.write(frames(isFinite ? number : "2.4", "-1", "0.1"), to: "far.xyz")
    for (predicted, more) in [("p.xyz", ["--labels", "l.xyz"]), ("far.xyz", [])] {
      let score = try CommandLineRun(
        ["score", predicted, "--reference", "ref.xyz", "--html", "s-\(predicted).html"] + more,
        in: scratch.folder)
      let report = try CommandLineRun(
        [
          "report", predicted, "--reference", "ref.xyz", "-o", "r-\(predicted).html", "--viewer",
          "none", "--figures", "figures-\(predicted)",
        ] + more, in: scratch.folder)
      let compare = try CommandLineRun(
        ["compare", predicted, "ref.xyz", "--reference", "ref.xyz"],
        in: scratch.folder)
      #expect(score.status == 0 || score.status == 3, "\(score.error)")
      #expect(report.status == 0, "\(report.error)")
      #expect(compare.status == 0, "\(compare.error)")
      for name in ["s", "r"] {
        let page = try scratch.text("\(name)-\(predicted).html")
        #expect(page.hasSuffix("</html>\n") && page.utf8.count < 100_000)
      }
    }
  }

  @Test("single points go out, and their forces come back in")
  func roundTrip() throws {
    let scratch = try Self.files()
    let export = try CommandLineRun(
      [
        "score", "one.xyz", "--reference", "ref.xyz", "--export-singlepoints", "points",
      ], in: scratch.folder)
    #expect(
      export.status == 0
        && export.error == "written: points with 3 structures to compute for 3 predictions\n")
    let label = try CommandLineRun(
      [
        "predict", "points/singlepoints.extxyz", "-p", "emt", "-o", "labels.xyz",
      ], in: scratch.folder)
    #expect(label.status == 0, "\(label.error)")
    func afbt(_ arguments: [String]) throws -> Double? {
      let run = try CommandLineRun(
        ["score", "one.xyz", "--reference", "ref.xyz", "--json", "-"] + arguments,
        in: scratch.folder)
      return try JSONText(parsing: run.output)["summary"]?["fbt"].flatMap {
        guard case .array(let marks) = $0 else { return nil }
        return marks[0]["share"]?.number
      }
    }
    #expect(try afbt(["--labels", "labels.xyz"]) == afbt(["-p", "emt"]))
    let again = try CommandLineRun(
      ["score", "one.xyz", "--reference", "ref.xyz", "--export-singlepoints", "points"],
      in: scratch.folder)
    #expect(again.status == 74)
  }

  @Test("compare says what differs, who flipped and where paths part")
  func compare() throws {
    let scratch = try Self.files()
    let run = try CommandLineRun(
      [
        "compare", "one.xyz", "two.xyz", "--reference", "ref.xyz", "--trajectories", "t1.xyz",
        "t2.xyz", "--json", "c.json", "--dwt", "0.12", "--markdown", "c.md",
      ], in: scratch.folder)
    #expect(run.status == 0, "\(run.error)")
    #expect(run.output.contains("1 of 1 part by more than 0.1 Å"))
    let json = try JSONText(parsing: scratch.text("c.json"))
    guard case .array(let partings) = json["partings"], case .array(let flips) = json["flips"],
      case .array(let flipped) = flips[0]["structures"]
    else {
      Issue.record("\(json)")
      return
    }
    #expect(partings[0]["step"] == .integer(2) && partings[0]["atom"] == .integer(3))
    // 0.15 → 0.025 Å gains, 0.1 → 0.45 Å loses.
    #expect(flipped.map { $0["id"] } == [.string("b"), .string("c")])
    #expect(flipped.map { $0["passes_in"] } == [.string("b"), .string("a")])
    #expect(try scratch.text("c.md").hasPrefix("# one.xyz (A) and two.xyz (B)"))
  }

  @Test("report writes one page, with figures beside it if asked for")
  func report() throws {
    let scratch = try Self.files()
    let run = try CommandLineRun(
      [
        "report", "one.xyz", "--reference", "ref.xyz", "--initial", "ini.xyz", "-p", "emt",
        "--viewer", "none", "-o", "page.html", "--figures", "figures", "--markdown", "page.md",
        "--json", "page.json", "--others", "two.xyz",
      ], in: scratch.folder)
    #expect(
      run.status == 0 && run.error == "written: page.html, page.json, page.md, figures\n",
      "\(run.error)")
    let page = try scratch.text("page.html")
    #expect(page.contains("Structures closer than a distance") && !page.contains("src="))
    #expect(FileManager.default.fileExists(atPath: scratch.path("figures/dwt.svg")))
    #expect(try JSONText(parsing: scratch.text("page.json"))["adwt"] != nil)
  }

  @Test(
    "score, compare and evaluate write their plots as figures",
    arguments: [
      ("score one.xyz --reference ref.xyz -p emt", ["dwt.svg", "fbt.svg"]),
      ("compare one.xyz two.xyz --reference ref.xyz", ["differences-shares.svg", "dwt.svg"]),
      ("evaluate \(examples)/na-on-al100.extxyz -p lj:sigma=2,epsilon=0.1", ["force-errors.svg"]),
    ])
  func figures(arguments: String, names: [String]) throws {
    let scratch = try Self.files()
    let run = try CommandLineRun(
      arguments.split(separator: " ").map(String.init) + ["--figures", "f", "--quiet"],
      in: scratch.folder)
    #expect([0, 3].contains(run.status), "\(run.error)")
    for name in names { #expect(try scratch.text("f/\(name)").hasPrefix("<?xml"), "\(name)") }
  }

  @Test("check counts errors in its exit code, and warnings only when strict")
  func check() throws {
    let scratch = try Self.files()
    let plain = try CommandLineRun(["check", "ref.xyz", "-p", "emt"], in: scratch.folder)
    #expect(plain.status == 0 && plain.error.isEmpty)
    #expect(plain.output.contains("warning: vacuum, 3 of 3"))
    let strict = try CommandLineRun(
      ["check", "ref.xyz", "--strict", "--json", "c.json", "-q"], in: scratch.folder)
    #expect(strict.status == 3 && strict.output.isEmpty)
    #expect(try JSONText(parsing: scratch.text("c.json"))["structures"] == .integer(3))
    try scratch.write(scratch.text("ref.xyz").replacing("Cu ", with: "Fe "), to: "iron.xyz")
    let unknown = try CommandLineRun(["check", "iron.xyz", "-p", "emt"], in: scratch.folder)
    #expect(unknown.status == 3 && unknown.output.contains("unknown-element, 3 of 3"))
    #expect(unknown.error == "relax: 3 of 3 structures cannot be relaxed\n")
  }
}
