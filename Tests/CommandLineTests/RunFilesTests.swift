// SPDX-License-Identifier: MIT

import Foundation
import TestSupport
import Testing

/// What is in a folder after a run, and what a user is told about it.
@Suite("Files of a run")
struct RunFilesTests {
  private func frames(_ count: Int) -> String {
    (0..<count).map { "2\nsid=s\($0)\nCu 0 0 0\nCu 0 0 2.\(4 + $0 % 5)\n" }.joined()
  }

  private func all(_ scratch: Scratch) throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: scratch.folder)
      .filter { !$0.hasPrefix(".std") }.sorted()
  }

  @Test(
    "a run without a result leaves nothing, prints only the error and replaces nothing",
    arguments: ["hello\n", "", "2\nsid=a\nCu 0 0 0\n", "x\n\n"])
  func noResult(text: String) throws {
    let scratch = try Scratch()
    try scratch.write(text, to: "in.xyz")
    let arguments = [
      "in.xyz", "-p", "emt", "--trajectory", "t.xyz", "--summary", "s", "--json", "j",
    ]
    let run = try CommandLineRun(arguments, in: scratch.folder)
    #expect(run.status == 65)
    #expect(run.output == "" && run.error.hasPrefix("relax: in.xyz"))
    #expect(try all(scratch) == ["in.xyz"])
    // What an earlier run left stays, even where it may be replaced.
    for name in ["relaxed.extxyz", "t.xyz", "s", "j"] { try scratch.write("old", to: name) }
    #expect(try CommandLineRun(arguments + ["--overwrite"], in: scratch.folder).status == 65)
    for name in ["relaxed.extxyz", "t.xyz", "s", "j"] { #expect(try scratch.text(name) == "old") }
    #expect(try all(scratch) == ["in.xyz", "j", "relaxed.extxyz", "s", "t.xyz"])
  }

  @Test(
    "--log has ASE's line for every step, with the id in front, and is continued like other outputs"
  )
  func log() throws {
    let scratch = try Scratch()
    try scratch.write(frames(3), to: "in.xyz")
    let arguments = [
      "in.xyz", "-p", "emt", "-q", "--threads", "1", "--log", "steps.log", "--summary", "s.jsonl",
    ]
    let run = try CommandLineRun(arguments + ["--optimizer", "fire"], in: scratch.folder)
    #expect(run.status == 0 || run.status == 3)
    let lines = try scratch.text("steps.log").split(separator: "\n").map(String.init)
    #expect(lines[0] == "s0       Step     Time          Energy          fmax")
    let line = /s\d FIRE: +\d+ \d\d:\d\d:\d\d +-?\d+\.\d{6} +\d+\.\d{6}/
    let steps = lines.filter { $0.wholeMatch(of: line) != nil }
    let evaluations = try scratch.text("s.jsonl").split(separator: "\n").compactMap {
      $0.firstMatch(of: /"evaluations": (\d+)/).flatMap { Int($0.1) }
    }
    #expect(evaluations.count == 3 && steps.count == evaluations.reduce(0, +))
    #expect(lines.count == steps.count + 3)
    // It is an output as the others are.
    let again = try CommandLineRun(
      arguments + ["--optimizer", "fire", "-o", "b.extxyz", "--summary", "b.jsonl"],
      in: scratch.folder)
    #expect(again.status == 74 && again.error.contains("steps.log"))
    #expect(try CommandLineRun(arguments + ["--retry", "failed"], in: scratch.folder).status == 64)
    #expect(
      try CommandLineRun(arguments + ["--resume", "--retry", "converged"], in: scratch.folder)
        .status == 64)
  }

  @Test("ids that are only in the summary are written into every frame")
  func identities() throws {
    let scratch = try Scratch()
    try scratch.write(
      "1\n\nCu 0 0 0\n1\nid=mine\nCu 0 0 0\n1\nsid=0012 id=x\nCu 0 0 0\n", to: "start of.xyz")
    let run = try CommandLineRun(
      ["start of.xyz", "-p", "emt", "-q", "--trajectory", "t.xyz", "--summary", "s.jsonl"],
      in: scratch.folder)
    #expect(run.status == 0)
    let predict = try CommandLineRun(
      ["predict", "start of.xyz", "-p", "emt", "-o", "p.xyz"], in: scratch.folder)
    #expect(predict.status == 0)
    let ids = ["start of#0", "mine", "0012"]
    for file in ["relaxed.extxyz", "p.xyz"] {
      let comments = try scratch.text(file).split(separator: "\n").filter { $0.contains("energy=") }
      #expect(comments[0].contains("sid=\"start of#0\""))
      #expect(comments[1].contains("id=mine") && !comments[1].contains("sid="))
      #expect(comments[2].contains("sid=0012") && comments[2].contains(" id=x"))
    }
    for (line, id) in zip(try scratch.text("s.jsonl").split(separator: "\n"), ids) {
      #expect(line.hasPrefix("{\"id\": \"\(id)\""))
    }
    // By these ids judging finds the structures again.
    for file in ["relaxed.extxyz", "t.xyz", "p.xyz"] {
      let score = try CommandLineRun(
        ["score", file, "--reference", "relaxed.extxyz", "-q"], in: scratch.folder)
      #expect(score.status == 0, "\(file): \(score.error)")
    }
  }

  @Test(
    "what an interrupted run left is refused with the way to go on, and finished runs are told of")
  func words() throws {
    let scratch = try Scratch()
    let slabs = try String(contentsOfFile: examples + "/slabs.extxyz", encoding: .utf8)
    try scratch.write(String(repeating: slabs, count: 10), to: "in.xyz")
    let arguments = ["in.xyz", "-p", "emt-morse", "--steps", "3", "--threads", "1"]
    let process = try CommandLineRun.start(arguments, in: scratch.folder)
    for _ in 0..<2000 where !FileManager.default.fileExists(atPath: scratch.path("relaxed.extxyz"))
    {
      Thread.sleep(forTimeInterval: 0.002)
    }
    kill(process.processIdentifier, SIGINT)
    process.waitUntilExit()
    #expect(process.terminationStatus == 130)
    #expect(try scratch.text(".stdout").contains("of 120: the run was interrupted"))
    let again = try CommandLineRun(arguments, in: scratch.folder)
    #expect(again.status == 74)
    #expect(
      again.error.contains(" of 120 structures finished; pass --resume to go on with it, or"))
    let steps = try CommandLineRun(arguments + ["--resume", "--steps", "9"], in: scratch.folder)
    #expect(steps.status == 64 && steps.error.contains("--retry step_limit"))
    #expect(try CommandLineRun(arguments + ["--resume"], in: scratch.folder).status == 3)
    let done = try CommandLineRun(arguments + ["--resume"], in: scratch.folder)
    #expect(done.status == 3)
    // The first structures that did not converge are named though nothing was computed.
    #expect(done.output.contains(": step_limit: ") && done.output.contains(" and 110 more that"))
    let over = try CommandLineRun(arguments, in: scratch.folder)
    #expect(
      over.error == "relax: relaxed.extxyz: the file exists; pass --overwrite to replace it\n")
  }

  @Test("outputs may go to devices and to standard output, and no journal is made there")
  func streams() throws {
    let scratch = try Scratch()
    try scratch.write(frames(3), to: "in.xyz")
    let plain = try CommandLineRun(["in.xyz", "-p", "emt", "-o", "o.xyz"], in: scratch.folder)
    #expect(plain.status == 0)
    for path in ["-", "/dev/stdout"] {
      let run = try CommandLineRun(["in.xyz", "-p", "emt", "-o", path], in: scratch.folder)
      #expect(run.status == 0)
      #expect(try run.output == scratch.text("o.xyz"), "no table comes between")
    }
    let null = ["in.xyz", "-p", "emt", "-q", "-o", "n.xyz", "--trajectory", "/dev/null"]
    #expect(try CommandLineRun(null, in: scratch.folder).status == 0)
    #expect(try CommandLineRun(null + ["--resume"], in: scratch.folder).status == 0)
    #expect(try scratch.data("n.xyz") == scratch.data("o.xyz"))
    #expect(try scratch.names == ["in.xyz", "n.xyz", "o.xyz"])
  }

  @Test(
    "an input that is changed, and an output that is deleted, while a run goes on are said to be")
  func meanwhile() throws {
    for deletes in [false, true] {
      let scratch = try Scratch()
      let slabs = try String(contentsOfFile: examples + "/slabs.extxyz", encoding: .utf8)
      try scratch.write(String(repeating: slabs, count: 10), to: "in.xyz")
      let process = try CommandLineRun.start(
        ["in.xyz", "-p", "emt-morse", "--threads", "1", "-q"], in: scratch.folder)
      for _ in 0..<2000
      where !FileManager.default.fileExists(atPath: scratch.path("relaxed.extxyz")) {
        Thread.sleep(forTimeInterval: 0.002)
      }
      if deletes {
        try FileManager.default.removeItem(atPath: scratch.path("relaxed.extxyz"))
      } else {
        let handle = try FileHandle(forUpdating: URL(fileURLWithPath: scratch.path("in.xyz")))
        try handle.seek(toOffset: 0)
        try handle.write(contentsOf: Data("7".utf8))
        try handle.close()
      }
      process.waitUntilExit()
      let error = try scratch.text(".stderr")
      #expect(process.terminationStatus == (deletes ? 74 : 65), "\(error)")
      #expect(error.contains(deletes ? "was deleted or replaced" : "in.xyz was changed while"))
    }
  }

  @Test("providers given several times add")
  func providers() throws {
    let scratch = try Scratch()
    try scratch.write(frames(2), to: "in.xyz")
    for (name, providers) in [
      ("a", ["-p", "emt", "--provider", "d3:xc=rpbe"]),
      ("b", ["-p", "emt+d3:damping=bj,xc=RPBE"]),
    ] {
      let run = try CommandLineRun(
        ["in.xyz", "-q", "-o", name + ".xyz"] + providers, in: scratch.folder)
      #expect(run.status == 0, "\(run.error)")
      let predict = try CommandLineRun(
        ["predict", "in.xyz", "-o", name + "-p.xyz"] + providers, in: scratch.folder)
      #expect(predict.status == 0)
    }
    #expect(try scratch.data("a.xyz") == scratch.data("b.xyz"))
    #expect(try scratch.data("a-p.xyz") == scratch.data("b-p.xyz"))
  }

  @Test("a run goes on with the kernels that it began with")
  func kernels() throws {
    let scratch = try Scratch()
    let slabs = try String(contentsOfFile: examples + "/slabs.extxyz", encoding: .utf8)
    try scratch.write(String(repeating: slabs, count: 4), to: "in.xyz")
    let portable = ["RELAX_KERNELS": "portable"]
    func arguments(_ name: String) -> [String] {
      ["in.xyz", "-p", "emt-morse", "--steps", "4", "--threads", "1", "-q", "-o", name]
    }
    let whole = try CommandLineRun(
      arguments("whole.xyz"), in: scratch.folder, environment: portable)
    let process = try CommandLineRun.start(
      arguments("x.xyz"), in: scratch.folder, environment: portable)
    for _ in 0..<2000 where !FileManager.default.fileExists(atPath: scratch.path("x.xyz")) {
      Thread.sleep(forTimeInterval: 0.002)
    }
    kill(process.processIdentifier, SIGKILL)
    process.waitUntilExit()
    let resumed = try CommandLineRun(arguments("x.xyz") + ["--resume"], in: scratch.folder)
    #expect(resumed.status == whole.status, "\(resumed.error)")
    #expect(try scratch.data("x.xyz") == scratch.data("whole.xyz"))
  }

  @Test("other selections are not taken for the same")
  func selections() throws {
    let scratch = try Scratch()
    try scratch.write("1\na=\"b c=d\" c=d\nCu 0 0 0\n1\na=b c=d\nCu 0 0 0\n", to: "in.xyz")
    let run = ["in.xyz", "-p", "emt", "-q"]
    #expect(try CommandLineRun(run + ["--select", "a=b c=d"], in: scratch.folder).status == 0)
    let other = try CommandLineRun(
      run + ["--select", "a=b", "--select", "c=d", "--resume"], in: scratch.folder)
    #expect(other.status == 64 && other.error.contains("cannot resume: the run began with select"))
  }

  @Test("a limit on the size of files is an error of writing, after which the run goes on")
  func fileSizeLimit() throws {
    let scratch = try Scratch()
    let slabs = try String(contentsOfFile: examples + "/slabs.extxyz", encoding: .utf8)
    try scratch.write(String(repeating: slabs, count: 2), to: "in.xyz")
    let shell = Process()
    shell.executableURL = URL(fileURLWithPath: "/bin/sh")
    shell.currentDirectoryURL = URL(fileURLWithPath: scratch.folder)
    shell.arguments = [
      "-c",
      "ulimit -f 40; \"$0\" in.xyz -p emt --steps 5 -q --trajectory t.xyz 2> errors; echo $? > status",
      CommandLineRun.executable,
    ]
    try shell.run()
    shell.waitUntilExit()
    #expect(try scratch.text("status") == "74\n")
    #expect(try scratch.text("errors").contains("file too large"))
    let rest = try CommandLineRun(
      ["in.xyz", "-p", "emt", "--steps", "5", "-q", "--trajectory", "t.xyz", "--resume"],
      in: scratch.folder)
    #expect(rest.status == 0 || rest.status == 3, "\(rest.error)")
  }

  @Test("too little memory to begin is a clear end, not a wait for ever", .timeLimit(.minutes(1)))
  func noMemory() throws {
    let scratch = try Scratch()
    try scratch.write(frames(1), to: "in.xyz")
    for limit in [150_000, 200_000, 250_000] {
      let shell = Process()
      shell.executableURL = URL(fileURLWithPath: "/bin/sh")
      shell.currentDirectoryURL = URL(fileURLWithPath: scratch.folder)
      shell.arguments = [
        "-c",
        "ulimit -v \(limit); \"$0\" in.xyz -p emt --overwrite > /dev/null 2> errors; echo $? > status",
        CommandLineRun.executable,
      ]
      try shell.run()
      shell.waitUntilExit()
      // Whether it gets far enough to say so depends on the machine; if it does, it says so.
      let status = try scratch.text("status")
      if status == "71\n" {
        #expect(try scratch.text("errors").contains("too little memory to begin"))
      } else {
        #expect(status == "0\n" || status == "127\n", "\(status)")
      }
    }
  }

  @Test("long ids and lost cells are dealt with in words")
  func warnings() throws {
    let scratch = try Scratch()
    let id = String(repeating: "x", count: 5000)
    let atoms = (0..<20).map { "Cu \(Double($0) * 2.5) 0 0\n" }.joined()
    try scratch.write("20\nsid=\(id)\n\(atoms)", to: "in.xyz")
    let run = try CommandLineRun(
      ["in.xyz", "-p", "emt", "--steps", "0", "--summary", "s.jsonl"], in: scratch.folder)
    #expect(run.error.contains("repeats along no axis and is relaxed as a cluster"))
    #expect(run.output.utf8.count < 1500 && run.error.utf8.count < 600)
    #expect(try scratch.text("s.jsonl").contains(id) && scratch.text("relaxed.extxyz").contains(id))
    let check = try CommandLineRun(["check", "in.xyz", "--json", "-"], in: scratch.folder)
    #expect(check.output.contains("it repeats along no axis, and is relaxed as a cluster"))
  }

  @Test("the outcome of a run is brought up to date by resuming, another file is not")
  func outcome() throws {
    let scratch = try Scratch()
    try scratch.write(frames(3), to: "in.xyz")
    let run = ["in.xyz", "-p", "emt", "-q", "--json", "j"]
    #expect(try CommandLineRun(run, in: scratch.folder).status == 0)
    #expect(try CommandLineRun(run + ["--resume"], in: scratch.folder).status == 0)
    #expect(try scratch.text("j").contains("\"resumed\": 3"))
    try scratch.write("{\"mine\": 1}", to: "j")
    #expect(try CommandLineRun(run + ["--resume"], in: scratch.folder).status == 74)
    #expect(try scratch.text("j") == "{\"mine\": 1}")
  }
}
