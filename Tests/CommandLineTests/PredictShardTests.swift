// SPDX-License-Identifier: MIT

import Foundation
import TestSupport
import Testing

@Suite("relax predict in shards")
struct PredictShardTests {
  /// Frames of which some have no labels and one cannot be used.
  static let mixed =
    (0..<9).map { "2\nsid=g\($0) Properties=species:S:1:pos:R:3\nCu 0 0 0\nCu 2.\($0) 0 0\n" }
    .joined()
      + """
      1
      sid=unknown Properties=species:S:1:pos:R:3
      Fe 0 0 0
      1
      Properties=species:S:1:pos:R:3
      Cu 0 0 0
      1
      sid=bad Properties=species:S:1:pos:R:3
      Cu nan 0 0
      2
      sid=heap Properties=species:S:1:pos:R:3
      C 0 0 0
      O 0 0 0
      1
      sid=last Properties=species:S:1:pos:R:3
      Cu 1 2 3

      """

  private func predict(
    _ scratch: Scratch, _ output: String, _ more: [String] = [], input: String = "in.xyz"
  ) throws -> CommandLineRun {
    try CommandLineRun(
      ["predict", input, "-p", "emt-morse", "-o", output] + more, in: scratch.folder,
      environment: ["SOURCE_DATE_EPOCH": "1700000000"])
  }

  private func shards(
    _ scratch: Scratch, _ output: String, _ numbers: [Int], of count: Int,
    input: String = "in.xyz", _ more: [String] = []
  ) throws {
    for number in numbers {
      _ = try predict(
        scratch, output, ["-q", "--shard", "\(number)/\(count)"] + more, input: input)
    }
  }

  private func merge(
    _ scratch: Scratch, _ output: String, _ more: [String] = []
  ) throws -> CommandLineRun {
    try CommandLineRun(["merge", output] + more, in: scratch.folder)
  }

