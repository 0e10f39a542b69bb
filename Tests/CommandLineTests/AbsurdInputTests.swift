// SPDX-License-Identifier: MIT

import Foundation
import TestSupport
import Testing

/// Input that nature does not have ends as a result, a named failure or a refusal.
@Suite("Absurd input")
struct AbsurdInputTests {
  private static let slab = """
    2
    sid=slab Lattice="2.6 0 0 0 2.6 0 0 0 12" pbc="T T F" Properties=species:S:1:pos:R:3
    Cu 0 0 0
    Cu 1.3 1.3 1.8

    """

  private func summary(_ scratch: Scratch) throws -> [[String: Any]] {
    try scratch.text("s.jsonl").split(separator: "\n").map {
      try #require(try JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any])
    }
  }

  @Test(
    "a cutoff over very many cells fails that structure and says how many pairs it would take",
    arguments: ["2000", "1e5", "1e6"])
  func cutoff(_ cutoff: String) throws {
    let scratch = try Scratch()
    let cluster = "2\nsid=cluster\nCu 0 0 0\nCu 2.5 0 0\n"
    try scratch.write(Self.slab + cluster, to: "in.xyz")
    let run = try CommandLineRun(
      [
        "in.xyz", "-p", "lj:sigma=2.2,epsilon=0.4,cutoff=\(cutoff)", "--summary", "s.jsonl", "-q",
      ], in: scratch.folder)
    #expect(run.status == 3)
    let lines = try summary(scratch)
    #expect(lines.map { $0["status"] as? String } == ["failed", "converged"])
    let reason = try #require(lines[0]["reason"] as? String)
    #expect(reason.contains("pairs of atoms within its cutoff") && reason.contains("e"))
    let predicted = try CommandLineRun(
      ["predict", "in.xyz", "-p", "lj:sigma=2.2,cutoff=\(cutoff)", "-o", "p.xyz"],
      in: scratch.folder)
    #expect(predicted.status == 3 && predicted.error.contains("slab: lj:"))
    #expect(try scratch.text("p.xyz").contains("sid=cluster"))
  }

  @Test(
    "cutoffs that no structure is as wide as, or that are no numbers, are wrong usage",
    arguments: ["1e12", "1e300", "nan", "inf", "-5", "0"])
  func refused(_ cutoff: String) throws {
    let scratch = try Scratch()
    try scratch.write(Self.slab, to: "in.xyz")
    let run = try CommandLineRun(
      ["in.xyz", "-p", "lj:sigma=1,epsilon=1,cutoff=\(cutoff)"], in: scratch.folder)
    #expect(run.status == 64 && run.error.contains("cutoff"))
    #expect(!FileManager.default.fileExists(atPath: scratch.path("relaxed.extxyz")))
  }

  @Test("huge cells and far atoms are relaxed or named, by every kind of provider")
  func hugeCells() throws {
    let scratch = try Scratch()
    var text = ""
    for (number, size) in ["1e3", "1e7", "1e19", "1e39", "1e155", "1e300"].enumerated() {
      for pbc in ["T T T", "F F F"] {
        text +=
          "1\nsid=cell\(number) Lattice=\"\(size) 0 0 0 \(size) 0 0 0 \(size)\" pbc=\"\(pbc)\" "
          + "Properties=species:S:1:pos:R:3\nCu 0 0 0\n"
      }
      text += "2\nsid=far\(number) Properties=species:S:1:pos:R:3\nCu 0 0 0\nCu \(size) 0 0\n"
    }
    try scratch.write(text, to: "in.xyz")
    for provider in [
      "d3:xc=pbe", "emt", "lj:sigma=2.2", "morse",
      "forcenet:model=\(examples)/forcenet-emt-mini.safetensors",
    ] {
      let run = try CommandLineRun(
        [
          "in.xyz", "-p", provider, "--summary", "s.jsonl", "-o", "out.xyz", "-q", "--overwrite",
          "--steps", "3",
        ], in: scratch.folder)
      #expect(run.status == 3 || run.status == 65, "\(provider): \(run.error)")
      #expect(try summary(scratch).count == 18, "\(provider)")
    }
  }

  @Test(
    "check finds absurd forces as it finds others",
    arguments: ["1e19", "-1e300", "inf", "nan", "1e4"])
  func hugeForces(_ force: String) throws {
    let scratch = try Scratch()
    try scratch.write(
      "1\nsid=a Properties=species:S:1:pos:R:3:forces:R:3\nCu 0 0 0 \(force) 0 0\n", to: "in.xyz")
    let run = try CommandLineRun(["check", "in.xyz", "--json", "-"], in: scratch.folder)
    #expect(run.status == 0 || run.status == 3)
    #expect(run.output.contains("units"))
  }

  @Test("a Hessian that does not fit fails its structure, and the others are relaxed")
  func bfgs() throws {
    let scratch = try Scratch()
    var text = "2800\nsid=large Properties=species:S:1:pos:R:3\n"
    for k in 0..<2800 { text += "Cu \(10 * (k % 20)) \(10 * (k / 20 % 20)) \(10 * (k / 400))\n" }
    text += "2\nsid=small\nCu 0 0 0\nCu 2.4 0 0\n"
    try scratch.write(text, to: "in.xyz")
    let run = try CommandLineRun(
      ["in.xyz", "-p", "emt", "--optimizer", "bfgs", "--summary", "s.jsonl", "-q"],
      in: scratch.folder)
    #expect(run.status == 3)
    let lines = try summary(scratch)
    #expect(lines.map { $0["status"] as? String } == ["failed", "converged"])
    #expect((lines[0]["reason"] as? String)?.contains("2800 free atoms takes") == true)
  }
}
