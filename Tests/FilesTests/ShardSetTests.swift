// SPDX-License-Identifier: MIT

import Files
import Foundation
import TestSupport
import Testing

@Suite("Sets of shards") struct ShardSetTests {
  private func set(_ names: [String], of output: String = "t.extxyz") throws -> ShardSet {
    let scratch = try Scratch()
    for name in names { try scratch.write("x", to: name) }
    return try ShardSet(of: scratch.path(output))
  }

  private func shard(_ number: Int, _ count: Int = 3) throws -> Shard {
    try #require(Shard(number, of: count))
  }

  /// What is said of shards.
  private func message(
    _ kind: ShardSetError.Kind, _ body: () throws -> Void
  ) throws -> String {
    let error = #expect(throws: ShardSetError.self) { try body() }
    #expect(error?.kind == kind)
    return try #require(error).description
  }

  @Test("shards are found by names, also where nothing but a hidden file tells of them")
  func found() throws {
    let set = try set([
      "t.3-of-3.extxyz", ".t.1-of-3.extxyz.shard", "t.extxyz", "u.2-of-3.extxyz", "t.2-of-3.json",
      ".t.2-of-3.extxyz.lock",
    ])
    #expect(set.count == 3)
    #expect(set.present == [try shard(1), try shard(3)])
    #expect(set.missing == [try shard(2)])
    #expect(set.path(of: try shard(2)).hasSuffix("/t.2-of-3.extxyz"))
  }

  @Test("none, and those of different divisions, are refused")
  func refused() throws {
    let none = try message(.none) { _ = try set(["t.extxyz", "u.1-of-3.extxyz"]) }
    #expect(none.contains("there are no shards of it") && none.contains("t.1-of-3.extxyz"))
    _ = try message(.none) { _ = try set([], of: "nowhere/t.extxyz") }
    let mixed = try message(.foreign) { _ = try set(["t.1-of-3.extxyz", "t.1-of-4.extxyz"]) }
    #expect(mixed.contains("t.1-of-3.extxyz") && mixed.contains("t.1-of-4.extxyz"))
    // What is hidden stays when outputs are removed by hand.
    #expect(try set(["t.1-of-3.extxyz", ".t.1-of-4.extxyz.shard"]).count == 3)
  }

  @Test("missing and unfinished shards are named, and done without if so wished")
  func incomplete() throws {
    let set = try set(["t.1-of-3.extxyz", "t.3-of-3.extxyz"])
    let states: [Shard: ShardSet.State] = [
      try shard(1): .finished(try shard(1), []), try shard(3): .unfinished,
    ]
    let text = try message(.incomplete) { _ = try set.requireMergeable(states) }
    #expect(text.contains("shard 2/3 is missing, shard 3/3 is not finished"), "\(text)")
    #expect(try set.requireMergeable(states, partial: true) == [try shard(1)])
    _ = try message(.incomplete) {
      _ = try set.requireMergeable([try shard(3): .unfinished], partial: true)
    }
  }

  @Test("a shard under another's name is called doubled")
  func doubled() throws {
    let set = try set(["t.1-of-3.extxyz", "t.2-of-3.extxyz", "t.3-of-3.extxyz"])
    let states: [Shard: ShardSet.State] = [
      try shard(1): .finished(try shard(1), []), try shard(2): .finished(try shard(1), []),
      try shard(3): .finished(try shard(3), []),
    ]
    for partial in [false, true] {
      let text = try message(.doubled) {
        _ = try set.requireMergeable(states, partial: partial)
      }
      #expect(text.contains("t.2-of-3.extxyz holds shard 1/3, as t.1-of-3.extxyz does"), "\(text)")
    }
  }

  @Test("of shards with different settings the few are foreign, with what is different")
  func foreign() throws {
    let set = try set(["t.1-of-3.extxyz", "t.2-of-3.extxyz", "t.3-of-3.extxyz"])
    let (usual, other) = ([RecordedSetting("seed", "1")], [RecordedSetting("seed", "2")])
    for stranger in 1...3 {
      var states: [Shard: ShardSet.State] = [:]
      for number in 1...3 {
        states[try shard(number)] = .finished(
          try shard(number), number == stranger ? other : usual)
      }
      let text = try message(.foreign) { _ = try set.requireMergeable(states, partial: true) }
      #expect(text.hasSuffix("t.\(stranger)-of-3.extxyz: seed 2, there 1"), "\(text)")
    }
  }

  @Test("damage is named, whatever else is")
  func damaged() throws {
    let set = try set(["t.1-of-3.extxyz", "t.2-of-3.extxyz"])
    let states: [Shard: ShardSet.State] = [
      try shard(1): .finished(try shard(1), []), try shard(2): .damaged("was cut"),
    ]
    for partial in [false, true] {
      let text = try message(.damaged) {
        _ = try set.requireMergeable(states, partial: partial)
      }
      #expect(text.contains("t.2-of-3.extxyz was cut"))
    }
  }
}
