// SPDX-License-Identifier: MIT

import Foundation
import TestSupport
import Testing

@Suite("relax on files")
struct RunCommandTests {
  private func lines(_ scratch: Scratch, _ name: String) throws -> [[String: Any]] {
    try scratch.text(name).split(separator: "\n").map {
      try #require(try JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any])
    }
  }

  @Test("the example slabs converge to their references")
  func examplesConverge() throws {
    let scratch = try Scratch()
    let run = try CommandLineRun(
      [
        examples + "/slabs.extxyz", "-p", "emt-morse", "--trajectory", "t.xyz.gz", "--summary",
        "s.jsonl", "--json", "-",
      ], in: scratch.folder)
    #expect(run.status == 0 || run.status == 3)
    #expect(run.output.contains("\"structures\": 12"))
    let score = try CommandLineRun(
      [
        "score", "relaxed.extxyz", "--reference", examples + "/reference.extxyz", "-p",
        "emt-morse", "--json", "-",
      ], in: scratch.folder)
    #expect(score.status == 0)
    let json = try #require(
      try JSONSerialization.jsonObject(with: Data(score.output.utf8)) as? [String: Any])
    // Positions of eight decimals are not the very start of the references.
    #expect(try #require(json["adwt"] as? Double) > 0.99)
    #expect(try lines(scratch, "s.jsonl").count == 12)
  }

  @Test("statuses, reasons and exit codes of a mixed file")
  func mixed() throws {
    let scratch = try Scratch()
    try scratch.write(
      """
      2
      sid=00123 Properties=species:S:1:pos:R:3:move_mask:L:1
      Cu 0 0 0 F
      Cu 2.4 0 0 T
      2
      sid=overlap
      Cu 0 0 0
      Cu 0.01 0 0
      1
      sid=unknown
      Fe 0 0 0
      2
      sid=frozen Properties=species:S:1:pos:R:3:move_mask:L:1
      Cu 0 0 0 F
      Cu 0 0 2.2 F

      """, to: "in.xyz")
    let run = try CommandLineRun(
      ["in.xyz", "-p", "emt", "--summary", "s.jsonl", "--threads", "2"], in: scratch.folder)
    #expect(run.status == 3)
    let summary = try lines(scratch, "s.jsonl")
    #expect(
      summary.map { $0["status"] as? String } == ["converged", "invalid", "invalid", "converged"])
    #expect(summary.map { $0["id"] as? String } == ["00123", "overlap", "unknown", "frozen"])
    #expect(
      summary[1]["reason"] as? String == "atoms 1 (Cu) and 2 (Cu) overlap: they are 0.01 Å apart")
    #expect((summary[2]["reason"] as? String)?.contains("no parameters for Fe") == true)
    #expect(summary[3]["reason"] as? String == "no atom is free to move")
    #expect(summary[2]["energy"] is NSNull)
    #expect(try scratch.text("relaxed.extxyz").contains("relax_status=invalid"))
  }

  @Test("a column that looks like a mask but is none is not passed over in silence")
  func fixedColumn() throws {
    let scratch = try Scratch()
    try scratch.write(
      "2\nsid=a Properties=species:S:1:pos:R:3:fixed:I:1\nCu 0 0 0 1\nCu 0 0 2.3 0\n", to: "in.xyz")
    let run = try CommandLineRun(["in.xyz", "-p", "emt"], in: scratch.folder)
    #expect(run.error.hasPrefix("relax: warning: a has a column `fixed` but no `move_mask`"))
  }

  @Test("a reader that goes away ends the run with an error", .timeLimit(.minutes(1)))
  func closedPipe() throws {
    let scratch = try Scratch()
    let slabs = try String(contentsOfFile: examples + "/slabs.extxyz", encoding: .utf8)
    try scratch.write(String(repeating: slabs, count: 40), to: "in.xyz")
    let shell = Process()
    shell.executableURL = URL(fileURLWithPath: "/bin/sh")
    shell.currentDirectoryURL = URL(fileURLWithPath: scratch.folder)
    shell.arguments = [
      "-c", "(\"$0\" in.xyz -p emt --steps 5 -q -o /dev/stdout; echo $? > status) | head -n 1",
      CommandLineRun.executable,
    ]
    shell.standardOutput = FileHandle.nullDevice
    let errors = Pipe()
    shell.standardError = errors
    try shell.run()
    let said = String(decoding: errors.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    shell.waitUntilExit()
    #expect(said == "relax: /dev/stdout: broken pipe\n")
    #expect(try scratch.text("status") == "74\n")
  }

  @Test("an unusable frame costs exit code 65 and nothing else")
  func unusableFrame() throws {
    let scratch = try Scratch()
    try scratch.write(
      "1\nsid=a\nCu nan 0 0\n2\nsid=b\nCu 0 0 0\nCu 0 0 2.4\n", to: "in.xyz")
    let run = try CommandLineRun(["in.xyz", "-p", "emt", "--quiet"], in: scratch.folder)
    #expect(run.status == 65)
    #expect(run.error.hasPrefix("relax: in.xyz:3:"))
    #expect(try scratch.text("relaxed.extxyz").contains("sid=b"))
  }

  @Test(
    "killed again and again, a run resumes to the files of an undisturbed one", arguments: [1, 2])
  func killAndResume(threads: Int) throws {
    let scratch = try Scratch()
    let pairs = try String(contentsOfFile: examples + "/slabs.extxyz", encoding: .utf8)
    try scratch.write(String(repeating: pairs, count: 6), to: "in.xyz")
    func arguments(_ name: String) -> [String] {
      [
        "in.xyz", "-p", "emt-morse", "--threads", "\(threads)", "-o", name + ".xyz",
        "--trajectory", name + ".path.xyz", "--summary", name + ".jsonl", "--quiet",
      ]
    }
    let straight = try CommandLineRun(arguments("straight"), in: scratch.folder)
    var kept: [Substring] = []
    var kills = 0
    for delay in 1...60 {
      let process = try CommandLineRun.start(
        arguments("broken") + ["--resume"], in: scratch.folder)
      usleep(useconds_t(4_000 + 2_000 * delay))
      if process.isRunning {
        kill(process.processIdentifier, SIGKILL)
        kills += 1
      }
      process.waitUntilExit()
      let text = (try? scratch.text("broken.jsonl")) ?? ""
      let complete = text.split(separator: "\n", omittingEmptySubsequences: false).dropLast()
      #expect(Array(complete.prefix(kept.count)) == kept, "finished lines stay word for word")
      kept = Array(complete)
      if process.terminationReason == .exit { break }
    }
    #expect(kills > 0)
    let last = try CommandLineRun(arguments("broken") + ["--resume"], in: scratch.folder)
    #expect(last.status == straight.status)
    #expect(try scratch.data("broken.xyz") == scratch.data("straight.xyz"))
    #expect(try scratch.data("broken.path.xyz") == scratch.data("straight.path.xyz"))
    #expect(try lines(scratch, "broken.jsonl").count == 72)
    #expect(
      try scratch.names == ["broken.jsonl", "broken.path.xyz", "broken.xyz", "in.xyz"]
        + ["straight.jsonl", "straight.path.xyz", "straight.xyz"])
    let hidden = try FileManager.default.contentsOfDirectory(atPath: scratch.folder)
      .filter { $0.hasPrefix(".") && !$0.hasPrefix(".std") }
    #expect(Set(hidden) == [".broken.xyz.journal", ".straight.xyz.journal"])
  }

  @Test("Ctrl-C ends in order with exit code 130, and the run goes on from there")
  func interrupt() throws {
    let scratch = try Scratch()
    let pairs = try String(contentsOfFile: examples + "/slabs.extxyz", encoding: .utf8)
    try scratch.write(String(repeating: pairs, count: 40), to: "in.xyz")
    let arguments = ["in.xyz", "-p", "emt-morse", "--summary", "s.jsonl", "--threads", "1"]
    let process = try CommandLineRun.start(arguments, in: scratch.folder)
    // Outputs are made with the first result; how long that takes depends on the machine.
    for _ in 0..<3000 where ((try? scratch.text("s.jsonl")) ?? "").isEmpty { usleep(10_000) }
    kill(process.processIdentifier, SIGINT)
    process.waitUntilExit()
    #expect(process.terminationReason == .exit)
    #expect(process.terminationStatus == 130)
    let summary = try lines(scratch, "s.jsonl")
    // The signal may come just between two structures; else the last one was interrupted.
    #expect(!summary.dropLast().contains { $0["status"] as? String == "interrupted" })
    #expect(summary.count > 0 && summary.count < 480)
    let resumed = try CommandLineRun(arguments + ["--resume"], in: scratch.folder)
    #expect(resumed.status == 0 || resumed.status == 3)
    #expect(try lines(scratch, "s.jsonl").count == 480)
    let again = try CommandLineRun(arguments + ["--resume"], in: scratch.folder)
    #expect(again.status == resumed.status)
    let other = try CommandLineRun(arguments + ["--resume", "--fmax", "0.02"], in: scratch.folder)
    #expect(other.status == 64)
    #expect(
      other.error == "relax: cannot resume: the run began with fmax 0.01, now it is 0.02\n"
        + "give what the run began with to go on, or --overwrite to start again\n")
  }

  @Test("predictions read back bit for bit, raw forces on fixed atoms included")
  func predict() throws {
    let scratch = try Scratch()
    let run = try CommandLineRun(
      ["predict", examples + "/reference.extxyz", "-p", "emt-morse", "-o", "p.xyz"],
      in: scratch.folder)
    #expect(run.status == 0)
    let again = try CommandLineRun(["convert", "p.xyz", "q.xyz.xz"], in: scratch.folder)
    #expect(again.status == 0)
    let back = try CommandLineRun(["convert", "q.xyz.xz", "r.xyz"], in: scratch.folder)
    #expect(back.status == 0)
    #expect(try scratch.data("p.xyz") == scratch.data("r.xyz"))
    let score = try CommandLineRun(
      [
        "score", examples + "/reference.extxyz", "--reference", examples + "/reference.extxyz",
        "--labels", "p.xyz", "--json", "-",
      ], in: scratch.folder)
    #expect(score.status == 0)
    #expect(score.output.contains("\"adwt\": 1.0"))
  }

  @Test("a refused conversion leaves no output")
  func convertRefuses() throws {
    let scratch = try Scratch()
    try scratch.write("1\nsid=a\nCu 0 0 0\n1\nsid=b\nCu 0 0 zero\n", to: "in.xyz")
    let run = try CommandLineRun(["convert", "in.xyz", "out.xyz"], in: scratch.folder)
    #expect(run.status == 65)
    #expect(try scratch.names == ["in.xyz"])
  }

  @Test("doctor finds this machine sound")
  func doctor() throws {
    let scratch = try Scratch()
    let run = try CommandLineRun(["doctor"], in: scratch.folder)
    #expect(run.status == 0)
    #expect(run.output.contains("kernel sets agree"))
    #expect(!run.output.contains("FAILED"))
  }

  @Test("completion scripts come out for the common shells", arguments: ["bash", "zsh", "fish"])
  func completion(shell: String) throws {
    let scratch = try Scratch()
    let run = try CommandLineRun(["--generate-completion-script", shell], in: scratch.folder)
    #expect(run.status == 0)
    #expect(run.output.contains("relax"))
  }
}
