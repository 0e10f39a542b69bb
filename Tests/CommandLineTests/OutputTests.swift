// SPDX-License-Identifier: MIT

import Foundation
import TestSupport
import Testing

/// Every output of every command against everything that it must not destroy.
@Suite("Outputs that destroy nothing")
struct OutputTests {
  /// A command with its outputs.
  struct Command: Sendable, CustomTestStringConvertible {
    /// The command without its outputs.
    var line: String
    /// Options that name a file to write; an empty one is the last argument.
    var files: [String]
    /// Options that name a folder, with a file which is written into it.
    var folders: [String: String] = [:]
    /// Names of what it reads, models and configurations included.
    var reads: [String]
    /// What it needs beside the output looked at.
    var needed: [String: String] = [:]
    var testDescription: String { line }
  }

  static let commands: [Command] = [
    Command(
      line: "run in.xyz -p gns:model=m.safetensors --steps 1 -q",
      files: ["--output", "--trajectory", "--summary", "--json"],
      reads: ["in.xyz", "m.safetensors"],
      needed: ["--output": "o.xyz"]),
    Command(
      line: "predict in.xyz -p gns:model=m.safetensors", files: ["--output"],
      reads: ["in.xyz", "m.safetensors"]),
    Command(line: "convert in.xyz", files: [""], reads: ["in.xyz"]),
    Command(
      line: "check in.xyz -p gns:model=m.safetensors -q", files: ["--json"],
      reads: ["in.xyz", "m.safetensors"]),
    Command(
      line: "score in.xyz --reference ref.xyz -p gns:model=m.safetensors -q",
      files: ["--json", "--html", "--markdown", "--csv", "--latex"],
      reads: ["in.xyz", "ref.xyz", "m.safetensors"]),
    Command(
      line: "compare in.xyz in2.xyz --reference ref.xyz -p gns:model=m.safetensors -q",
      files: ["--json", "--markdown", "--csv", "--latex"],
      reads: ["in.xyz", "in2.xyz", "ref.xyz", "m.safetensors"]),
    Command(
      line: "report in.xyz --reference ref.xyz -p gns:model=m.safetensors --viewer none",
      files: ["--output", "--json", "--markdown", "--csv", "--latex"],
      folders: ["--figures": "dwt.svg"],
      reads: ["in.xyz", "ref.xyz", "m.safetensors"], needed: ["--output": "o.html"]),
    Command(
      line: "evaluate in.xyz -p gns:model=m.safetensors -q",
      files: ["--json", "--csv", "--latex"],
      reads: ["in.xyz", "m.safetensors"]),
    Command(line: "model info m.safetensors", files: ["--json"], reads: ["m.safetensors"]),
    Command(
      line: "model init --config c.json --seed 1", files: ["--output"], reads: ["c.json"]),
    Command(
      line: "model import m.safetensors --config c.json", files: ["--output"],
      reads: ["m.safetensors", "c.json"]),
    Command(
      line: "sample in.xyz -p gns:model=m.safetensors --steps 1 -q", files: [],
      folders: ["--output": "is2rs.extxyz.xz"], reads: ["in.xyz", "m.safetensors"]),
    Command(
      line: "train c.yaml -q", files: [],
      folders: ["--output": "config.yaml"], reads: ["in.xyz", "ref.xyz", "m.safetensors", "c.yaml"]),
  ]

  /// What is in the way of an output.
  enum Hazard: String, CaseIterable, Sendable {
    case itself, symbolicLink, hardLink, otherSpelling, existing, linkToExisting, linkToNothing
  }

