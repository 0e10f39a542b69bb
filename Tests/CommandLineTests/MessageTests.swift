// SPDX-License-Identifier: MIT

import Foundation
import TestSupport
import Testing

/// What commands say: what was written, what was misunderstood, what their help promises.
@Suite("Words of commands")
struct MessageTests {
  private static let commands = [
    "run", "check", "score", "compare", "report", "predict", "evaluate", "sample", "train",
    "convert",
    "serve", "model init", "model import", "model info", "doctor",
  ]

  private func run(_ arguments: String, _ scratch: Scratch) throws -> CommandLineRun {
    try CommandLineRun(arguments.split(separator: " ").map(String.init), in: scratch.folder)
  }

  private func help(_ command: String) throws -> String {
    let scratch = try Scratch()
    return try run("help \(command)", scratch).output
  }

  private func scratch() throws -> Scratch {
    let scratch = try Scratch()
    let slab = """
      2
      sid=a Lattice="5 0 0 0 5 0 0 0 20" Properties=species:S:1:pos:R:3:move_mask:L:1:forces:R:3
      Cu 0 0 0 F 0 0 0.1
      Cu 0 0 2.3 T 0 0 0.1

      """
    try scratch.write(slab, to: "in.xyz")
    return scratch
  }

  @Test(
    "every command names what it wrote on standard error, unless it is to be quiet",
    arguments: [
      ("in.xyz -p emt -o o.xyz --trajectory t.xyz --json j", "o.xyz, t.xyz, j"),
      ("in.xyz -p emt -o o.xyz --json -", "o.xyz"), ("check in.xyz --json j", "j"),
      ("score in.xyz --reference in.xyz --json j --markdown m", "j, m"),
      ("compare in.xyz in.xyz --reference in.xyz --json j", "j"),
      ("report in.xyz --reference in.xyz --viewer none -o p --json j", "p, j"),
      ("predict in.xyz -p emt -o o.xyz", "o.xyz"), ("convert in.xyz o.xyz", "o.xyz"),
      ("evaluate in.xyz -p emt --json j", "j"),
      ("model init --architecture gns --seed 1 -o m.safetensors", "m.safetensors"),
      ("sample in.xyz -p emt -o frames", "frames"),
    ])
  func written(arguments: String, names: String) throws {
    let (folder, other) = (try scratch(), try scratch())
    let run = try run(arguments, folder)
    #expect(run.status == 0, "\(run.error)")
    #expect(run.error == "written: \(names)\n" && !run.output.contains("written:"))
    let quiet = try self.run(arguments + " -q", other)
    #expect(quiet.status == 0 && quiet.error.isEmpty, "\(quiet.error)")
  }

  @Test("what goes to standard output is not called written")
  func streams() throws {
    for arguments in ["convert in.xyz -", "predict in.xyz -p emt -o -", "in.xyz -p emt -o -"] {
      let folder = try scratch()
      let run = try run(arguments, folder)
      #expect(run.status == 0 && run.error.isEmpty, "\(run.error)")
      #expect(run.output.hasPrefix("2\n"))
    }
  }

  @Test(
    "misspelt commands and options are named, with what was probably meant",
    arguments: [
      ("socre in.xyz", 66, "socre: there is no such file", "`score`"),
      ("version", 66, "version: there is no such file", "`--version`"),
      ("nonsense", 66, "nonsense: there is no such file, and no command", "possible are run"),
      ("model inof in.xyz", 64, "model: there is no command `inof`", "`info`"),
      ("run --hlep", 64, "no option --hlep", "`--help`"),
      ("--verison", 64, "no option --verison", "`--version`"),
      ("in.xyz -p emt --trajectry t.xyz", 64, "no option --trajectry", "`--trajectory`"),
      ("score in.xyz --refrence in.xyz", 64, "no option --refrence", "`--reference`"),
      ("model info in.xyz --jsn=-", 64, "no option --jsn", "`--json`"),
      ("in.xyz -p emt --xyzzyx 3", 64, "no option --xyzzyx", "`relax help run` lists"),
    ])
  func misspelt(arguments: String, status: Int, what: String, meant: String) throws {
    let folder = try scratch()
    let run = try run(arguments, folder)
    #expect(run.status == Int32(status), "\(run.error)")
    #expect(run.error.hasPrefix("relax: ") && run.error.contains(what), "\(run.error)")
    #expect(run.error.contains(meant), "\(run.error)")
  }

