// SPDX-License-Identifier: MIT

import Files
import Foundation
import RelaxNumerics
import TestSupport
import Testing

@testable import Relaxation

/// What becomes of a run whose files a kill, a power failure or a bad disk has left in any state: the
/// files of an undisturbed run, or a refusal.
@Suite("Damaged runs")
struct RunDamageTests {
  private let sample = SampleRun()
  private let order = [2, 0, 1, 4, 3, 5]

  /// All states of the files in the course of a run, the last one after its end.
  private func states(syncs: Duration) throws -> [[String: [UInt8]]] {
    let scratch = try Scratch()
    let output = try sample.output(in: scratch, syncs: syncs)
    var states: [[String: [UInt8]]] = []
    for index in order {
      try output.commit(try sample.structure(index, scratch))
      states.append(try SampleRun.files(scratch))
    }
    try output.finish()
    return states + [try SampleRun.files(scratch)]
  }

  /// Resumes a run with these files to its end.
  ///
  /// - Returns: its outputs; nil if it was refused.
  private func resumed(_ files: [String: [UInt8]]) throws -> [String]? {
    let scratch = try Scratch()
    for (name, bytes) in files { try scratch.write(bytes, to: name) }
    do {
      let output = try sample.output(in: scratch, start: .resuming)
      for index in order where !output.isFinished(index) {
        try output.commit(try sample.structure(index, scratch))
      }
      try output.finish()
      #expect(output.tally.structures == order.count)
      return try sample.contents(scratch)
    } catch is FileError {
      return nil
    }
  }

  @Test("a kill at any moment loses nothing finished", arguments: [Duration.zero, .seconds(10)])
  func killed(syncs: Duration) throws {
    let scratch = try Scratch()
    let output = try sample.output(in: scratch, syncs: syncs)
    for (count, index) in order.enumerated() {
      let before = (try? SampleRun.files(scratch)) ?? [:]
      try output.commit(try sample.structure(index, scratch))
      let after = try SampleRun.files(scratch)
      // Of what was appended meanwhile, a kill leaves a beginning: first of the trajectory, then of the
      // relaxed structures, the journal and the summary. A spool is emptied last of all.
      let steps = ["trajectory", "relaxed", ".relaxed.journal", "summary"]
      for (place, name) in steps.enumerated() where before[".relaxed.journal"] != nil {
        let (old, new) = (before[name]?.count ?? 0, after[name]?.count ?? 0)
        for cut in stride(from: old, through: new, by: 3) {
          var files = before
          for done in steps[..<place] { files[done] = after[done] }
          files[name] = Array((after[name] ?? []).prefix(cut))
          for (spool, bytes) in after where spool.hasSuffix(".ahead") {
            files[spool] = bytes.isEmpty ? before[spool] : bytes
          }
          let copy = try Scratch()
          for (name, bytes) in files { try copy.write(bytes, to: name) }
          let again = try sample.output(in: copy, start: .resuming)
          #expect(order[..<count].allSatisfy(again.isFinished))
          for index in order where !again.isFinished(index) {
            try again.commit(try sample.structure(index, copy))
          }
          try again.finish()
          #expect(try sample.contents(copy) == sample.expected(order.count))
        }
      }
    }
  }

  @Test(
    "files cut or filled with zeros in any way: the undisturbed bytes or a refusal",
    arguments: [Duration.zero, .seconds(10)], 0..<8)
  func powerFailure(syncs: Duration, seed: UInt64) throws {
    var generator = SeededGenerator(seed: 100 + seed)
    let states = try states(syncs: syncs)
    var refusals = 0
    var rounds = 0
    for _ in 0..<60 {
      // Files may be of different moments: the disk keeps no order but what was waited for.
      var files: [String: [UInt8]] = [:]
      let moment = Int(generator.next() % UInt64(states.count))
      for (name, bytes) in states[moment] {
        let other = Int(generator.next() % UInt64(states.count))
        var bytes = generator.next() % 4 == 0 ? states[other][name] ?? bytes : bytes
        switch generator.next() % 4 {
        case 0: bytes.removeLast(Int(generator.next() % UInt64(bytes.count + 1)))
        case 1:
          let from = Int(generator.next() % UInt64(bytes.count + 1))
          bytes.replaceSubrange(from..., with: Array(repeating: 0, count: bytes.count - from))
        default: break
        }
        files[name] = bytes
      }
      rounds += 1
      guard let contents = try resumed(files) else {
        refusals += 1
        continue
      }
      #expect(contents == sample.expected(order.count), "seed \(seed), \(files)")
    }
    #expect(refusals < rounds)
  }

  @Test("unsynced ends that a power failure took are computed again, not refused")
  func unsynced() throws {
    let last = try #require(try states(syncs: .seconds(10)).dropLast().last)
    for name in SampleRun.names {
      for count in 0..<(last[name]?.count ?? 0) {
        var files = last
        files[name] = Array((last[name] ?? []).prefix(count))
        #expect(try resumed(files) == sample.expected(order.count))
      }
    }
  }

  @Test("a flipped bit in any file of a finished run is noticed")
  func flippedBits() throws {
    let finished = try #require(try states(syncs: .seconds(10)).last)
    for (name, bytes) in finished {
      for place in bytes.indices {
        var files = finished
        files[name]?[place] ^= UInt8(1 << (place % 8))
        let contents = try resumed(files)
        if name == ".relaxed.journal" {
          #expect(contents == nil || contents == sample.expected(order.count))
        } else {
          #expect(contents == nil, "\(name), byte \(place)")
        }
      }
    }
  }

  @Test("a flipped bit in what waits for its turn is noticed")
  func flippedSpool() throws {
    let states = try states(syncs: .zero)
    var tried = 0
    for state in states {
      for (name, bytes) in state where name.hasSuffix(".ahead") {
        for place in bytes.indices {
          var files = state
          files[name]?[place] ^= 4
          #expect(try resumed(files) == sample.expected(order.count))
          tried += 1
        }
      }
    }
    #expect(tried > 50)
  }

  @Test("a finished file that was cut, changed or added to is not continued")
  func tampered() throws {
    let finished = try #require(try states(syncs: .seconds(10)).last)
    for name in SampleRun.names {
      for bytes in [Array("x".utf8), (finished[name] ?? []) + [120]] {
        var files = finished
        files[name] = bytes
        #expect(try resumed(files) == nil)
      }
    }
  }
}
