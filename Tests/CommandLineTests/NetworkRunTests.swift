// SPDX-License-Identifier: MIT

import Foundation
import TestSupport
import Testing

/// Relaxations with a network, as a user runs them.
@Suite("relax with a network")
struct NetworkRunTests {
  /// A small untrained ForceNet in `scratch`; its forces are no physics, but are those of every run.
  private func makeModel(_ scratch: Scratch, seed: Int = 1, name: String = "m.st") throws {
    try scratch.write(
      """
      {"model": "forcenet", "config": {"hidden_channels": 24, "decoder_hidden_channels": 16,
       "num_interactions": 3}}
      """, to: "config.json")
    let made = try CommandLineRun(
      [
        "model", "init", "--architecture", "forcenet", "--config", "config.json", "--seed",
        "\(seed)", "-o", name, "--overwrite",
      ], in: scratch.folder)
    #expect(made.status == 0, "\(made.error)")
  }

  private func relax(
    _ scratch: Scratch, _ name: String, provider: String = "forcenet:model=m.st",
    _ more: [String] = []
  ) throws -> CommandLineRun {
    try CommandLineRun(
      [
        examples + "/slabs.extxyz", "-p", provider, "--steps", "12", "-o", name + ".xyz",
        "--trajectory", name + ".path.xyz", "--summary", name + ".jsonl",
      ] + more, in: scratch.folder)
  }

  /// Rows of a file with what belongs to fixed atoms' forces, and the keys that say so, taken out.
  private func withoutFixedForces(_ text: String) -> [String] {
    text.split(separator: "\n").map { line in
      let words = line.split(separator: " ")
      guard words.count >= 8, let mask = words.firstIndex(of: "F"), mask == 4 else {
        return words.filter { $0 != "forces_on=free" && !$0.hasPrefix("energy=") }
          .joined(separator: " ")
      }
      return words.prefix(5).joined(separator: " ")
    }
  }

  @Test("neither threads nor shortcuts change a digit of what free atoms do")
  func sameDigits() throws {
    let scratch = try Scratch()
    try makeModel(scratch)
    let one = try relax(scratch, "one", ["--threads", "1"])
    #expect(one.status == 3, "an untrained network does not converge in 12 steps")
    #expect(one.output.contains("forces are not the gradient of an energy"))
    _ = try relax(scratch, "two", ["--threads", "2"])
    _ = try relax(scratch, "inner", provider: "forcenet:model=m.st,threads=3", ["--threads", "1"])
    for other in ["two", "inner"] {
      #expect(try scratch.data("one.xyz") == scratch.data(other + ".xyz"))
      #expect(try scratch.data("one.path.xyz") == scratch.data(other + ".path.xyz"))
    }
    _ = try relax(scratch, "plain", provider: "forcenet:model=m.st,shortcuts=off")
    #expect(try scratch.data("one.xyz") == scratch.data("plain.xyz"))
    let (short, plain) = (try scratch.text("one.path.xyz"), try scratch.text("plain.path.xyz"))
    #expect(short.contains("forces_on=free") && !plain.contains("forces_on"))
    #expect(withoutFixedForces(short) == withoutFixedForces(plain))
  }

  @Test("a structure's path does not depend on the other structures of the run")
  func alone() throws {
    let scratch = try Scratch()
    try makeModel(scratch)
    _ = try relax(scratch, "all")
    let all = try scratch.text("all.xyz")
    let identifier = try #require(all.firstMatch(of: /sid=([^ ]+)/)?.1)
    _ = try relax(scratch, "single", ["--select", "sid=\(identifier)"])
    #expect(all.hasPrefix(try scratch.text("single.xyz")))
  }

  @Test("killed again and again, a run resumes to the same bytes; with other weights it does not")
  func killAndResume() throws {
    let scratch = try Scratch()
    try makeModel(scratch)
    _ = try relax(scratch, "straight")
    var kills = 0
    for delay in 1...30 {
      let process = try CommandLineRun.start(
        [
          examples + "/slabs.extxyz", "-p", "forcenet:model=m.st", "--steps", "12", "-o",
          "broken.xyz", "--trajectory", "broken.path.xyz", "--summary", "broken.jsonl", "--resume",
          "--threads", "1",
        ], in: scratch.folder)
      usleep(useconds_t(20_000 + 6_000 * delay))
      if process.isRunning {
        kill(process.processIdentifier, SIGKILL)
        kills += 1
      }
      process.waitUntilExit()
      if process.terminationReason == .exit { break }
    }
    #expect(kills > 0)
    let resumed = try relax(scratch, "broken", ["--resume"])
    #expect(resumed.status == 3)
    #expect(try scratch.data("broken.xyz") == scratch.data("straight.xyz"))
    #expect(try scratch.data("broken.path.xyz") == scratch.data("straight.path.xyz"))

    try makeModel(scratch, seed: 2)
    let other = try relax(scratch, "broken", ["--resume"])
    #expect(other.status == 64)
    #expect(other.error.contains("cannot resume"))
  }

  @Test("evaluate says how much predictions turn with the structure")
  func evaluate() throws {
    let scratch = try Scratch()
    try makeModel(scratch)
    let labels = try CommandLineRun(
      ["predict", examples + "/slabs.extxyz", "-p", "emt-morse", "-o", "labels.extxyz"],
      in: scratch.folder)
    #expect(labels.status == 0)
    let arguments = [
      "evaluate", "labels.extxyz", "-p", "forcenet:model=m.st", "--rotations", "3", "--seed", "4",
      "--quiet", "--json", "-",
    ]
    let first = try CommandLineRun(arguments + ["--threads", "1"], in: scratch.folder)
    let second = try CommandLineRun(arguments + ["--threads", "2"], in: scratch.folder)
    #expect(first.status == 0, "\(first.error)")
    #expect(first.output == second.output)
    let json = try #require(
      try JSONSerialization.jsonObject(with: Data(first.output.utf8)) as? [String: Any])
    let average = try #require(json["average"] as? [String: Any])
    #expect(try #require(average["rotation_instability"] as? Double) > 1e-3)
    #expect(try #require(average["force_mae"] as? Double) > 0.01)
  }

  @Test("an element without data is refused by name, and the others go on")
  func unknownElement() throws {
    let scratch = try Scratch()
    try makeModel(scratch)
    try scratch.write(
      "2\nsid=a\nXe 0 0 0\nCu 0 0 3\n2\nsid=b\nCu 0 0 0\nCu 0 0 2.5\n", to: "in.xyz")
    let run = try CommandLineRun(
      ["in.xyz", "-p", "forcenet:model=m.st", "--steps", "1", "--summary", "s.jsonl"],
      in: scratch.folder)
    #expect(run.status == 3)
    let summary = try scratch.text("s.jsonl").split(separator: "\n")
    #expect(summary[0].contains("\"invalid\"") && summary[0].contains("no parameters for Xe"))
    #expect(summary[1].contains("\"step_limit\""))
  }
}
