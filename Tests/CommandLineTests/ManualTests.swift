// SPDX-License-Identifier: MIT

import Foundation
import TestSupport
import Testing

/// Man pages and completions say what help says.
@Suite("Man pages and completions")
struct ManualTests {
  /// Where commands run; it goes when it is no longer held.
  private let scratch: Scratch

  init() throws { scratch = try Scratch() }

  private func relax(_ arguments: String...) throws -> CommandLineRun {
    try CommandLineRun(arguments, in: scratch.folder)
  }

  private static let samples = [
    "relax", "relax-run", "relax-check", "relax-score", "relax-train", "relax-model",
    "relax-model-import", "relax-doctor",
  ]

  @Test("there is a page for each command that help knows")
  func completeness() throws {
    let list = try relax("--generate-manual")
    #expect(list.status == 0)
    let names = Set(list.output.split(separator: "\n").map(String.init))
    #expect(names.isSuperset(of: Self.samples))
    // Subcommands stand in help indented by two, behind a heading.
    for (command, page) in [([], "relax"), (["model"], "relax-model")] {
      let help = try CommandLineRun(["help"] + command, in: scratch.folder).output
      let behind = help.components(separatedBy: "SUBCOMMANDS:\n").last ?? ""
      let below = behind.split(separator: "\n").filter {
        $0.hasPrefix("  ") && !$0.hasPrefix("   ")
      }
      .compactMap { $0.split(separator: " ").first.map(String.init) }
      // The last line says how to get more help.
      .filter { $0 != "See" }
      #expect(!below.isEmpty)
      for name in below { #expect(names.contains("\(page)-\(name)"), "\(page)-\(name)") }
    }
  }

  @Test("a page has every option of its help, its usage and its exit codes", arguments: samples)
  func agreement(page: String) throws {
    let words = page.split(separator: "-").dropFirst().map(String.init)
    let help = try CommandLineRun(["help"] + words, in: scratch.folder).output
    let manual = try relax("--generate-manual", page).output
    #expect(manual.utf8.allSatisfy { $0 < 128 })
    let shown = manual.replacing("\\-", with: "-")
    let usage = help.components(separatedBy: "USAGE:").last ?? ""
    let options = usage.split(separator: "\n").filter { $0.hasPrefix("  -") }
      .flatMap { $0.prefix { $0 != "<" }.split { " ,/".contains($0) } }
      .filter { $0.hasPrefix("--") && !$0.hasSuffix(":") }
    #expect(options.contains("--help"))
    for option in options { #expect(shown.contains("\\fB\(option)\\fR"), "\(option)") }
    for section in ["NAME", "SYNOPSIS", "DESCRIPTION", "EXIT STATUS", "ENVIRONMENT", "SEE ALSO"] {
      #expect(shown.contains(".SH \"\(section)\"\n"), "\(section)")
    }
    for code in [0, 64, 65, 66, 74] { #expect(shown.contains("\n.B \(code)\n"), "\(code)") }
    #expect(shown.contains("RELAX_KERNELS"))
  }

  @Test("a page that there is not is wrong usage")
  func unknown() throws {
    let run = try relax("--generate-manual", "relax-nothing")
    #expect(run.status == 64)
    #expect(run.error.contains("there is no page relax-nothing"))
  }

  @Test("the version stands in the changelog and the citation")
  func version() throws {
    let version = try relax("--version").output.trimmingCharacters(in: .newlines)
    let root = URL(fileURLWithPath: examples).deletingLastPathComponent()
    func text(_ name: String) throws -> String {
      try String(contentsOf: root.appendingPathComponent(name), encoding: .utf8)
    }
    let (changelog, citation) = (try text("CHANGELOG.md"), try text("CITATION.cff"))
    #expect(changelog.contains("\n## \(version) ("))
    #expect(citation.contains("\nversion: \(version)\n"))
  }

  /// What bash offers for a line, by the function that it would call.
  private func offered(by script: String, for words: [String]) throws
    -> [String]
  {
    try scratch.write("", to: "slabs.extxyz")
    let line = words.joined(separator: " ")
    let quoted = words.map { "'\($0)'" }.joined(separator: " ")
    try scratch.write(
      script + """

        compopt() { :; }
        COMP_WORDS=(\(quoted)); COMP_CWORD=\(words.count - 1); COMP_LINE='\(line)'
        COMP_POINT=${#COMP_LINE}
        _relax relax '\(words[words.count - 1])' '\(words[words.count - 2])'
        printf '%s\\n' "${COMPREPLY[@]}"
        """, to: "try.bash")
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/bin/bash")
    process.arguments = ["--norc", "try.bash"]
    process.currentDirectoryURL = URL(fileURLWithPath: scratch.folder)
    let pipe = Pipe()
    process.standardOutput = pipe
    try process.run()
    let output = pipe.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    return String(decoding: output, as: UTF8.self).split(separator: "\n").map(String.init)
  }

  @Test(
    "bash completes without `run` as with it",
    .enabled(
      if: FileManager.default.isExecutableFile(atPath: "/bin/bash"), "bash is not installed"),
    arguments: [
      ("slabs.extxyz --prov", "--provider"), ("slabs.extxyz --scheme ocp", "ocp2021"),
      ("slabs.extxyz --optimizer fi", "fire"), ("slabs.extxyz -p emt --frames en", "ends"),
      ("slabs.extxyz -p emt-", "emt-morse"), ("predict slabs.extxyz -p forc", "forcenet:"),
      ("sla", "slabs.extxyz"), ("rep", "report"), ("--prov", "--provider"),
      ("score slabs.extxyz --ref", "--reference"), ("model im", "import"), ("help doc", "doctor"),
    ])
  func bash(typed: String, wanted: String) throws {
    let script = try relax("--generate-completion-script", "bash").output
    let words = ["relax"] + typed.split(separator: " ").map(String.init)
    let completions = try offered(by: script, for: words)
    #expect(completions == [wanted])
  }

  @Test(
    "options of other commands are not offered",
    arguments: ["slabs.extxyz --ref", "score a --opti"])
  func foreign(typed: String) throws {
    let script = try relax("--generate-completion-script", "bash").output
    let words = ["relax"] + typed.split(separator: " ").map(String.init)
    let completions = try offered(by: script, for: words)
    #expect(completions == [])
  }

  @Test("scripts of all shells know of the short form", arguments: ["bash", "zsh", "fish"])
  func scripts(shell: String) throws {
    let script = try relax("--generate-completion-script", shell)
    #expect(script.status == 0)
    #expect(script.output.contains("emt-morse"))
    #expect(script.output.contains(shell == "fish" ? "__relax_given_tokens" : "__relax_parsed() {"))
  }
}
