// SPDX-License-Identifier: MIT

import Files
import Foundation
import TestSupport
import Testing

@Suite("relax report without references, and relax compare of several runs")
struct RunPageTests {
  /// The example slabs, relaxed with so few steps that some do not converge.
  private static func run(_ more: [String] = []) throws -> Scratch {
    let scratch = try Scratch()
    let run = try CommandLineRun(
      [
        "\(examples)/slabs.extxyz", "-p", "emt-morse", "--steps", "80", "-o", "r.extxyz",
        "--trajectory", "t.extxyz", "--summary", "s.jsonl", "-q",
      ] + more, in: scratch.folder)
    #expect(run.status == 3, "\(run.error)")
    return scratch
  }

  private static func structures(_ scratch: Scratch, _ name: String = "r.json") throws -> [JSONText]
  {
    guard case .array(let list)? = try JSONText(parsing: scratch.text(name))["structures"] else {
      Issue.record("no structures")
      return []
    }
    return list
  }

  @Test("the JSON has what the summary says of each structure, from the journal or from --summary")
  func agreement() throws {
    let scratch = try Self.run()
    let lines = try scratch.text("s.jsonl").split(separator: "\n").map {
      try JSONText(parsing: String($0))
    }
    // Without its journal a file is judged by the summary alone.
    try FileManager.default.createDirectory(
      atPath: scratch.path("far"), withIntermediateDirectories: true)
    try FileManager.default.copyItem(
      atPath: scratch.path("r.extxyz"), toPath: scratch.path("far/r.extxyz"))
    for (input, name, more) in [
      ("r.extxyz", "near.json", []), ("far/r.extxyz", "far.json", ["--summary", "s.jsonl"]),
    ] {
      let report = try CommandLineRun(
        ["report", input, "--json", name, "-o", "\(name).html", "--viewer", "none"] + more,
        in: scratch.folder)
      #expect(report.status == 0, "\(report.error)")
      let structures = try Self.structures(scratch, name)
      #expect(structures.count == lines.count)
      for (structure, line) in zip(structures, lines) {
        for member in [
          "id", "status", "reason", "steps", "evaluations", "energy", "fmax", "seconds",
        ] {
          #expect(structure[member] == line[member], "\(member) of \(name)")
        }
        #expect(structure["energy_change"] == .null)
      }
    }
    let json = try JSONText(parsing: scratch.text("near.json"))
    let run = try #require(json["runs"]?.items?.first)
    #expect(run["settings"]?["provider"] == .string("emt-morse"))
    #expect(run["settings"]?["scheme"] == .string("ase"))
    guard case .string(let command)? = run["command"] else {
      Issue.record("no command")
      return
    }
    #expect(
      command.hasPrefix("relax ") && command.hasSuffix(" -q") && command.contains("--steps 80"))
    #expect(
      try JSONText(parsing: scratch.text("far.json"))["runs"]?.items?.first?["settings"] == .null)
  }

  @Test(
    "energies won are those of the trajectory's ends, and the page begins with what did not converge"
  )
  func paths() throws {
    let scratch = try Self.run()
    let report = try CommandLineRun(
      [
        "report", "r.extxyz", "--trajectory", "t.extxyz", "--json", "r.json", "--csv", "r.csv",
        "-o", "r.html",
      ], in: scratch.folder)
    #expect(report.status == 0, "\(report.error)")
    var first: [String: Double] = [:]
    for line in try scratch.text("t.extxyz").split(separator: "\n") where line.contains("fid=0 ") {
      let id = try #require(line.firstMatch(of: /sid=(\S+)/)).1
      first[String(id)] = Double(try #require(line.firstMatch(of: #/ energy=(\S+)/#)).1)
    }
    let structures = try Self.structures(scratch)
    for structure in structures {
      guard case .string(let id)? = structure["id"], let start = first[id],
        let energy = structure["energy"]?.number
      else {
        Issue.record("\(structure)")
        continue
      }
      #expect(structure["energy_change"]?.number == energy - start)
      #expect(structure["anomalies"]?.items != nil)
    }
    // What needs a look is first in the table; the JSON keeps the order of the file.
    let rows = try scratch.text("r.csv").split(separator: "\n").map {
      $0.split(separator: ",", omittingEmptySubsequences: false)
    }
    let column = try #require(rows[0].firstIndex(of: "status"))
    let statuses = rows.dropFirst().map { String($0[column]) }
    #expect(statuses.count == 12 && Set(statuses) == ["step_limit", "converged"])
    #expect(statuses == statuses.sorted(by: >))
  }

  @Test("several files are one page, equal ids are structures of their own")
  func several() throws {
    let scratch = try Self.run()
    let other = try CommandLineRun(
      ["\(examples)/slabs.extxyz", "-p", "emt-morse", "-o", "q.extxyz", "-q"], in: scratch.folder)
    #expect(other.status == 0)
    let report = try CommandLineRun(
      [
        "report", "r.extxyz", "q.extxyz", "--trajectory", "t.extxyz", "--json", "r.json", "-o",
        "r.html", "--name", "short",
      ], in: scratch.folder)
    #expect(report.status == 0, "\(report.error)")
    let structures = try Self.structures(scratch)
    #expect(structures.count == 24)
    #expect(structures.prefix(12).allSatisfy { $0["file"] == .string("r.extxyz") })
    #expect(structures.suffix(12).allSatisfy { $0["status"] == .string("converged") })
    // The trajectory is the first run's: another one's energies did not begin there.
    #expect(structures.prefix(12).allSatisfy { $0["energy_change"]?.number != nil })
    let same = zip(structures, structures.suffix(12)).filter { $0["energy"] == $1["energy"] }
    #expect(
      structures.suffix(12).count { $0["energy_change"] == .null } == 12 - same.count
        && same.count < 12)
    let page = try scratch.text("r.html")
    #expect(page.contains("short: emt-morse") && page.contains("q: emt-morse"))
  }

  @Test("a file of no run has a page too, and says that nothing is known of how it was made")
  func foreign() throws {
    let scratch = try Scratch()
    let report = try CommandLineRun(
      ["report", "\(examples)/reference.extxyz", "--json", "r.json", "-o", "r.html"],
      in: scratch.folder)
    #expect(report.status == 0, "\(report.error)")
    #expect(try Self.structures(scratch).count == 12)
    #expect(try scratch.text("r.html").contains("no journal"))
  }

  @Test(
    "what has no meaning without references is refused",
    arguments: [
      ["--others", "r.extxyz"], ["-p", "emt"], ["--labels", "r.extxyz"],
      ["--name", "a", "--name", "b"],
      ["--summary", "s.jsonl", "s.jsonl"], ["--training", "."],
    ])
  func refusals(more: [String]) throws {
    let scratch = try Scratch()
    try scratch.write("", to: "r.extxyz")
    let report = try CommandLineRun(["report", "r.extxyz"] + more, in: scratch.folder)
    #expect(report.status == 64, "\(report.error)")
    #expect(!FileManager.default.fileExists(atPath: scratch.path("report.html")))
  }

  @Test("several runs are compared with the first, and their tables say of which each row is")
  func comparison() throws {
    let scratch = try Self.run()
    for (name, steps) in [("b", "40"), ("c", "20")] {
      _ = try CommandLineRun(
        [
          "\(examples)/slabs.extxyz", "-p", "emt-morse", "--steps", steps, "-o", "\(name).extxyz",
          "-q",
        ], in: scratch.folder)
    }
    let reference = ["--reference", "\(examples)/reference.extxyz", "-p", "emt-morse"]
    let all = try CommandLineRun(
      [
        "compare", "r.extxyz", "b.extxyz", "c.extxyz", "--json", "all.json", "--csv", "all.csv",
        "--html", "all.html", "-q",
      ]
        + reference, in: scratch.folder)
    #expect(all.status == 0, "\(all.error)")
    let json = try JSONText(parsing: scratch.text("all.json"))
    let pairs = try #require(json["comparisons"]?.items)
    #expect(pairs.count == 2 && json["runs"]?.items?.count == 3)
    // Each pair is what comparing the two alone gives.
    for (name, pair) in zip(["b", "c"], pairs) {
      let two = try CommandLineRun(
        ["compare", "r.extxyz", "\(name).extxyz", "--json", "-"] + reference, in: scratch.folder)
      let alone = try JSONText(parsing: two.output)
      #expect(alone["metrics"] == pair["metrics"])
      #expect(alone["flips"] == pair["flips"])
    }
    let rows = try scratch.text("all.csv").split(separator: "\n")
    #expect(rows[0].hasPrefix("run,name,a,b,difference,low,high"))
    #expect(rows.count { $0.hasPrefix("b,") } == rows.count { $0.hasPrefix("c,") })
    for option in [["--summaries", "s.jsonl", "s.jsonl"], ["--trajectories", "t.extxyz"]] {
      let wrong = try CommandLineRun(
        ["compare", "r.extxyz", "b.extxyz", "c.extxyz"] + reference + option, in: scratch.folder)
      #expect(wrong.status == 64 && wrong.error.contains("3"), "\(wrong.error)")
    }
  }
}

extension JSONText {
  /// The elements, if this is a list.
  fileprivate var items: [JSONText]? {
    if case .array(let items) = self { items } else { nil }
  }
}