  @Test(
    "merged shards are the bytes, the messages and the code of one command",
    arguments: [
      ("m.extxyz", 1), ("m.extxyz", 3), ("m.extxyz", 7), ("m.extxyz", 40), ("m.xyz.gz", 3),
      ("m.extxyz.xz", 7), ("m.traj", 3), ("m.traj", 20), ("m.db", 3), ("m.db", 7), ("m.json", 7),
    ])
  func same(output: String, count: Int) throws {
    let scratch = try Scratch()
    try scratch.write(Self.mixed, to: "in.xyz")
    let whole = try predict(scratch, "u" + output.dropFirst())
    #expect(whole.status == 65 && whole.error.contains("in.xyz:"))
    #expect(whole.error.contains("3 of 14 frames have no labels"))
    try shards(scratch, output, Array((1...count).reversed()), of: count)
    let before = try (1...count).map { number in
      let name = "m.\(number)-of-\(count)" + output.dropFirst()
      return FileManager.default.fileExists(atPath: scratch.path(name))
        ? try scratch.data(name) : nil
    }
    let merged = try merge(scratch, output)
    #expect(try scratch.data(output) == scratch.data("u" + output.dropFirst()))
    #expect(merged.status == whole.status)
    #expect(merged.error == whole.error.replacing("written: u", with: "written: m"))
    #expect(merged.output == "")
    // The shards stay as they were.
    for (number, data) in zip(1...count, before) where data != nil {
      #expect(try scratch.data("m.\(number)-of-\(count)" + output.dropFirst()) == data)
    }
    let left = try FileManager.default.contentsOfDirectory(atPath: scratch.folder)
    #expect(
      !left.contains { $0.hasSuffix(".partial") || $0.hasSuffix(".lock") || $0.hasSuffix("-wal") })
  }

  @Test("periodic structures are merged as CIF")
  func cif() throws {
    let scratch = try Scratch()
    try scratch.write(
      (0..<5).map {
        "1\nsid=\($0) Lattice=\"2.6 0 0 0 2.6 0 0 0 2.\($0 + 5)\" Properties=species:S:1:pos:R:3\nCu 0 0 0\n"
      }.joined(), to: "in.xyz")
    #expect(try predict(scratch, "u.cif").status == 0)
    try shards(scratch, "m.cif", [2, 1], of: 2)
    #expect(try merge(scratch, "m.cif").status == 0)
    #expect(try scratch.data("m.cif") == scratch.data("u.cif"))
  }

  @Test("a file with a broken end gives what one command gives")
  func broken() throws {
    let scratch = try Scratch()
    try scratch.write(Self.mixed + "3\nsid=cut\nCu 0 0 0\n", to: "in.xyz")
    let whole = try predict(scratch, "u.xyz")
    try shards(scratch, "m.xyz", [1, 2, 3], of: 3)
    let merged = try merge(scratch, "m.xyz")
    #expect(merged.status == 65 && whole.status == 65)
    #expect(merged.error == whole.error.replacing("written: u", with: "written: m"))
    #expect(try scratch.data("m.xyz") == scratch.data("u.xyz"))
  }

  @Test("frames that --select leaves out do not count; without any it is 65 in each shard")
  func selected() throws {
    let scratch = try Scratch()
    try scratch.write(Self.mixed, to: "in.xyz")
    let select = ["--select", "natoms=2"]
    #expect(try predict(scratch, "u.xyz", select).status == 65)
    try shards(scratch, "m.xyz", [1, 2, 3], of: 3, select)
    #expect(try merge(scratch, "m.xyz").status == 65)
    #expect(try scratch.data("m.xyz") == scratch.data("u.xyz"))
    let none = try predict(scratch, "n.xyz", ["--select", "natoms=999", "--shard", "1/2"])
    #expect(none.status == 65)
    try scratch.write("", to: "empty.xyz")
    #expect(
      try predict(scratch, "e.xyz", ["--shard", "2/2"], input: "empty.xyz").status == 65)
  }

  @Test(
    "a shard without structures ends with 0; together they are the whole, in a copied folder too")
  func copied() throws {
    let scratch = try Scratch()
    try scratch.write("1\nsid=a\nCu 0 0 0\n", to: "in.xyz")
    #expect(try predict(scratch, "u.xyz").status == 0)
    for number in 1...3 {
      #expect(try predict(scratch, "m.xyz", ["--shard", "\(number)/3"]).status == 0)
    }
    let copy = scratch.path("copy")
    try FileManager.default.createDirectory(atPath: copy, withIntermediateDirectories: true)
    for name in try FileManager.default.contentsOfDirectory(atPath: scratch.folder)
    where name.contains("-of-") {
      try FileManager.default.moveItem(atPath: scratch.path(name), toPath: copy + "/" + name)
    }
    #expect(try merge(scratch, "m.xyz").status == 66)
    #expect(try merge(scratch, "copy/m.xyz").status == 0)
    #expect(try scratch.data("copy/m.xyz") == scratch.data("u.xyz"))
  }

  /// Three shards, all made.
  private func threeShards() throws -> Scratch {
    let scratch = try Scratch()
    try scratch.write(Self.mixed, to: "in.xyz")
    try shards(scratch, "m.xyz", [1, 2, 3], of: 3)
    return scratch
  }

  /// Merging is refused with 65 and these words, and nothing is written.
  private func refused(_ scratch: Scratch, _ words: String..., partial: Bool = true) throws {
    for more in partial ? [[], ["--partial"]] : [[]] {
      let run = try merge(scratch, "m.xyz", more)
      #expect(run.status == 65 && run.output == "")
      for word in words { #expect(run.error.contains(word), "\(run.error)") }
      #expect(!FileManager.default.fileExists(atPath: scratch.path("m.xyz")))
      #expect(run.error.split(separator: "\n").count <= 3)
    }
  }

  @Test("a missing shard is named, or done without")
  func missing() throws {
    let scratch = try threeShards()
    try FileManager.default.removeItem(atPath: scratch.path("m.2-of-3.xyz"))
    try refused(scratch, "shard 2/3 is missing", "--partial", partial: false)
    let partial = try merge(scratch, "m.xyz", ["--partial"])
    #expect(partial.error.contains("shard 2/3 is missing"))
    let text = try scratch.text("m.xyz")
    #expect(text.contains("sid=g0") && !text.contains("sid=g1 ") && text.contains("sid=g2"))
    let again = try merge(scratch, "m.xyz", ["--partial"])
    #expect(again.status == 74 && again.error.contains("--overwrite"))
    try shards(scratch, "m.xyz", [2], of: 3)
    #expect(try merge(scratch, "m.xyz", ["--overwrite"]).status == 65)
    #expect(try scratch.text("m.xyz").contains("sid=g1 "))
  }

  @Test("one that was killed is not finished")
  func unfinished() throws {
    let scratch = try threeShards()
    try FileManager.default.removeItem(atPath: scratch.path(".m.3-of-3.xyz.shard"))
    try refused(scratch, "shard 3/3 is not finished", partial: false)
  }

  @Test("any changed byte is found")
  func damaged() throws {
    for name in ["m.2-of-3.xyz", ".m.2-of-3.xyz.shard"] {
      let scratch = try threeShards()
      var data = try scratch.data(name)
      data[data.count / 2] ^= 1
      try scratch.write([UInt8](data), to: name)
      try refused(scratch, "m.2-of-3.xyz", "damaged")
    }
  }

  @Test("one shard under two names, and shards of two divisions")
  func doubled() throws {
    let scratch = try threeShards()
    for (from, to) in [
      ("m.1-of-3.xyz", "m.3-of-3.xyz"), (".m.1-of-3.xyz.shard", ".m.3-of-3.xyz.shard"),
    ] {
      try FileManager.default.removeItem(atPath: scratch.path(to))
      try FileManager.default.copyItem(atPath: scratch.path(from), toPath: scratch.path(to))
    }
    try refused(scratch, "m.3-of-3.xyz holds shard 1/3, as m.1-of-3.xyz does")
    try shards(scratch, "m.xyz", [4], of: 7)
    try refused(scratch, "different divisions", "m.4-of-7.xyz")
  }

  @Test(
    "shards of other work are foreign, and it is said what is different",
    arguments: ["provider", "kernels", "select", "input 1"])
  func foreign(setting: String) throws {
    let scratch = try threeShards()
    if setting == "input 1" {
      try scratch.write(Self.mixed + "1\nsid=more\nCu 0 0 0\n", to: "in.xyz")
    }
    let run = try CommandLineRun(
      [
        "predict", "in.xyz", "-p", setting == "provider" ? "emt" : "emt-morse", "-o", "m.xyz",
        "--shard", "2/3", "--overwrite", "-q",
      ] + (setting == "select" ? ["--select", "natoms<99"] : []), in: scratch.folder,
      environment: setting == "kernels" ? ["RELAX_KERNELS": "portable"] : [:])
    #expect(run.status != 64)
    if setting == "kernels" {
      // On a processor that has no others, there is no difference.
      let merged = try merge(scratch, "m.xyz")
      guard merged.error.contains("m.2-of-3.xyz") else { return }
    }
    try refused(scratch, "m.2-of-3.xyz: \(setting) ")
  }

  @Test("what holds one structure has no parts; a stream has, but nothing to merge")
  func usage() throws {
    let scratch = try Scratch()
    try scratch.write(Self.mixed, to: "in.xyz")
    let poscar = try predict(scratch, "a.vasp", ["--shard", "1/2"])
    #expect(poscar.status == 64 && poscar.error.contains("--shard"), "\(poscar.error)")
    let stream = try predict(scratch, "-", ["--shard", "2/9", "-q"])
    #expect(stream.output.contains("sid=g1") && !stream.output.contains("sid=g2"))
    let outside = try predict(scratch, "a.xyz", ["--shard", "auto"])
    #expect(outside.status == 64)
    #expect(try merge(scratch, "none.xyz").status == 66)
    #expect(try scratch.names == ["in.xyz"])
  }
}
