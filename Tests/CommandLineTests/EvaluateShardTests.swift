// SPDX-License-Identifier: MIT

import Foundation
import TestSupport
import Testing

@Suite("relax evaluate in shards")
struct EvaluateShardTests {
  /// The example slabs with forces and energies of emt-morse, and frames of which some cannot be judged.
  private func labelled() throws -> Scratch {
    let scratch = try Scratch()
    let run = try CommandLineRun(
      ["predict", examples + "/slabs.extxyz", "-p", "emt-morse", "-o", "val.extxyz", "-q"],
      in: scratch.folder)
    #expect(run.status == 0)
    func frame(_ sid: String, _ row: String, _ more: String = "") -> String {
      "1\nsid=\(sid) \(more) Properties=species:S:1:pos:R:3:move_mask:L:1:forces:R:3\n\(row)\n"
    }
    try scratch.write(
      frame("iron", "Fe 0 0 0 T 1 0 0") + frame("copper", "Cu 0 0 0 T 0.5 0 -0.25")
        + frame("label", "Cu 0 0 0 T nan 0 0") + frame("place", "Cu nan 0 0 T 1 0 0")
        + frame("held", "Cu 0 0 0 F 1 0 0")
        + frame("rough", "Cu 0 0 0 T 1 0 0", "scf_converged=F"), to: "odd.extxyz")
    return scratch
  }

  private func evaluate(
    _ scratch: Scratch, _ json: String, _ more: [String]
  ) throws -> CommandLineRun {
    try CommandLineRun(
      ["evaluate", "val.extxyz", "odd.extxyz", "-p", "emt", "--json", json] + more,
      in: scratch.folder)
  }

  @Test(
    "merged shards are the same table and JSON, to the last digit",
    arguments: [
      ([], 1), ([], 7), ([], 40), (["--limit", "5"], 3),
      (["--limit", "3", "--rotations", "3", "--seed", "4"], 3),
    ])
  func same(options: [String], count: Int) throws {
    let scratch = try labelled()
    let whole = try evaluate(scratch, "u.json", options)
    #expect(whole.status == 3 && whole.error.contains("iron"))
    for number in (1...count).reversed() {
      let part = try evaluate(
        scratch, "m.json", options + ["--shard", "\(number)/\(count)", "--threads", "2"])
      #expect(part.status == 0 || part.status == 3, "\(part.error)")
      #expect(part.output.hasPrefix("emt, shard \(number)/\(count)\n"))
      #expect(
        try scratch.text("m.\(number)-of-\(count).json").contains(
          "\"shard\": \"\(number)/\(count)\""))
    }
    let merged = try CommandLineRun(["merge", "m.json"], in: scratch.folder)
    #expect(merged.status == 3)
    #expect(merged.output == whole.output)
    #expect(merged.error == whole.error.replacing("written: u", with: "written: m"))
    #expect(try scratch.data("m.json") == scratch.data("u.json"))
  }

  @Test("a frame's rotations and a folder's labels are those of the whole set")
  func folder() throws {
    let scratch = try labelled()
    try FileManager.default.createDirectory(
      atPath: scratch.path("set"), withIntermediateDirectories: true)
    for (chunk, count) in [(0, 3), (1, 4)] {
      try scratch.write(
        (0..<count).map {
          "1\nProperties=species:S:1:pos:R:3:forces:R:3 energy=1.\($0)\nCu 0 0 0 0.\($0 + chunk) 0 0\n"
        }.joined(), to: "set/\(chunk).extxyz")
      try scratch.write(
        (0..<count).map { "random\(chunk)\($0),frame\($0),-0.\($0 + 1)\n" }.joined(),
        to: "set/\(chunk).txt")
    }
    func run(_ json: String, _ more: [String] = []) throws -> CommandLineRun {
      try CommandLineRun(
        ["evaluate", "set", "-p", "emt", "--energies", "adsorption", "--json", json] + more,
        in: scratch.folder)
    }
    #expect(try run("u.json").status == 0)
    for number in 1...3 { #expect(try run("m.json", ["--shard", "\(number)/3"]).status == 0) }
    #expect(try CommandLineRun(["merge", "m.json", "-q"], in: scratch.folder).status == 0)
    #expect(try scratch.data("m.json") == scratch.data("u.json"))
  }

  @Test("what is missing, foreign or damaged is refused, and nothing is written")
  func refused() throws {
    let scratch = try labelled()
    func merge(_ more: [String] = []) throws -> CommandLineRun {
      try CommandLineRun(["merge", "m.json"] + more, in: scratch.folder)
    }
    for number in [1, 3] { _ = try evaluate(scratch, "m.json", ["--shard", "\(number)/3"]) }
    let missing = try merge()
    #expect(missing.status == 65 && missing.error.contains("shard 2/3 is missing"))
    let foreign: [([String], String)] = [
      (["--seed", "2", "--rotations", "2"], "rotations 2, seed 2, there none"),
      (["--limit", "4"], "limit 4"), (["--energies", "adsorption"], "energies adsorption"),
      (["--unconverged"], "unconverged taken"), (["--select", "natoms<99"], "select natoms<99"),
    ]
    for (options, words) in foreign {
      let part = try CommandLineRun(
        ["evaluate", "val.extxyz", "odd.extxyz", "-p", "emt", "--json", "m.json", "--shard", "2/3"]
          + ["--overwrite"] + options, in: scratch.folder)
      guard options != ["--energies", "adsorption"] else {
        // There are no reference energies: such a shard is not finished.
        #expect(part.status == 65)
        continue
      }
      let run = try merge()
      #expect(run.status == 65 && run.error.contains(words), "\(run.error)")
    }
    _ = try evaluate(scratch, "m.json", ["--shard", "2/3", "--overwrite"])
    var data = try scratch.data(".m.2-of-3.json.shard")
    data[data.count - 40] ^= 1
    try scratch.write([UInt8](data), to: ".m.2-of-3.json.shard")
    let damaged = try merge()
    #expect(damaged.status == 65 && damaged.error.contains("m.2-of-3.json has a damaged manifest"))
    #expect(!FileManager.default.fileExists(atPath: scratch.path("m.json")))
  }

  @Test("a shard without a file for its errors is refused")
  func usage() throws {
    let scratch = try labelled()
    for json in [[], ["--json", "-"]] {
      let run = try CommandLineRun(
        ["evaluate", "val.extxyz", "-p", "emt", "--shard", "1/2"] + json, in: scratch.folder)
      #expect(run.status == 64 && run.error.contains("--json must name a file"))
    }
    #expect(try scratch.names == ["odd.extxyz", "val.extxyz"])
  }
}
