// SPDX-License-Identifier: MIT

import Foundation
import TestSupport
import Testing

@Suite("relax model")
struct ModelCommandTests {
  private static let small =
    #"{"model": "forcenet", "config": {"hidden_channels": 4, "decoder_hidden_channels": 3, "#
    + #""num_interactions": 1, "num_freqs": 2}}"#

  private func run(_ arguments: String, _ scratch: Scratch) throws -> CommandLineRun {
    try CommandLineRun(arguments.split(separator: " ").map(String.init), in: scratch.folder)
  }

  @Test("init, info and import make one round")
  func round() throws {
    let scratch = try Scratch()
    try scratch.write(ModelCommandTests.small, to: "c.json")
    let made = try run("model init --config c.json --seed 5 -o a.safetensors", scratch)
    #expect(made.status == 0)
    #expect(made.output.isEmpty && made.error.hasPrefix("written: "))
    let again = try run(
      "model init --architecture forcenet --config c.json --seed 5 -o b.safetensors", scratch)
    #expect(again.status == 0)
    #expect(try scratch.data("a.safetensors") == scratch.data("b.safetensors"))
    try scratch.write(
      "{\"energy_is_trained\": false, " + ModelCommandTests.small.drop { $0 != "{" }.dropFirst(),
      to: "untrained.json")
    let imported = try run(
      "model import a.safetensors --config untrained.json -o c.safetensors", scratch)
    #expect(imported.status == 0)
    #expect(try scratch.data("a.safetensors") == scratch.data("c.safetensors"))

    let info = try run("model info c.safetensors --json -", scratch)
    #expect(info.status == 0)
    let json = try #require(
      JSONSerialization.jsonObject(with: Data(info.output.utf8)) as? [String: Any])
    #expect(json["architecture"] as? String == "forcenet")
    // Counted by hand: embedding 76, radial mixtures 36, block 4 + 148 + 52 + 2·20 + 20 + 20 + 8 + 20,
    // lin 15, decoder 12 + 6 + 12, energy 4.
    #expect(json["trainable_parameters"] as? Int == 473)
    #expect(json["total_parameters"] as? Int == 473 + 101 + 909 + 18 + 8)
    let elements = try #require(json["elements"] as? [String: [String]])
    #expect(elements["unknown"]?.joined(separator: " ") == "Kr Xe At Rn Fr Cm Bk Cf Es Fm")
    #expect(elements["known"]?.count == 90)
    let table = try run("model info c.safetensors --json f.json", scratch)
    #expect(table.output.contains("trainable parameters      473\n"))
    #expect(try scratch.text("f.json") == info.output)
  }

  @Test("the paper's network has its size")
  func paper() throws {
    let scratch = try Scratch()
    #expect(try run("model init --architecture gns --seed 1 -o g", scratch).status == 0)
    let info = try run("model info g --json -", scratch)
    #expect(info.output.contains("\"trainable_parameters\": 12450819,"))
    #expect(info.output.contains("\"gives_energy\": false,"))
  }

  typealias Case = WrongCommand

  private static let names =
    "forcenet, forcenet-large, gns, schnet, dimenetplusplus, dimenetplusplus-large"

  static let cases: [Case] = [
    Case(
      arguments: "model init --seed 1 -o m", status: 64,
      message: "Error: --architecture is missing: possible are \(names)"),
    Case(
      arguments: "model init --architecture megnet --seed 1 -o m", status: 64,
      message: "relax: --architecture megnet: possible are \(names)"),
    Case(arguments: "model init --architecture gns -o m", mentions: ["--seed"]),
    Case(
      arguments: "model init --architecture gns --config good.json --seed 1 -o m", status: 65,
      message: "relax: good.json: the configuration is of `forcenet`, not of `gns`"),
    Case(
      arguments: "model init --config wrong.json --seed 1 -o m", status: 65,
      message:
        "relax: wrong.json: cutoff of gns is -1: a length from 0.1 to 100.0 Å is needed"),
    Case(
      arguments: "model init --config good.json --seed 1 -o good.json --overwrite", status: 64,
      message: "relax: good.json: a model cannot be written to names ending with .json; "
        + "it can be written as .safetensors"),
    Case(
      arguments: "model init --config good.json --seed 1 -o taken", status: 74,
      message: "relax: taken: the file exists; pass --overwrite to replace it"),
    Case(
      arguments: "model init --config good.json --seed 1 -o nowhere/m", status: 74,
      message: "relax: nowhere/m: the folder does not exist"),
    Case(
      arguments: "model info nothing", status: 66,
      message: "relax: nothing: there is no such file"),
    Case(
      arguments: "model info taken", status: 65,
      message: "relax: taken: 5 bytes are too few for a safetensors file"),
    Case(
      arguments: "model import nothing.pt -o m", status: 66,
      message: "relax: nothing.pt: there is no such file"),
    Case(
      arguments: "model import taken -o m", status: 65,
      message:
        "relax: taken: this is neither a safetensors file nor a checkpoint that torch.save wrote"),
    Case(
      arguments: "model import evil.pt -o m", status: 65,
      message:
        "relax: evil.pt: pickle, byte 35: it calls `posix.system`; that is refused, since nothing in "
        + "a checkpoint is ever run"),
    Case(
      arguments: "model import evil.zip.pt -o m", status: 65,
      message:
        "relax: evil.zip.pt: pickle, byte 35: it calls `posix.system`; that is refused, since "
        + "nothing in a checkpoint is ever run"),
    Case(
      arguments: "model import good.json -o m", status: 65,
      message:
        "relax: good.json: this is a JSON file; a safetensors file or checkpoint is needed"),
  ]

  @Test("every refusal has its code, one line and leaves nothing behind", arguments: cases)
  func refusals(wrong: Case) throws {
    let scratch = try Scratch()
    try scratch.write(ModelCommandTests.small, to: "good.json")
    try scratch.write(#"{"model": "gns", "config": {"cutoff": -1}}"#, to: "wrong.json")
    try scratch.write("taken", to: "taken")
    let evil = [0x80, 2] + Array("cposix\nsystem\n(X\u{C}\0\0\0touch hackedtR.".utf8)
    try scratch.write(evil, to: "evil.pt")
    try scratch.write(StoredZip([("m/data.pkl", evil)]).bytes, to: "evil.zip.pt")
    try wrong.check(in: scratch)
  }

  @Test("a released checkpoint becomes a model")
  func released() throws {
    let scratch = try Scratch()
    let checkpoint = ReferenceData.path("checkpoints/forcenet_trainer_full.pt")
    #expect(try run("model import \(checkpoint) -o m", scratch).status == 0)
    let info = try run("model info m", scratch)
    #expect(info.output.contains("energies                  none: they were not trained\n"))
    #expect(info.output.contains("trainable parameters      11448\n"))
  }
}
