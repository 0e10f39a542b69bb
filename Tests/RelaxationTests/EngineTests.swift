// SPDX-License-Identifier: MIT

import Files
import Forces
import Foundation
import RelaxNumerics
import Structures
import Synchronization
import TestSupport
import Testing

@testable import Relaxation
@testable import StructureFiles

@Suite("The engine")
struct EngineTests {
  /// Rattled copper chains of different lengths, so that structures take different times.
  private func input(_ scratch: Scratch, count: Int) throws -> String {
    var generator = SeededGenerator(seed: 11)
    var text: [UInt8] = []
    for k in 0..<count {
      var structure = coppers(2 + (k * 7) % 11)
      for i in structure.positions.indices {
        structure.positions[i] += Vector3(
          generator.uniform(-0.3, 0.3), generator.uniform(-0.3, 0.3), generator.uniform(-0.3, 0.3))
      }
      structure.attributes = [Attribute(name: "sid", text: "s\(k)")]
      ExtxyzFormatter.append(structure, to: &text)
    }
    try Data(text).write(to: URL(fileURLWithPath: scratch.path("input.xyz")))
    return scratch.path("input.xyz")
  }

  private func engine(_ input: String, threads: Int) throws -> Engine {
    var engine = Engine(
      inputs: [input], provider: try LennardJones(sigma: 2.338, epsilon: 0.4093, cutoff: 6),
      settings: RelaxationSettings(fmax: 0.01, maximumSteps: 60))
    engine.threads = threads
    return engine
  }

  private func paths(_ scratch: Scratch, _ name: String, ending: String = ".xyz") -> RunPaths {
    // Rows of a database have the time at which they were written.
    ASERecord.fixedTime.withLock { $0 = 1.7e9 }
    return RunPaths(
      relaxed: scratch.path(name + ending),
      trajectory: scratch.path(name + ".path" + ending), summary: scratch.path(name + ".jsonl"))
  }

  /// A file's bytes; of an SQLite database, where rows lie as they came, its rows.
  private func bytes(_ path: String?) throws -> Data {
    let path = path ?? ""
    guard path.hasSuffix(".db") else { return try Data(contentsOf: URL(fileURLWithPath: path)) }
    var text: [UInt8] = []
    let reader = try StructureReader(path: path)
    while let frame = try reader.next() { ExtxyzFormatter.append(try frame.structure(), to: &text) }
    return Data(text)
  }

  @Test(
    "the same bytes come out for any number of threads",
    arguments: [".xyz", ".xyz.gz", ".xyz.xz", ".traj", ".json", ".db"])
  func threads(ending: String) throws {
    let scratch = try Scratch()
    let input = try input(scratch, count: 25)
    let one = paths(scratch, "one", ending: ending)
    _ = try engine(input, threads: 1).run(to: one)
    for threads in [2, 5] {
      let many = paths(scratch, "many\(threads)", ending: ending)
      let outcome = try engine(input, threads: threads).run(to: many)
      #expect(outcome.tally.structures == 25)
      #expect(try bytes(many.relaxed) == bytes(one.relaxed))
      #expect(try bytes(many.trajectory) == bytes(one.trajectory))
    }
    let reader = try StructureReader(path: one.relaxed)
    var count = 0
    while let frame = try reader.next() {
      #expect(frame.identifier == "s\(count)")
      count += 1
    }
    #expect(count == 25)
  }

