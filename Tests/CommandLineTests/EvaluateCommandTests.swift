// SPDX-License-Identifier: MIT

import Foundation
import TestSupport
import Testing

@Suite("relax evaluate")
struct EvaluateCommandTests {
  private struct Report: Decodable {
    struct Split: Decodable {
      var name: String
      var frames: Int
      var free_atoms: Int
      var force_mae: Double?
      var force_cosine: Double?
      var energy_mae: Double?
      var baseline_zero_force_mae: Double?
      var rotation_instability: Double?
    }
    struct Failure: Decodable {
      var split: String
      var id: String
      var reason: String
    }
    var splits: [Split]
    var failed: [Failure]
  }

  private func report(_ text: String) throws -> Report {
    try JSONDecoder().decode(Report.self, from: Data(text.utf8))
  }

  /// The example slabs with the forces and energies of emt-morse.
  private func labelled() throws -> Scratch {
    let scratch = try Scratch()
    let run = try CommandLineRun(
      ["predict", examples + "/slabs.extxyz", "-p", "emt-morse", "-o", "val.extxyz"],
      in: scratch.folder)
    #expect(run.status == 0)
    return scratch
  }

  @Test("a provider reproduces its own labels exactly, and turns its forces along")
  func ownLabels() throws {
    let scratch = try labelled()
    let run = try CommandLineRun(
      ["evaluate", "val.extxyz", "-p", "emt-morse", "--rotations", "3", "--json", "-"],
      in: scratch.folder)
    #expect(run.status == 0 && run.error == "")
    let split = try #require(try report(run.output).splits.first)
    #expect(split.name == "val" && split.frames == 12)
    #expect(split.force_mae == 0 && split.energy_mae == 0)
    #expect(abs(try #require(split.force_cosine) - 1) < 1e-12)
    #expect(try #require(split.baseline_zero_force_mae) > 0.1)
    #expect(try #require(split.rotation_instability) < 1e-12)
  }

  @Test("threads do not change a byte, and a sample is the same every time")
  func threads() throws {
    let scratch = try labelled()
    var texts: Set<String> = []
    for threads in 1...4 {
      let run = try CommandLineRun(
        [
          "evaluate", "val.extxyz", "-p", "emt", "--rotations", "4", "--seed", "9", "--limit", "7",
          "--threads", "\(threads)", "--json", "out\(threads).json",
        ], in: scratch.folder)
      #expect(run.status == 0)
      #expect(run.output.hasPrefix("emt\n\nForces on free atoms (errors in eV/Å)\n"))
      texts.insert(try scratch.text("out\(threads).json") + run.output)
    }
    #expect(texts.count == 1)
  }