  @Test("a value that is none is refused with what is wanted", arguments: commands)
  func values(of command: String) throws {
    let forms = [
      "number", "integer", "number,number,…", "low:high", "key=value", "all|ends|every:N",
    ]
    let text = try help(command)
    let scratch = try scratch()
    for form in forms {
      for line in text.split(separator: "\n") where line.contains("<\(form)>") {
        let words = line.split(separator: " ").map(String.init)
        guard words[0].hasPrefix("--") else { continue }
        let run = try CommandLineRun(
          command.split(separator: " ").map(String.init) + [words[0], "0;05"],
          in: scratch.folder)
        #expect(run.status == 64)
        #expect(
          run.error.hasPrefix("relax: \(words[0]) 0;05: ") && run.error.contains(" needed"),
          "\(run.error)")
      }
    }
  }

  @Test("a decimal comma is told of")
  func comma() throws {
    let folder = try scratch()
    let run = try run("in.xyz -p emt --fmax 0,05", folder)
    #expect(run.error == "relax: --fmax 0,05: decimals follow a point, as in 0.05\n")
    let spec = try self.run("in.xyz -p forcenet:a/b.safetensors", folder)
    #expect(spec.error.contains("is forcenet:model=a/b.safetensors meant?"), "\(spec.error)")
    let frames = try self.run("in.xyz -p emt --frames ends", folder)
    #expect(frames.status == 64 && frames.error.contains("give --trajectory FILE"))
  }

  @Test("help has exit codes, fits 80 columns, and its examples can be copied", arguments: commands)
  func helps(_ command: String) throws {
    let text = try help(command)
    #expect(text.contains("Exit codes: 0 "))
    let overview = text.components(separatedBy: "USAGE:")[0].components(separatedBy: "\n")
    #expect(overview.allSatisfy { $0.count <= 80 })
    var goesOn = false
    for line in overview {
      #expect(line != "\\")
      // A line of options belongs to the one before only behind a backslash.
      if line.hasPrefix("  --") || line.hasPrefix("  -o ") { #expect(goesOn, "\(line)") }
      goesOn = line.hasSuffix(" \\")
    }
  }

  @Test("the configuration in the help of train is one")
  func configuration() throws {
    let scratch = try Scratch()
    let lines = try help("train").components(separatedBy: "\n")
    let first = try #require(lines.firstIndex { $0.hasPrefix("model:") })
    let last = try #require(lines.firstIndex { $0.hasPrefix("output:") })
    try scratch.write(lines[first...last].joined(separator: "\n") + "\n", to: "c.yaml")
    let run = try run("train c.yaml", scratch)
    #expect(run.status == 66 && run.error.contains("s2ef_train"), "\(run.error)")
    try scratch.write("model:\n\tarchitecture: gns\n", to: "tab.yaml")
    #expect(try self.run("train tab.yaml", scratch).error.contains("tab.yaml:2: a tab stands here"))
  }

  @Test("without a readable frame nothing is left behind, and the mended command runs")
  func nothingLeft() throws {
    let scratch = try Scratch()
    try scratch.write("1\nsid=a\nCu nan 0 0\n1\nsid=b\nCu nan 0 0\n", to: "in.xyz")
    let arguments = "in.xyz -p emt -q --summary s.jsonl --json j --trajectory t.xyz"
    #expect(try run(arguments, scratch).status == 65)
    #expect(
      try FileManager.default.contentsOfDirectory(atPath: scratch.folder)
        .filter { !$0.hasPrefix(".std") } == ["in.xyz"])
    try scratch.write("1\nsid=a\nCu 0 0 0\n", to: "in.xyz")
    #expect(try run(arguments, scratch).status == 0)
  }

  @Test(
    "troubles stand in the order of the input, equal ids with their index, invalid ones as such")
  func troubles() throws {
    let scratch = try Scratch()
    let frames = (0..<12).map { _ in "1\nsid=x\nFe 0 0 0\n" }.joined()
    try scratch.write(frames, to: "in.xyz")
    let run = try run("in.xyz -p emt --threads 3", scratch)
    #expect(run.status == 3)
    let named = run.output.split(separator: "\n").filter { $0.contains(": invalid: ") }
    #expect(named.count == 10)
    for (index, line) in named.enumerated() { #expect(line.hasPrefix("  x (index \(index)): ")) }
    #expect(run.output.contains("… and 2 more that are not converged"))
    #expect(run.error.contains("relax: 12 of 12 structures are invalid and could not be relaxed"))
  }

  @Test("a lost cell and a missing mask are told of once, by run and by check")
  func warnings() throws {
    let scratch = try Scratch()
    try scratch.write("2\n\nCu 0 0 0\nCu 0 0 2.5\n2\n\nCu 0 0 0\nCu 0 0 2.5\n", to: "plain.xyz")
    let cell = try run("plain.xyz -p emt", scratch)
    #expect(cell.error.components(separatedBy: "repeats along no axis").count == 2)
    #expect(try run("check plain.xyz", scratch).output.contains("warning: cell, 2 of 2"))
    let slab = "Lattice=\"5 0 0 0 5 0 0 0 20\" Properties=species:S:1:pos:R:3"
    for (column, word) in [
      ("", "has no mask (in extended XYZ the column `move_mask`)"), (":movemask:I:1", "`movemask`"),
    ] {
      let atom = column.isEmpty ? "" : " 1"
      try scratch.write("1\n\(slab)\(column)\nCu 0 0 0\(atom)\n", to: "slab.xyz")
      let run = try run("slab.xyz -p emt --overwrite", scratch)
      #expect(run.error.contains("warning: slab#0") && run.error.contains(word), "\(run.error)")
    }
    let toy = try run("slab.xyz -p lj --overwrite", scratch)
    #expect(toy.error.contains("warning: lj with sigma=1"))
  }

  @Test("doctor writes powers of ten as such")
  func doctor() throws {
    let folder = try Scratch()
    let run = try run("doctor", folder)
    #expect(run.output.contains("1.0e-12") && !run.output.contains("10.0e"))
  }
}
