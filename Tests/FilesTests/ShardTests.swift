// SPDX-License-Identifier: MIT

import Files
import TestSupport
import Testing

@Suite("Shards") struct ShardTests {
  @Test("each structure is in one shard, at its place", arguments: [1, 2, 3, 7, 40, 1000])
  func parts(count: Int) throws {
    let shards = try (1...count).map { try #require(Shard($0, of: count)) }
    for total in [0, 1, 2, 39, 40, 41, 100] {
      #expect(shards.reduce(0) { $0 + $1.size(of: total) } == total)
      var seen = [Int](repeating: 0, count: count)
      for index in 0..<total {
        let owners = shards.indices.filter { shards[$0].contains(index) }
        #expect(owners == [index % count])
        let owner = shards[owners[0]]
        #expect(owner.position(of: index) == seen[owners[0]])
        #expect(owner.index(at: seen[owners[0]]) == index)
        seen[owners[0]] += 1
      }
      #expect(seen == shards.map { $0.size(of: total) })
    }
  }

  @Test(
    "what is no part is none",
    arguments: [
      "", "1", "1/", "/3", "0/3", "4/3", "1/0", "-1/3", "1/-3", "+1/3", "01/3", "1/03", "1/3/",
      "1.0/3", "a/3",
      "1/1000001", "1 / 3", "１/３",
    ])
  func none(text: String) { #expect(Shard(text) == nil) }

  @Test("a part is written as it is read")
  func description() {
    for text in ["1/1", "3/7", "1000/1000", "1000000/1000000"] {
      #expect(Shard(text)?.description == text)
    }
  }

  @Test(
    "outputs get the part before their ending, and are found again by it",
    arguments: [
      ("t.extxyz.gz", "t.2-of-3.extxyz.gz"), ("t.extxyz", "t.2-of-3.extxyz"),
      ("frames", "frames.2-of-3"), ("a.b.traj", "a.b.2-of-3.traj"),
      ("relaxed.2x2", "relaxed.2-of-3.2x2"), (".hidden", ".hidden.2-of-3"),
      ("t.1-of-2.extxyz", "t.1-of-2.2-of-3.extxyz"), ("ü.json", "ü.2-of-3.json"),
    ])
  func names(output: String, name: String) throws {
    let shard = try #require(Shard(2, of: 3))
    #expect(shard.path(of: output) == name)
    #expect(shard.path(of: "a/b.c/" + output) == "a/b.c/" + name)
    #expect(Shard(of: output, writing: name) == shard)
  }

  @Test("streams keep their names, and of a folder the name counts")
  func streams() throws {
    let shard = try #require(Shard(2, of: 3))
    for stream in ["-", "/dev/null", "/dev/stdout"] { #expect(shard.path(of: stream) == stream) }
    #expect(shard.path(of: "a/frames/") == "a/frames.2-of-3")
  }

  @Test(
    "other names are no shards",
    arguments: [
      "t.extxyz", "t.extxyz.gz", "t.2-of-3.extxyz", "t2-of-3.extxyz.gz", "t.2of3.extxyz.gz",
      "t.0-of-3.extxyz.gz", "t.4-of-3.extxyz.gz", "t.02-of-3.extxyz.gz", "t.2-of-3.xyz.gz",
      "s.2-of-3.extxyz.gz", ".t.2-of-3.extxyz.gz", "t.2-of-3-of-4.extxyz.gz", "t..extxyz.gz", "t.",
    ])
  func otherNames(name: String) { #expect(Shard(of: "t.extxyz.gz", writing: name) == nil) }
}
