// SPDX-License-Identifier: MIT

import Foundation
import RelaxNumerics
import TestSupport
import Testing

@testable import Files

@Suite("Manifests of shards") struct ShardManifestTests {
  private let settings = [RecordedSetting("provider", "a\tb\nc\\d"), RecordedSetting("select", "")]

  /// Shards of an input with `total` structures, `lines` after each.
  private func write(
    _ scratch: Scratch, count: Int, total: Int, lines: Int = 0, settings: [RecordedSetting]? = nil
  ) throws {
    for number in 1...count {
      let shard = try #require(Shard(number, of: count))
      let output = shard.path(of: scratch.path("t.txt"))
      try scratch.write("output \(number)", to: FileName(output).last)
      let manifest = try ShardManifestWriter(
        kind: "test", shard, of: output, settings: settings ?? self.settings)
      for index in 0..<total where shard.contains(index) {
        try manifest.line(["ok", "\(index)", "tab\there"])
        for line in 0..<lines { try manifest.line(["more", "\(line)"]) }
      }
      try manifest.line(["read", "\(total)"])
      try manifest.line(["warning", "same"])
      try manifest.finish(outputs: [""])
    }
  }

  @Test(
    "structures come back in the order of the input", arguments: [1, 3, 7, 40], [0, 1, 10, 500])
  func order(count: Int, total: Int) throws {
    let scratch = try Scratch()
    try write(scratch, count: count, total: total, lines: 2)
    let set = try ShardSet(of: scratch.path("t.txt"))
    let manifests = try set.manifests()
    #expect(manifests.map(\.shard) == set.all)
    #expect(manifests.allSatisfy { $0.settings == settings && $0.kind == "test" })
    var rounds = ManifestRounds(manifests, of: set.output)
    var seen: [Int] = []
    let all = try rounds.structures { number, fields, lines in
      #expect(fields.count == 3 && fields[2] == "tab\there")
      let index = try #require(Int(fields[1]))
      #expect(index % count == number)
      seen.append(index)
      for line in 0..<2 { #expect(try lines.next() == ["more", "\(line)"]) }
    }
    #expect(seen == Array(0..<total) && all == total)
    #expect(try rounds.common(["warning"]) == [["warning", "same"]])
  }

  @Test("a manifest with any byte changed, or cut anywhere, is none that counts")
  func damage() throws {
    let scratch = try Scratch()
    try write(scratch, count: 1, total: 2)
    let output = scratch.path("t.1-of-1.txt")
    let name = ".t.1-of-1.txt.shard"
    let good = [UInt8](try scratch.data(name))
    for place in good.indices {
      var bytes = good
      bytes[place] ^= 1
      try scratch.write(bytes, to: name)
      guard case .damaged = ShardManifest.reading(of: output) else {
        Issue.record("byte \(place) of \(good.count) may be changed")
        continue
      }
      try scratch.write(Array(good[..<place]), to: name)
      guard case .damaged = ShardManifest.reading(of: output) else {
        Issue.record("it may end before byte \(place)")
        continue
      }
    }
    try scratch.write(good, to: name)
    guard case .manifest = ShardManifest.reading(of: output) else {
      Issue.record("the whole one is not read")
      return
    }
  }

  @Test("changed outputs are damage, removed ones are missing")
  func outputs() throws {
    let scratch = try Scratch()
    try write(scratch, count: 3, total: 5)
    let set = try ShardSet(of: scratch.path("t.txt"))
    try scratch.write("output 9", to: "t.2-of-3.txt")
    let changed = #expect(throws: ShardSetError.self) { try set.manifests() }
    #expect(changed?.kind == .damaged)
    #expect(changed?.description.contains("t.2-of-3.txt was changed or damaged") == true)
    try FileManager.default.removeItem(atPath: scratch.path("t.2-of-3.txt"))
    let missing = #expect(throws: ShardSetError.self) { try set.manifests() }
    #expect(missing?.description.contains("shard 2/3 is missing") == true)
    #expect(try set.manifests(partial: true).map(\.shard.number) == [1, 3])
  }

  @Test("a shard that is begun again is not finished")
  func begunAgain() throws {
    let scratch = try Scratch()
    try write(scratch, count: 3, total: 5)
    let shard = try #require(Shard(2, of: 3))
    do {
      _ = try ShardManifestWriter(
        kind: "test", shard, of: scratch.path("t.2-of-3.txt"), settings: settings)
    }
    let set = try ShardSet(of: scratch.path("t.txt"))
    let error = #expect(throws: ShardSetError.self) { try set.manifests() }
    #expect(error?.description.contains("shard 2/3 is not finished") == true)
    let names = try FileManager.default.contentsOfDirectory(atPath: scratch.folder)
    #expect(!names.contains { $0.hasSuffix(".partial") })
  }

  @Test("shards that have read inputs of different length are refused")
  func totals() throws {
    let scratch = try Scratch()
    try write(scratch, count: 3, total: 9)
    let shard = try #require(Shard(2, of: 3))
    let output = scratch.path("t.2-of-3.txt")
    let manifest = try ShardManifestWriter(kind: "test", shard, of: output, settings: settings)
    for _ in 0..<2 { try manifest.line(["ok", "0", ""]) }
    try manifest.line(["read", "6"])
    try manifest.finish(outputs: [""])
    let set = try ShardSet(of: scratch.path("t.txt"))
    var rounds = ManifestRounds(try set.manifests(), of: set.output)
    let error = #expect(throws: ShardSetError.self) { _ = try rounds.structures { _, _, _ in } }
    #expect(error?.kind == .foreign)
  }

  @Test("errors of files are kept in full")
  func errors() throws {
    for error in [
      FileError(.content, file: "a\tb", line: 3, column: 4, part: "frame 1", "no\nsense"),
      FileError(.unreadable, file: "", "x"), FileError(.inconsistent, file: "f", line: 1, "y"),
    ] {
      let line = Array(TabbedLine.text(error.fields).utf8)
      #expect(FileError(fields: TabbedLine.fields(line[...])[...]) == error)
    }
    #expect(FileError(fields: ["content", "f"]) == nil)
  }

  @Test("a stretch of a file is read in pieces of any size", arguments: 0..<20)
  func pieces(seed: UInt64) throws {
    var random = SeededGenerator(seed: seed)
    let scratch = try Scratch()
    let all = (0..<20_000).map { _ in UInt8(random.below(20)) }
    try scratch.write(all, to: "f")
    let (start, end) = (random.below(1000), 20_000 - random.below(1000))
    // So many readers leave each of them the smallest buffer.
    var reader = PieceReader(path: scratch.path("f"), start..<end, readers: 1 << 20)
    var place = start
    while place < end {
      #expect(reader.count == end - place)
      if random.below(2) == 0 {
        let count = min(random.below(3000), end - place)
        #expect(try reader.bytes(count) == Array(all[place..<place + count]))
        place += count
      } else {
        let feed = all[place..<end].firstIndex(of: 10)
        #expect(try reader.line().map { Array($0) } == Array(all[place..<(feed ?? end)]))
        place = feed.map { $0 + 1 } ?? end
      }
    }
    #expect(try reader.line() == nil)
    #expect(throws: FileError.self) { try reader.bytes(1) }
  }
}
