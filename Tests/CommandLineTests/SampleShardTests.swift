// SPDX-License-Identifier: MIT

import Foundation
import TestSupport
import Testing

@Suite("relax sample in shards")
struct SampleShardTests {
  private static let options = [
    "-p", "emt-morse", "--frames", "3", "--md-every", "3", "--md-steps", "4", "--md-keep", "2",
    "--steps", "20", "--seed", "5", "--rattled", "2",
  ]

  /// Slabs, of which some give no frames.
  private func slabs() throws -> Scratch {
    let scratch = try Scratch()
    let text = try String(
      decoding: Data(contentsOf: URL(fileURLWithPath: examples + "/slabs.extxyz")), as: UTF8.self)
    func odd(_ sid: String, _ row: String) -> String {
      "1\nsid=\(sid) pbc=\"F F F\" Properties=species:S:1:pos:R:3\n\(row)\n"
    }
    try scratch.write(
      odd("first", "Xe 0 0 0") + text + odd("nan", "Cu nan 0 0"), to: "in.extxyz")
    return scratch
  }

  private func sample(
    _ scratch: Scratch, _ output: String, _ more: [String] = []
  ) throws -> CommandLineRun {
    try CommandLineRun(
      ["sample", "in.extxyz", "-o", output] + Self.options + more, in: scratch.folder,
      environment: ["SOURCE_DATE_EPOCH": "1700000000"])
  }

  private func merge(
    _ scratch: Scratch, _ output: String, _ more: [String] = []
  ) throws -> CommandLineRun {
    try CommandLineRun(["merge", output] + more, in: scratch.folder)
  }

  /// The bytes of a file, or of all files below a folder.
  private func bytes(_ scratch: Scratch, _ name: String) throws -> [String: Data] {
    guard let names = FileManager.default.enumerator(atPath: scratch.path(name))?.allObjects,
      !names.isEmpty
    else { return ["": try scratch.data(name)] }
    var bytes: [String: Data] = [:]
    for case let file as String in names {
      bytes[file] = try? scratch.data(name + "/" + file)
    }
    return bytes
  }

  @Test(
    "merged shards are the same files, table and messages",
    arguments: [
      ("frames", 1), ("frames", 3), ("frames", 20), ("frames.traj", 3), ("frames.db", 3),
      ("frames.extxyz.xz", 7),
    ])
  func same(output: String, count: Int) throws {
    let scratch = try slabs()
    let whole = try sample(scratch, "u" + output)
    #expect(whole.status == 3 && whole.output.contains("14 structures, "))
    for number in (1...count).reversed() {
      let part = try sample(scratch, "m" + output, ["--shard", "\(number)/\(count)"])
      #expect(part.status == 0 || part.status == 3, "\(part.error)")
    }
    let merged = try merge(scratch, "m" + output + (output == "frames" ? "/" : ""))
    #expect(merged.status == 3)
    #expect(merged.output == whole.output)
    #expect(merged.error == whole.error.replacing("written: u", with: "written: m"))
    let files = try bytes(scratch, "m" + output)
    #expect(files.count == (output == "frames" ? 7 : 1))
    #expect(try files == bytes(scratch, "u" + output))
  }

  @Test("an earlier set is replaced only on demand, and as a whole")
  func overwriting() throws {
    let scratch = try slabs()
    let whole = try sample(scratch, "u")
    #expect(whole.status == 3)
    for number in 1...3 { _ = try sample(scratch, "m", ["--shard", "\(number)/3"]) }
    #expect(try merge(scratch, "m").status == 3)
    #expect(try merge(scratch, "m").status == 74)
    try scratch.write("old", to: "m/md/7.extxyz.xz")
    #expect(try merge(scratch, "m", ["--overwrite"]).status == 3)
    #expect(try bytes(scratch, "m") == bytes(scratch, "u"))
    #expect(try sample(scratch, "m", ["--shard", "2/3"]).status == 74)
    #expect(try sample(scratch, "m", ["--shard", "2/3", "--overwrite"]).status != 74)
    #expect(try merge(scratch, "m", ["--overwrite"]).status == 3)
    #expect(try bytes(scratch, "m") == bytes(scratch, "u"))
  }

  @Test("what is missing, foreign or damaged is refused, and nothing is written")
  func refused() throws {
    let scratch = try slabs()
    for number in [1, 2] { _ = try sample(scratch, "m", ["--shard", "\(number)/3"]) }
    let missing = try merge(scratch, "m")
    #expect(missing.status == 65 && missing.error.contains("shard 3/3 is missing"))
    for (option, value) in [
      ("--seed", "6"), ("--rattled", "1"), ("--temperature", "800.0"), ("--fmax", "0.02"),
      ("--sigma", "0.1:0.2"), ("--md-keep", "4"),
    ] {
      _ = try sample(scratch, "m", ["--shard", "3/3", "--overwrite", option, value])
      let run = try merge(scratch, "m", ["--partial"])
      #expect(run.status == 65 && run.error.contains("m.3-of-3: \(option.dropFirst(2)) \(value)"))
    }
    _ = try sample(scratch, "m", ["--shard", "3/3", "--overwrite"])
    let name = "m.2-of-3/rattled/0.txt.xz"
    var data = try scratch.data(name)
    data[20] ^= 1
    try scratch.write([UInt8](data), to: name)
    let damaged = try merge(scratch, "m")
    #expect(damaged.status == 65)
    #expect(damaged.error.contains("m.2-of-3 has rattled/0.txt.xz, which was changed or damaged"))
    #expect(!FileManager.default.fileExists(atPath: scratch.path("m")))
    try FileManager.default.removeItem(atPath: scratch.path("m.2-of-3"))
    let partial = try merge(scratch, "m", ["--partial"])
    #expect(partial.status == 3 && partial.error.contains("shard 2/3 is missing"))
    #expect(partial.output.contains("9 structures, "))
  }

  @Test("an input without structures is refused in each shard, and leaves none")
  func empty() throws {
    let scratch = try Scratch()
    try FileManager.default.copyItem(
      atPath: examples + "/slabs.extxyz", toPath: scratch.path("in.extxyz"))
    let run = try sample(scratch, "m", ["--shard", "1/3", "--select", "natoms=999"])
    #expect(run.status == 65 && run.error.contains("holds no structure"))
    #expect(try merge(scratch, "m").status != 0)
  }
}
