// SPDX-License-Identifier: MIT

import Foundation
import TestSupport
import Testing

@Suite("relax train, wrongly used")
struct TrainUsageTests {
  static let configuration = """
    model: {architecture: forcenet, hidden_channels: 4, decoder_hidden_channels: 4, \
    num_interactions: 1}
    data:
      train: good.xyz
    training:
      steps: 10
    output: out

    """

  typealias Case = WrongCommand

  static let cases: [Case] = [
    Case(arguments: "train", mentions: ["config"]),
    Case(
      arguments: "train c.yaml --resume --overwrite", status: 64,
      message: "Error: --resume keeps the results and --overwrite replaces them: choose one"),
    Case(
      arguments: "train d.yaml", status: 66, message: "relax: d.yaml: there is no such file"),
    Case(
      arguments: "train .", status: 66, message: "relax: .: this is a folder, not a file"),
    Case(
      arguments: "train c.yaml", old: "steps: 10", new: "steps: 10\n  batchsize: 3", status: 65,
      message:
        "relax: c.yaml:6: there is no key training.batchsize; did you mean `batch_size`? Possible "
        + "are steps, batch_size, learning_rate, warmup_steps, constant_steps, halve_every, "
        + "rotation_augmentation, fixed_atom_weight, adsorbate_weight, huber_delta, "
        + "energy_weight, force_weight, best_by, clip_grad_norm, "
        + "weight_decay, ema_decay, statistics_batches, seed, threads, eval_every, report_every, checkpoint_every, "
        + "patience, hours"),
    Case(
      arguments: "train c.yaml", old: "architecture: forcenet", new: "architecture: painn",
      status: 65,
      message:
        "relax: c.yaml:1: model.architecture is `painn`: possible are forcenet, forcenet-large, "
        + "gns, schnet, dimenetplusplus, dimenetplusplus-large"),
    Case(
      arguments: "train c.yaml", old: "good.xyz", new: "nothing.xyz", status: 66,
      message: "relax: nothing.xyz: there is no such file"),
    Case(
      arguments: "train c.yaml", old: "good.xyz", new: "bare.xyz", status: 65,
      message: "relax: bare.xyz:1: frame 1 (b) has no forces to learn from; expected forces:R:3 "
        + "among its Properties"),
    Case(
      arguments: "train c.yaml", old: "good.xyz", new: "noble.xyz", status: 65,
      message: "relax: noble.xyz:1: frame 1 (k) holds Kr, which the network has no features for"),
    Case(
      arguments: "train c.yaml", old: "  train: good.xyz",
      new: "  train: good.xyz\n  validation: {v: fixed.xyz}", status: 65,
      message: "relax: no frame of fixed.xyz has a free atom: nothing to judge by"),
    Case(
      arguments: "train c.yaml", old: "steps: 10", new: "steps: 10\n  huber_delta: 0", status: 65,
      message: "relax: c.yaml:6: training.huber_delta is `0`: a number above 0 is needed"),
    Case(
      arguments: "train c.yaml", old: "steps: 10", new: "steps: 10\n  adsorbate_weight: 4",
      status: 65,
      message: "relax: no atom of good.xyz is tagged as adsorbate (2 in a column tags:I:1), as "
        + "training.adsorbate_weight needs"),
    Case(
      arguments: "train c.yaml", old: "good.xyz", new: "empty.xyz", status: 65,
      message: "relax: empty.xyz: the file is empty: it contains no structures"),
    Case(
      arguments: "train c.yaml", old: "{architecture: forcenet,", new: "{from: taken,",
      status: 65,
      message: "relax: c.yaml:1: there is no key model.hidden_channels; possible are from, angles"),
    Case(
      arguments: "train c.yaml -o old", status: 74,
      message: "relax: old holds a training already; pass --resume to go on with it, --overwrite "
        + "to start again"),
    Case(
      arguments: "train c.yaml -o old --resume", status: 74,
      message: "relax: old/checkpoint is damaged: 4 bytes are too few for a safetensors file; pass "
        + "--overwrite to start again"),
    Case(
      arguments: "train c.yaml -o taken", status: 74,
      message: "relax: taken has no checkpoint from which a training could go on, but "
        + "taken/config.yaml is there; pass --overwrite to start again, or choose another folder "
        + "with --output"),
    Case(
      arguments: "train c.yaml -o taken --resume", status: 74,
      message: "relax: taken has no checkpoint from which a training could go on, but "
        + "taken/config.yaml is there; pass --overwrite to start again, or choose another folder "
        + "with --output"),
    Case(
      arguments: "train c.yaml --overwrite -o .", old: "good.xyz", new: "metrics.jsonl", status: 64,
      message: "relax: ./metrics.jsonl, which is metrics.jsonl, is an input of this command and "
        + "would be overwritten by --output"),
  ]

  @Test("every mistake gets its code and a line that helps, and leaves nothing", arguments: cases)
  func message(of wrong: Case) throws {
    let scratch = try Scratch()
    let text =
      wrong.old.isEmpty
      ? TrainUsageTests.configuration
      : TrainUsageTests.configuration.replacing(wrong.old, with: wrong.new)
    try scratch.write(text, to: "c.yaml")
    func frame(_ name: String, _ symbol: String, mask: String) -> String {
      "1\nsid=\(name) Properties=species:S:1:pos:R:3:move_mask:L:1:forces:R:3\n"
        + "\(symbol) 0 0 0 \(mask) 0 0 1\n"
    }
    try scratch.write(frame("a", "Cu", mask: "T"), to: "good.xyz")
    try scratch.write(frame("a", "Cu", mask: "T"), to: "metrics.jsonl")
    try scratch.write(frame("f", "Cu", mask: "F"), to: "fixed.xyz")
    try scratch.write(frame("k", "Kr", mask: "T"), to: "noble.xyz")
    try scratch.write("1\nsid=b\nCu 0 0 0\n", to: "bare.xyz")
    try scratch.write("", to: "empty.xyz")
    try FileManager.default.createDirectory(
      atPath: scratch.path("old"), withIntermediateDirectories: false)
    try scratch.write("lost", to: "old/checkpoint")
    try FileManager.default.createDirectory(
      atPath: scratch.path("taken"), withIntermediateDirectories: false)
    try scratch.write("mine", to: "taken/config.yaml")
    try wrong.check(in: scratch)
    #expect(try scratch.text("old/checkpoint") == "lost")
    #expect(try scratch.text("taken/config.yaml") == "mine")
  }
}