  @Test("frames that cannot be evaluated are named, in no mean, and cost exit code 3")
  func refused() throws {
    let scratch = try Scratch()
    try scratch.write(
      """
      1
      sid=iron Properties=species:S:1:pos:R:3:forces:R:3
      Fe 0 0 0 1 0 0
      1
      sid=copper Properties=species:S:1:pos:R:3:forces:R:3
      Cu 0 0 0 0.5 0 0

      """, to: "mixed.xyz")
    let run = try CommandLineRun(
      ["evaluate", "mixed.xyz", "-p", "emt", "--json", "-"], in: scratch.folder)
    #expect(run.status == 3)
    #expect(
      run.error.hasPrefix(
        "relax: 1 of 2 frames could not be evaluated and are in no mean; the first:\nmixed: iron: "
          + "emt has no parameters for Fe"))
    let report = try report(run.output)
    #expect(report.splits[0].frames == 1)
    #expect(abs(try #require(report.splits[0].force_mae) - 0.5 / 3) < 1e-15)
    #expect(report.failed.map(\.id) == ["iron"] && report.failed.map(\.split) == ["mixed"])
  }

  @Test("frames of one id are told apart, and what is said of many is said once")
  func sameId() throws {
    let scratch = try Scratch()
    func frame(_ element: String, _ force: String, _ fid: String = "") -> String {
      "1\nsid=a \(fid) Properties=species:S:1:pos:R:3:forces:R:3\n\(element) 0 0 0 \(force) 0 0\n"
    }
    try scratch.write(
      frame("Fe", "1", "fid=0") + frame("Fe", "1", "fid=1") + frame("Cu", "nan", "fid=2")
        + frame("Cu", "1", "fid=3"), to: "path.xyz")
    try scratch.write(frame("Fe", "1") + frame("Cu", "1") + frame("Fe", "1"), to: "same.xyz")
    let run = try CommandLineRun(
      ["evaluate", "path.xyz", "same.xyz", "-p", "emt", "--json", "e.json"], in: scratch.folder)
    #expect(run.status == 3)
    #expect(run.output.contains("2   a frame 0, a frame 1       emt has no parameters for Fe"))
    #expect(
      run.output.contains("1   a frame 2                  its label has a force that is not"))
    #expect(run.output.contains("2   a (frame 1), a (frame 3)   emt has no parameters for Fe"))
    #expect(try report(scratch.text("e.json")).failed.count == 5)
  }

  @Test("a set without free atoms has no means")
  func fixed() throws {
    let scratch = try Scratch()
    try scratch.write(
      "1\nProperties=species:S:1:pos:R:3:move_mask:L:1:forces:R:3\nCu 0 0 0 F 1 0 0\n",
      to: "fixed.xyz")
    let run = try CommandLineRun(
      ["evaluate", "fixed.xyz", "-p", "emt", "--json", "-"], in: scratch.folder)
    #expect(run.status == 3)
    #expect(run.error == "relax: no frame of fixed.xyz has a free atom: nothing to judge\n")
    #expect(try report(run.output).splits[0].force_mae == nil)
  }

  static let cases: [WrongCommand] = [
    .init(arguments: "evaluate", mentions: ["data"]),
    .init(arguments: "evaluate good.xyz", mentions: ["--provider"]),
    .init(
      arguments: "evaluate good.xyz -p emt --rotations 1", status: 64,
      message: "Error: --rotations 1: 2 or more are needed for a deviation"),
    .init(
      arguments: "evaluate good.xyz -p emt --rotations 1000000000", status: 64,
      message: "Error: --rotations 1000000000: 2 to 1000000 are possible"),
    .init(
      arguments: "evaluate good.xyz -p emt --limit 0", status: 64,
      message: "Error: --limit 0: 1 or more are needed"),
    .init(
      arguments: "evaluate - -p emt --limit 5", status: 64,
      message:
        "Error: --limit: a sample is drawn from a file that can be read twice, which - cannot"
    ),
    .init(
      arguments: "evaluate good.xyz -p emt --energies free",
      mentions: ["free", "--energies", "total", "adsorption"]),
    .init(
      arguments: "evaluate good.xyz -p emt:x=1", status: 64,
      message: "relax: provider `emt:x=1`: emt takes no parameters, but x is given"),
    .init(
      arguments: "evaluate good.xyz good.xyz -p emt", status: 64,
      message: "relax: good.xyz is given twice; each split counts once"),
    .init(
      arguments: "evaluate good.xyz -p emt --json good.xyz", status: 64,
      message:
        "relax: good.xyz: JSON cannot be written to names ending with .xyz; it can be written "
        + "as .json"),
    .init(
      arguments: "evaluate nothing.xyz -p emt", status: 66,
      message: "relax: nothing.xyz: there is no such file"),
    .init(
      arguments: "evaluate empty -p emt", status: 65,
      message: "relax: empty: this folder holds no structures; expected files such as "
        + "0.extxyz.xz, slabs.extxyz or data.0000.lmdb, or folders with a vasprun.xml or OUTCAR"),
    .init(
      arguments: "evaluate set -p emt", status: 65,
      message: "relax: set/0.txt:1: the labels end here, but set/0.extxyz has a frame 2 in line 4"),
    .init(
      arguments: "evaluate good.xyz bare.xyz -p emt", status: 65,
      message: "relax: bare.xyz:1: frame 1 (b) has no forces to compare with; expected "
        + "forces:R:3 among its Properties"),
    .init(
      arguments: "evaluate good.xyz -p emt --energies adsorption", status: 65,
      message: "relax: good.xyz:1: frame 1 (a) has no reference energy, from which adsorption "
        + "energies count; expected a file N.txt beside N.extxyz, or energies that are total"),
    .init(
      arguments: "evaluate good.xyz -p emt --select sid=z", status: 65,
      message: "relax: no frame of good.xyz has sid=z"),
  ]

  @Test("every mistake gets its code and a line that helps", arguments: cases)
  func message(of wrong: WrongCommand) throws {
    let scratch = try Scratch()
    let labelled = "energy=1 Properties=species:S:1:pos:R:3:forces:R:3\nCu 0 0 0 0 0 0\n"
    try scratch.write("1\nsid=a " + labelled, to: "good.xyz")
    try scratch.write("1\nsid=b\nCu 0 0 0\n", to: "bare.xyz")
    for folder in ["empty", "set"] {
      try FileManager.default.createDirectory(
        atPath: scratch.path(folder), withIntermediateDirectories: false)
    }
    try scratch.write("1\n" + labelled + "1\n" + labelled, to: "set/0.extxyz")
    try scratch.write("a,frame0,0\n", to: "set/0.txt")
    try wrong.check(in: scratch)
  }

  @Test(
    "the teacher reproduces the miniature splits to the rounding of their files")
  func teacher() throws {
    let scratch = try Scratch()
    let splits = ["id", "ood_ads", "ood_cat", "ood_both"].map { "s2ef_val_" + $0 }
    let run = try CommandLineRun(
      ["evaluate"] + splits.map { ReferenceData.path("emt_mini/" + $0) }
        + ["-p", "emt-morse", "--json", "-"], in: scratch.folder)
    #expect(run.status == 0)
    let report = try report(run.output)
    #expect(report.splits.map(\.name) == splits)
    for split in report.splits {
      #expect(split.frames == 60)
      // Positions of five decimals times a stiffness of up to a hundred eV/Å².
      #expect(try #require(split.force_mae) < 5e-5)
      #expect(try #require(split.energy_mae) < 5e-5)
      #expect(try #require(split.force_cosine) > 0.9999)
      #expect(try #require(split.baseline_zero_force_mae) > 0.05)
    }
  }
}
