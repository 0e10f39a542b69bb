// SPDX-License-Identifier: MIT

import Foundation
import TestSupport
import Testing

@Suite("relax sample")
struct SampleCommandTests {
  private func sample(_ arguments: [String], _ scratch: Scratch) throws -> CommandLineRun {
    try CommandLineRun(["sample"] + arguments, in: scratch.folder)
  }

  @Test("the example slabs give sets that are judged, learned from and scored")
  func sets() throws {
    let scratch = try Scratch()
    let run = try sample(
      [
        examples + "/slabs.extxyz", "-p", "emt-morse", "-o", "frames", "--frames", "4", "--seed",
        "3", "--threads", "2",
      ], scratch)
    #expect(run.status == 0, "\(run.error)")
    #expect(run.output.contains("12 structures, 12 converged\n48 frames of relaxations, "))
    #expect(run.output.contains(" 30 of molecular dynamics\n"))
    for set in ["relaxations", "rattled", "md"] {
      // The teacher's labels are its own.
      let judged = try CommandLineRun(
        ["evaluate", "frames/" + set, "-p", "emt-morse", "--json", "-"], in: scratch.folder)
      #expect(judged.status == 0, "\(judged.error)")
      let json = try JSONSerialization.jsonObject(with: Data(judged.output.utf8))
      let average = try #require((json as? [String: Any])?["average"] as? [String: Any])
      #expect(try #require(average["force_mae"] as? Double) < 1e-5)
      #expect(try #require(average["baseline_zero_force_mae"] as? Double) > 1e-3)
    }
    let score = try CommandLineRun(
      [
        "score", "frames/is2rs.extxyz.xz", "--reference", examples + "/reference.extxyz",
        "--json", "-",
      ], in: scratch.folder)
    #expect(score.output.contains("\"adwt\": 1"), "\(score.error)")
    let again = try sample(
      [examples + "/slabs.extxyz", "-p", "emt-morse", "-o", "frames"], scratch)
    #expect(again.status == 74 && again.error.contains("frames/is2rs.extxyz.xz: the file exists"))
  }

  @Test("whatever ids there are, the sets can be read again", arguments: ["", "a,b", "x,frame1,2"])
  func ids(id: String) throws {
    let scratch = try Scratch()
    try scratch.write(
      """
      2
      sid="\(id)" pbc="F F F" Properties=species:S:1:pos:R:3
      C 0 0 0
      O 0 0 1.3

      """, to: "in.xyz")
    let run = try sample(["in.xyz", "-p", "emt", "-o", "set", "-q"], scratch)
    #expect(run.status == 0, "\(run.error)")
    let judged = try CommandLineRun(
      ["evaluate", "set/rattled", "-p", "emt", "-q"], in: scratch.folder)
    #expect(judged.status == 0, "\(judged.error)")
  }

  @Test("numbers that no memory holds are refused")
  func bounds() throws {
    let scratch = try Scratch()
    for option in [
      "--rattled 1000000000", "--steps 1000000000", "--md-steps 1000000000",
      "--md-keep 1 --md-steps 1000000",
    ] {
      let run = try sample(
        [examples + "/slabs.extxyz", "-p", "emt", "-o", "set"]
          + option.split(separator: " ").map(String.init), scratch)
      #expect(run.status == 64 && run.error.contains("at most 10"), "\(run.error)")
    }
    #expect(!FileManager.default.fileExists(atPath: scratch.path("set")))
  }

  @Test("what cannot be sampled is named, and the rest is")
  func refusals() throws {
    let scratch = try Scratch()
    let slab = """
      2
      sid=%s pbc="F F F" Properties=species:S:1:pos:R:3
      %e 0 0 0
      O 0 0 %d

      """
    func frame(_ sid: String, _ element: String, _ distance: String) -> String {
      slab.replacing("%s", with: sid).replacing("%e", with: element).replacing(
        "%d", with: distance)
    }
    try scratch.write(
      frame("good", "C", "1.3") + frame("xenon", "Xe", "2") + frame("nan", "C", "nan"),
      to: "in.xyz")
    let run = try sample(["in.xyz", "-p", "emt-morse", "-o", "out"], scratch)
    #expect(run.status == 3)
    #expect(run.output.contains("3 structures, 1 converged"))
    #expect(run.error.contains("2 of 3 structures gave no frames; the first: xenon: "))
    try scratch.write(
      frame("good reference_energy=none", "C", "1.3"), to: "energy.xyz")
    let energy = try sample(["energy.xyz", "-p", "emt-morse", "-o", "energy"], scratch)
    #expect(energy.status == 65 && energy.error.contains("good: reference_energy is `none`"))
    for (arguments, message) in [
      (["--frames", "1"], "--frames 1: 2 or more are needed"),
      (["--sigma", "0.2:0.1"], "0.2:0.1"), (["--temperature", "0"], "must be positive"),
      (["--md-keep", "0"], "--md-keep 0"),
    ] {
      let run = try sample(["in.xyz", "-p", "emt-morse", "-o", "x"] + arguments, scratch)
      #expect(run.status == 64 && run.error.contains(message), "\(run.error)")
    }
    #expect(try sample(["none.xyz", "-p", "emt-morse", "-o", "x"], scratch).status == 66)
  }
}
