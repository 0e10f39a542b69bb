// SPDX-License-Identifier: MIT

import Files
import Foundation
import TestSupport
import Testing

/// `relax report --training` on folders as trainings leave them, and the forms of figures.
@Suite("Pages and figures of trainings") struct TrainingReportCommandTests {
  private static func training(_ name: String, _ scratch: Scratch, isFinished: Bool = true) throws {
    let folder = scratch.path(name)
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    let lines = [10, 20, 30].map {
      #"{"step": \#($0), "loss": \#(1 / Double($0)), "learning_rate": 0.001, "#
        + #""validation": {"val": \#(2 / Double($0))}, "validation_zero": {"val": 0.3}}"#
    }
    // A line that is being written, as in a running training.
    try scratch.write(lines.joined(separator: "\n") + "\n{\"step\": 4", to: "\(name)/metrics.jsonl")
    try scratch.write("model: <b>none</b>\n", to: "\(name)/config.yaml")
    if isFinished { try scratch.write("", to: "\(name)/last.safetensors") }
  }

  private static func names(in folder: String) throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: folder).sorted()
  }

  @Test("several trainings are one page, read only, with the names that were given")
  func page() throws {
    let scratch = try Scratch()
    try Self.training("runs/a", scratch)
    try Self.training("runs/b", scratch, isFinished: false)
    let before = try Self.names(in: scratch.path("runs/b"))
    let run = try CommandLineRun(
      ["report", "--training", "runs/a", "runs/b/", "-o", "t.html", "--json", "t.json"],
      in: scratch.folder)
    #expect(run.status == 0 && run.error == "written: t.html, t.json\n", "\(run.error)")
    let page = try scratch.text("t.html")
    #expect(page.contains("<h1>2 trainings</h1>") && page.contains("&lt;b&gt;none"))
    #expect(page.contains("data-name=\"a\"") && page.contains("data-name=\"b\""))
    #expect(try Self.names(in: scratch.path("runs/b")) == before)
    guard case .array(let all)? = try JSONText(parsing: scratch.text("t.json"))["trainings"] else {
      Issue.record("no trainings")
      return
    }
    #expect(all.map { $0["name"] } == [.string("a"), .string("b")])
    #expect(all.map { $0["state"] } == [.string("finished"), .string("not finished")])
    #expect(all.map { $0["steps"] } == [.integer(30), .integer(30)])
    let named = try CommandLineRun(
      [
        "report", "--training", "runs/a", "runs/b", "--name", "x <i>", "--name", "y", "-o",
        "n.html",
      ], in: scratch.folder)
    #expect(named.status == 0)
    #expect(try scratch.text("n.html").contains("data-name=\"x &lt;i&gt;\""))
  }

  @Test(
    "what cannot be is refused in one line, and nothing is written",
    arguments: [
      ("report --training a relaxed.xyz", Int32(64), "is a file"),
      ("report relaxed.xyz --training a", 64, "choose one"),
      ("report --training a --reference relaxed.xyz", 64, "choose one"),
      ("report --training a --name x --name y", 64, "2 names for 1"),
      ("report --training nothing", 66, "no such folder"),
      ("report --training empty", 66, "no folder of a training"),
      ("report relaxed.xyz --name x --name x", 64, "2 names for 1"),
      ("report --training a --figure-format pdf", 64, "--figures"),
      ("report --training a --figures f --figure-format eps", 64, "svg"),
      ("report --training a --figures f --figure-size 2x2cm", 64, "no room"),
      ("report --training a --figures f --figure-size 8x6", 64, "--figure-size"),
      ("report --training a --figures f --font-size 40", 64, "no room"),
      ("report --training a --figures f --dpi 300", 64, "--figure-format png"),
    ])
  func refusals(arguments: String, status: Int32, words: String) throws {
    let scratch = try Scratch()
    try Self.training("a", scratch)
    try scratch.write("", to: "relaxed.xyz")
    try FileManager.default.createDirectory(
      atPath: scratch.path("empty"), withIntermediateDirectories: true)
    let run = try CommandLineRun(
      arguments.split(separator: " ").map(String.init), in: scratch.folder)
    #expect(run.status == status && run.error.contains(words), "\(run.status): \(run.error)")
    #expect(!FileManager.default.fileExists(atPath: scratch.path("report.html")))
    #expect(!FileManager.default.fileExists(atPath: scratch.path("f")))
  }

  // MARK: - Figures

  private static func figures(
    _ scratch: Scratch, _ arguments: String, path: String? = nil
  ) throws -> CommandLineRun {
    try CommandLineRun(
      ["report", "--training", "a", "--figures", "f", "-o", "t.html"]
        + arguments.split(separator: " ").map(String.init), in: scratch.folder,
      environment: path.map { ["PATH": $0] } ?? [:])
  }

  /// Whether a program is there; its absence is said.
  private static func has(_ program: String) -> Bool {
    let path = ProcessInfo.processInfo.environment["PATH"] ?? ""
    let found = path.split(separator: ":").contains {
      FileManager.default.isExecutableFile(atPath: "\($0)/\(program)")
    }
    if !found { print("\(program) is not installed: figures that need it are not looked at") }
    return found
  }

  @Test("a figure has the size, letters and heading that were asked for, and no more than it needs")
  func svg() throws {
    let scratch = try Scratch()
    try Self.training("a", scratch)
    let run = try Self.figures(scratch, "--figure-size 9x5cm --font-size 7 --figure-labels letters")
    #expect(run.status == 0, "\(run.error)")
    #expect(
      try Self.names(in: scratch.path("f")) == ["force-error.svg", "learning-rate.svg", "loss.svg"])
    let svg = try scratch.text("f/force-error.svg")
    #expect(
      svg.contains("width=\"9cm\" height=\"5cm\"")
        || svg.contains("width=\"9.000cm\" height=\"5.000cm\""))
    #expect(svg.contains("font-size:7px") && svg.contains(">b)</text>"))
    #expect(
      !svg.contains("var(") && !svg.contains("<script") && !svg.contains("Force MAE on val</text>"))
    var scanner = XMLScanner(MemoryBytes(Array(svg.utf8)), file: "figure")
    while try scanner.nextEvent() != nil {}
    // Again: refused, and with --overwrite to the same bytes.
    #expect(try Self.figures(scratch, "").status == 74)
    let again = try Self.figures(
      scratch, "--figure-size 9x5cm --font-size 7 --figure-labels letters --overwrite")
    #expect(again.status == 0)
    #expect(try scratch.text("f/force-error.svg") == svg)
  }

  @Test("a PDF has its words as text and its size, a PNG its pixels, and both are the same again")
  func converted() throws {
    guard Self.has("rsvg-convert") else { return }
    let scratch = try Scratch()
    try Self.training("a", scratch)
    let pdf = try Self.figures(scratch, "--figure-format pdf --figure-size 3x2.5in")
    #expect(pdf.status == 0, "\(pdf.error)")
    let bytes = try scratch.data("f/loss.pdf")
    #expect(String(decoding: bytes.prefix(5), as: UTF8.self) == "%PDF-")
    let page = String(decoding: bytes, as: UTF8.self)
    let box = try #require(page.firstMatch(of: /MediaBox \[ ?0 0 ([0-9.]+) ([0-9.]+) ?\]/))
    let (width, height) = (try #require(Double(box.1)), try #require(Double(box.2)))
    #expect(abs(width - 216) < 1 && abs(height - 180) < 1)
    let again = try Self.figures(scratch, "--figure-format pdf --figure-size 3x2.5in --overwrite")
    #expect(again.status == 0)
    #expect(try scratch.data("f/loss.pdf") == bytes)
    let png = try Self.figures(
      scratch, "--figure-format png --figure-size 3x2.5in --dpi 200 --overwrite")
    #expect(png.status == 0, "\(png.error)")
    let image = Array(try scratch.data("f/loss.png"))
    #expect(Array(image.prefix(4)) == [0x89, 0x50, 0x4E, 0x47])
    func number(_ place: Int) -> Int { image[place..<place + 4].reduce(0) { $0 * 256 + Int($1) } }
    #expect(abs(number(16) - 600) <= 1 && abs(number(20) - 500) <= 1)
    guard Self.has("pdftotext") else { return }
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = ["pdftotext", scratch.path("f/loss.pdf"), "-"]
    let pipe = Pipe()
    process.standardOutput = pipe
    try process.run()
    let text = String(decoding: pipe.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    #expect(text.contains("mean loss (eV/Å)") && text.contains("step"))
  }

  @Test(
    "where the program is missing it is named before anything is written; where it fails, its reason"
  )
  func converterTroubles() throws {
    let scratch = try Scratch()
    try Self.training("a", scratch)
    let missing = try Self.figures(scratch, "--figure-format pdf", path: scratch.path("nowhere"))
    #expect(missing.status == 66, "\(missing.error)")
    #expect(missing.error.contains("librsvg2-bin") && missing.error.contains("svg needs nothing"))
    #expect(missing.error.split(separator: "\n").count == 1)
    #expect(!FileManager.default.fileExists(atPath: scratch.path("t.html")))
    // No program that was just written: a thread that starts another one may still hold it open.
    try FileManager.default.createDirectory(
      atPath: scratch.path("bin"), withIntermediateDirectories: true)
    try FileManager.default.createSymbolicLink(
      atPath: scratch.path("bin/rsvg-convert"), withDestinationPath: "/bin/false")
    let failing = try Self.figures(
      scratch, "--figure-format png --overwrite", path: scratch.path("bin") + ":/usr/bin:/bin")
    #expect(
      failing.status == 74 && failing.error.contains("made no png of"), "\(failing.error)")
    // The folder is made with its first figure: nothing half made is left.
    #expect(!FileManager.default.fileExists(atPath: scratch.path("f")))
  }
}