  private func prepared() throws -> Scratch {
    let scratch = try Scratch()
    for (name, height) in [("in.xyz", 2.3), ("in2.xyz", 2.35), ("ref.xyz", 2.4)] {
      try scratch.write(
        """
        2
        Properties=species:S:1:pos:R:3:forces:R:3 sid=a pbc="F F F"
        Cu 0 0 0 0 0 0.1
        O 0 0 \(height) 0 0 -0.1

        """, to: name)
    }
    try scratch.write(
      #"{"model": "gns", "config": {"hidden_channels": 4, "num_interactions": 1}}"#, to: "c.json")
    try scratch.write(
      """
      model: {from: m.safetensors}
      data: {train: in.xyz, validation: {v: ref.xyz}}
      training: {steps: 1, batch_size: 1, threads: 1}
      output: out

      """, to: "c.yaml")
    let model = try CommandLineRun(
      ["model", "init", "--config", "c.json", "--seed", "1", "-o", "m.safetensors"],
      in: scratch.folder)
    try #require(model.status == 0, "\(model.error)")
    return scratch
  }

  /// All visible files, by their path in the folder.
  private func contents(_ scratch: Scratch) throws -> [String: Data] {
    var contents: [String: Data] = [:]
    let manager = FileManager.default
    for path in try manager.subpathsOfDirectory(atPath: scratch.folder)
    where !path.hasPrefix(".std") {
      var isFolder: ObjCBool = false
      let exists = manager.fileExists(atPath: scratch.path(path), isDirectory: &isFolder)
      contents[path] = exists && !isFolder.boolValue ? try? scratch.data(path) : nil
    }
    return contents
  }

  private func run(
    _ command: Command, _ option: String, _ path: String, _ more: [String], _ scratch: Scratch
  ) throws -> CommandLineRun {
    var arguments = command.line.split(separator: " ").map(String.init)
    for (name, value) in command.needed where name != option { arguments += [name, value] }
    arguments += (option.isEmpty ? [] : [option]) + [path] + more
    return try CommandLineRun(arguments, in: scratch.folder)
  }

  /// Puts `hazard` at `path`, about the file `victim`.
  private func put(_ hazard: Hazard, at path: String, _ victim: String, _ scratch: Scratch) throws {
    let manager = FileManager.default
    let (place, target) = (scratch.path(path), scratch.path(victim))
    switch hazard {
    case .symbolicLink, .linkToExisting, .linkToNothing:
      try manager.createSymbolicLink(atPath: place, withDestinationPath: target)
    case .hardLink: try manager.linkItem(atPath: target, toPath: place)
    case .existing: try scratch.write("mine", to: path)
    case .itself, .otherSpelling: break
    }
  }

  @Test("no output destroys what a command reads or what is there", arguments: commands)
  func table(command: Command) throws {
    let scratch = try prepared()
    try FileManager.default.createDirectory(
      atPath: scratch.path("sub"), withIntermediateDirectories: false)
    try scratch.write("mine", to: "precious")
    for (option, file) in command.files.map({ ($0, "") }) + Array(command.folders) {
      for hazard in Hazard.allCases {
        let isAboutInputs = ![.existing, .linkToExisting, .linkToNothing].contains(hazard)
        for victim in isAboutInputs
          ? command.reads : [hazard == .linkToNothing ? "new" : "precious"]
        {
          // A folder's output has the name that the command gives it.
          if !file.isEmpty && (hazard == .itself || hazard == .otherSpelling) { continue }
          let folder = file.isEmpty ? "" : "folder/"
          if !file.isEmpty {
            try FileManager.default.createDirectory(
              atPath: scratch.path("folder"), withIntermediateDirectories: false)
          }
          let path =
            hazard == .itself ? victim : hazard == .otherSpelling ? "sub/../" + victim : "x"
          let place = file.isEmpty ? path : folder + file
          try put(hazard, at: place, victim, scratch)
          let before = try contents(scratch)
          for more in [[], ["--overwrite"]] {
            if !isAboutInputs && (hazard == .linkToNothing || !more.isEmpty) { continue }
            let run = try run(command, option, file.isEmpty ? path : "folder", more, scratch)
            let expected: [Int32] = isAboutInputs ? [64] : [74]
            #expect(
              expected.contains(run.status) && run.output.isEmpty,
              "\(command.line) \(option) \(hazard) \(victim) \(more): \(run.status) \(run.error)")
            #expect(try contents(scratch) == before, "\(option) \(hazard) \(victim) \(more)")
          }
          if !isAboutInputs {
            // Asked to, it replaces what is there, and a link stays a link.
            let run = try run(
              command, option, file.isEmpty ? path : "folder",
              hazard == .linkToNothing ? [] : ["--overwrite"], scratch)
            #expect([0, 3].contains(run.status), "\(option) \(hazard): \(run.status) \(run.error)")
            let after = try contents(scratch)
            // A training's folder is made anew, with no link in it; elsewhere a link stays one.
            let isMadeAnew = command.line.hasPrefix("train")
            let written = hazard == .existing || isMadeAnew ? place : victim
            #expect(after[written] != Data("mine".utf8) && after[written]?.isEmpty == false)
            for name in command.reads { #expect(after[name] == before[name]) }
            let target = try? FileManager.default.destinationOfSymbolicLink(
              atPath: scratch.path(place))
            #expect((target != nil) == (hazard != .existing && !isMadeAnew))
            try scratch.write("mine", to: "precious")
          }
          for name in ["x", "new", "folder"] + command.needed.values {
            try? FileManager.default.removeItem(atPath: scratch.path(name))
          }
          for name in try FileManager.default.contentsOfDirectory(atPath: scratch.folder)
          where name.hasSuffix(".journal") {
            try FileManager.default.removeItem(atPath: scratch.path(name))
          }
        }
      }
    }
  }

  @Test("a file that a shell has opened as standard input is an input too", arguments: commands)
  func standardInput(command: Command) throws {
    guard command.line.contains(" in.xyz ") || command.line.hasSuffix(" in.xyz") else { return }
    let scratch = try prepared()
    let before = try contents(scratch)
    for option in command.files {
      var arguments = command.line.split(separator: " ").map { $0 == "in.xyz" ? "-" : String($0) }
      for (name, value) in command.needed where name != option { arguments += [name, value] }
      arguments += (option.isEmpty ? [] : [option]) + ["in.xyz", "--overwrite"]
      let run = try CommandLineRun(arguments, in: scratch.folder, input: "in.xyz")
      #expect(run.status == 64, "\(arguments): \(run.error)")
      #expect(try contents(scratch) == before)
    }
  }

  @Test(
    "an input is never taken for a file of relax's own",
    arguments: [
      ".o.xyz.0a1b2c3d.partial", ".o.xyz.0a1b2c3d.ahead", ".o.xyz.partial", ".o.xyz.journal",
      ".o.xyz.lock",
    ])
  func hiddenNames(name: String) throws {
    let scratch = try prepared()
    try FileManager.default.moveItem(atPath: scratch.path("in.xyz"), toPath: scratch.path(name))
    try FileManager.default.createSymbolicLink(
      atPath: scratch.path("link.xyz"), withDestinationPath: name)
    let before = try scratch.data(name)
    for (line, output) in [
      ("run", "o.xyz"), ("predict", "o.xyz"), ("run", "./sub/../o.xyz"), ("predict", "other.xyz"),
    ] {
      try? FileManager.default.createDirectory(
        atPath: scratch.path("sub"), withIntermediateDirectories: false)
      for input in [name, "link.xyz"] {
        let run = try CommandLineRun(
          [line, input, "-p", "gns:model=m.safetensors", "-q", "--overwrite", "-o", output],
          in: scratch.folder)
        #expect(run.status == (output == "other.xyz" ? 0 : 64), "\(run.error)")
        #expect(try scratch.data(name) == before)
      }
    }
  }

  @Test(
    "no output takes the name of a file of relax's own", arguments: ["lock", "journal", "partial"])
  func hiddenOutputs(kind: String) throws {
    let scratch = try prepared()
    let before = try contents(scratch)
    for line in [
      "run in.xyz -p gns:model=m.safetensors -q -o o.xyz --summary .o.xyz.\(kind)",
      "score in.xyz --reference ref.xyz -q --json o --markdown .o.\(kind)",
    ] {
      let run = try CommandLineRun(
        line.split(separator: " ").map(String.init) + ["--overwrite"], in: scratch.folder)
      #expect(run.status == 64, "\(line): \(run.error)")
      #expect(try contents(scratch) == before)
    }
  }

  @Test("two outputs of one file are refused, whatever they are called", arguments: commands)
  func twoOutputs(command: Command) throws {
    guard command.files.count > 1 else { return }
    let scratch = try prepared()
    try FileManager.default.createSymbolicLink(
      atPath: scratch.path("link"), withDestinationPath: "x")
    let before = try contents(scratch)
    for first in command.files {
      for second in command.files where first < second {
        for (a, b) in [("x", "x"), ("x", "./x"), ("link", "x"), ("-", "-"), ("-", "/dev/stdout")] {
          var needed = command
          needed.needed[second] = b
          let run = try run(needed, first, a, ["--overwrite"], scratch)
          #expect(
            run.status == 64 && run.error.contains("two outputs"), "\(first) \(second) \(a) \(b)")
          #expect(try contents(scratch) == before)
        }
      }
    }
  }

  @Test("a folder, a missing folder and a file as a folder are refused", arguments: commands)
  func noPlace(command: Command) throws {
    let scratch = try prepared()
    try FileManager.default.createDirectory(
      atPath: scratch.path("sub"), withIntermediateDirectories: false)
    let before = try contents(scratch)
    for option in command.files {
      // Tables go into a folder that is there, each as a file of its own.
      let takesFolders = ["--csv", "--latex"].contains(option)
      for path in (takesFolders ? [] : ["sub"]) + ["none/x", "in.xyz/x"] {
        let run = try run(command, option, path, ["--overwrite"], scratch)
        #expect(run.status == 74, "\(option) \(path): \(run.error)")
        #expect(run.error.contains("\(path): "))
        #expect(try contents(scratch) == before)
      }
    }
    for option in command.folders.keys {
      // A sample may be a file, but not its own input.
      let run = try run(command, option, "in.xyz", ["--overwrite"], scratch)
      #expect(run.status == (command.line.hasPrefix("sample") ? 64 : 74), "\(option): \(run.error)")
      #expect(try contents(scratch) == before)
    }
  }
}