  @Test("neighbours in the file do not change a structure's result")
  func independence() throws {
    let scratch = try Scratch()
    let input = try input(scratch, count: 6)
    let all = paths(scratch, "all")
    _ = try engine(input, threads: 2).run(to: all)
    var alone = try engine(input, threads: 1)
    alone.filters = [try #require(FrameFilter("sid=s4"))]
    let single = paths(scratch, "single")
    let outcome = try alone.run(to: single)
    #expect(outcome.tally.structures == 1)
    let part = try scratch.text("single.xyz")
    #expect(!part.isEmpty)
    #expect(try scratch.text("all.xyz").contains(part))
  }

  @Test(
    "stopped after some structures and resumed, it ends with the same files",
    arguments: [".xyz", ".traj", ".json", ".db"])
  func stopAndResume(ending: String) throws {
    let scratch = try Scratch()
    let input = try input(scratch, count: 20)
    let straight = paths(scratch, "straight", ending: ending)
    _ = try engine(input, threads: 1).run(to: straight)
    let broken = paths(scratch, "broken", ending: ending)
    var rounds = 0
    while true {
      rounds += 1
      let finished = Atomic(0)
      let start: RunStart = rounds == 1 ? .new : .resuming
      let outcome = try engine(input, threads: 2).run(
        to: broken, start: start,
        shouldStop: { finished.load(ordering: .relaxed) >= 3 },
        report: { event in
          if case .finished = event { finished.wrappingAdd(1, ordering: .relaxed) }
        })
      if !outcome.wasInterrupted { break }
      try #require(rounds < 30)
    }
    #expect(rounds > 3)
    #expect(try bytes(broken.relaxed) == bytes(straight.relaxed))
    #expect(try bytes(broken.trajectory) == bytes(straight.trajectory))
    #expect(try scratch.names.filter { $0.contains("broken") }.count == 3)
    let lines = try scratch.text("broken.jsonl").split(separator: "\n")
    #expect(lines.count == 20)
    for (k, line) in lines.enumerated() {
      #expect(line.hasPrefix("{\"id\": \"s\(k)\", \"index\": \(k)"))
    }
  }

  @Test(
    "relaxed frames and last trajectory frames agree digit for digit",
    arguments: [
      FrameSelection.all, .ends, .every(7),
    ])
  func lastFrames(frames: FrameSelection) throws {
    let scratch = try Scratch()
    var engine = try engine(try input(scratch, count: 8), threads: 2)
    engine.frames = frames
    let paths = paths(scratch, "run")
    _ = try engine.run(to: paths)
    var last: [String: Structure] = [:]
    var counts: [String: [Int]] = [:]
    let trajectory = try StructureReader(path: paths.trajectory ?? "")
    while let frame = try trajectory.next() {
      let structure = try frame.content.get()
      last[frame.identifier] = structure
      counts[frame.identifier, default: []].append(try #require(integer("fid", structure)))
    }
    let relaxed = try StructureReader(path: paths.relaxed)
    while let frame = try relaxed.next() {
      let structure = try frame.content.get()
      let end = try #require(last[frame.identifier])
      #expect(end.positions == structure.positions)
      #expect(end.forces == structure.forces)
      #expect(end.energy == structure.energy)
      let steps = try #require(integer("relax_steps", structure))
      let expected: [Int] =
        switch frames {
        case .all: Array(0...steps)
        case .ends: steps == 0 ? [0] : [0, steps]
        case .every(let n): (0...steps).filter { $0 % n == 0 || $0 == steps }
        }
      #expect(counts[frame.identifier] == expected)
    }
  }

  private func integer(_ name: String, _ structure: Structure) -> Int? {
    structure.attribute(name).flatMap { Int($0.unquoted) }
  }

  @Test("bad frames are named and the others relaxed; broken framing ends its file only")
  func badInput() throws {
    let scratch = try Scratch()
    let good = "2\nsid=a\nCu 0 0 0\nCu 2.5 0 0\n"
    try scratch.write(
      good + "1\nsid=b\nQq 0 0 0\n" + "2\nsid=c\nCu 0 0 0\nCu 2.7 0 0\n3\n\nCu 0 0 0\n",
      to: "one.xyz")
    try scratch.write("1\nsid=d\nCu 0 0 0\n", to: "two.xyz")
    var engine = try engine(scratch.path("one.xyz"), threads: 1)
    engine.inputs.append(scratch.path("two.xyz"))
    let paths = paths(scratch, "out")
    let outcome = try engine.run(to: paths)
    #expect(outcome.tally[.invalid] == 1)
    #expect(outcome.tally.structures == 4)
    #expect(outcome.unusableFrames.count == 1)
    #expect(outcome.unreadableFiles.map(\.kind) == [.framing])
    let relaxed = try scratch.text("out.xyz")
    #expect(["sid=a", "sid=c", "sid=d"].allSatisfy(relaxed.contains))
    #expect(!relaxed.contains("sid=b"))
    let lines = try scratch.text("out.jsonl").split(separator: "\n")
    #expect(lines.count == 4)
    #expect(lines[1].contains("\"status\": \"invalid\""))
    #expect(lines[1].contains("Qq"))
  }

  @Test("a run over several inputs resumes, and knows them in order")
  func severalInputs() throws {
    let scratch = try Scratch()
    for name in ["a", "b"] { try scratch.write("1\nsid=\(name)\nCu 0 0 0\n", to: name + ".xyz") }
    var engine = try engine(scratch.path("a.xyz"), threads: 1)
    engine.inputs.append(scratch.path("b.xyz"))
    let paths = paths(scratch, "out")
    _ = try engine.run(to: paths)
    let again = try engine.run(to: paths, start: .resuming)
    #expect(again.resumed == 2 && again.tally.structures == 2)
    for inputs in [Array(engine.inputs.reversed()), [engine.inputs[0]], engine.inputs + ["a.xyz"]] {
      var other = engine
      other.inputs = inputs
      #expect(throws: DifferentSetting.self) { try other.run(to: paths, start: .resuming) }
    }
  }

  @Test("an input that changed since is refused")
  func changedInput() throws {
    let scratch = try Scratch()
    let input = try input(scratch, count: 3)
    let paths = paths(scratch, "out")
    _ = try engine(input, threads: 1).run(to: paths)
    var text = try scratch.text("input.xyz")
    text = text.replacingOccurrences(of: "s2", with: "s9")
    try scratch.write(text, to: "input.xyz")
    #expect(throws: DifferentSetting.self) {
      try engine(input, threads: 1).run(to: paths, start: .resuming)
    }
  }

  /// Writes `text` into a pipe once somebody reads from it; it must fit into the pipe.
  private func pipe(_ text: Data, _ path: String) throws {
    unlink(path)
    try #require(mkfifo(path, 0o600) == 0)
    WorkerThreads.runAside {
      FileHandle(forWritingAtPath: path)?.write(text)
    }
  }

  @Test("a run from a pipe goes on with the same structures only")
  func pipes() throws {
    let scratch = try Scratch()
    let text = try Data(contentsOf: URL(fileURLWithPath: try input(scratch, count: 12)))
    let fifo = scratch.path("fifo")
    let whole = paths(scratch, "whole")
    try pipe(text, fifo)
    _ = try engine(fifo, threads: 2).run(to: whole)
    var changed = text
    let place = try #require(changed.firstRange(of: Data("sid=s1 ".utf8)))
    changed.replaceSubrange(place, with: Data("sid=t1 ".utf8))
    let start = try #require(text.firstRange(of: Data("\n9\n".utf8)))
    for (name, other) in [("same", text), ("other", changed), ("short", text[..<start.lowerBound])]
    {
      let part = paths(scratch, name)
      let finished = Atomic(0)
      try pipe(text, fifo)
      _ = try engine(fifo, threads: 1).run(
        to: part, shouldStop: { finished.load(ordering: .relaxed) >= 5 },
        report: { event in
          if case .finished = event { finished.wrappingAdd(1, ordering: .relaxed) }
        })
      let before = try bytes(part.relaxed)
      try pipe(other, fifo)
      guard name != "same" else {
        _ = try engine(fifo, threads: 2).run(to: part, start: .resuming)
        #expect(try bytes(part.relaxed) == bytes(whole.relaxed))
        #expect(try bytes(part.trajectory) == bytes(whole.trajectory))
        continue
      }
      let error = #expect(throws: FileError.self) {
        try engine(fifo, threads: 2).run(to: part, start: .resuming)
      }
      #expect(error?.kind == .inconsistent)
      #expect(try bytes(part.relaxed).starts(with: before.prefix(before.count / 2)))
    }
  }

  @Test("an output that cannot be written stops the run with an error that names it")
  func fullDisk() throws {
    guard FilePlace("/dev/full").kind == .stream else { return }
    let scratch = try Scratch()
    let engine = try engine(try input(scratch, count: 4), threads: 2)
    #expect(throws: FileError.self) { try engine.run(to: RunPaths(relaxed: "/dev/full")) }
    #expect(throws: FileError.self) {
      try engine.run(to: RunPaths(relaxed: scratch.path("out"), trajectory: "/dev/full"))
    }
  }
}
