// SPDX-License-Identifier: MIT

import Files
import Foundation
import RelaxNumerics
import StructureFiles
import TestSupport
import Testing

@testable import Networks

@Suite("Checkpoints")
struct CheckpointTests {
  @Test(
    "the released trainers' files import to the expected tensors, bit for bit",
    arguments: [
      "forcenet_trainer_full", "schnet_trainer_normalised", "schnet_legacy_pickle_format",
    ])
  func released(name: String) throws {
    let folder = ReferenceData.path("checkpoints/")
    let model = try ModelImport.read(folder + name + ".pt")
    let file = try RandomAccessFile(path: folder + name + ".safetensors")
    let contents = try Safetensors(file)
    let expected = try StateDictionary(contents)
    #expect(model.counters == expected.counters)
    // Filters of SchNet have a second name in files, and one in memory.
    let single = expected.tensors.filter { !$0.key.contains(".conv.nn.") }
    #expect(Set(model.tensors.keys) == Set(single.keys))
    for (name, tensor) in single {
      #expect(model.tensors[name]?.shape == tensor.shape)
      #expect(
        model.tensors[name]?.values.map(\.bitPattern) == tensor.values.map(\.bitPattern), "\(name)")
    }
    // All have energy_coefficient 0.
    #expect(!model.energyIsTrained)
    #expect(model.energyReference == .adsorption)
    #expect((model.normalization == .none) == (name == "forcenet_trainer_full"))
    if name == "schnet_trainer_normalised" {
      #expect(model.normalization.energyMean == Double(Float(-0.7554450631141663)))
      #expect(model.normalization.forceScale == Double(Float(2.887317180633545)))
    }
  }

  /// What a checkpoint of the sample should import to.
  private func expected() throws -> NetworkModel {
    var model = try ModelSamples.model()
    model.normalization.energyMean = Double(Float(model.normalization.energyMean))
    model.normalization.energyScale = Double(Float(model.normalization.energyScale))
    return model
  }

  private func imported(
    _ writer: PickleWriter, form: StoredZip.Form = .descriptor, description: ModelDescription? = nil
  ) throws -> NetworkModel {
    let scratch = try Scratch()
    let path = try scratch.write(writer.archive(form: form).bytes, to: "checkpoint.pt")
    return try ModelImport.read(path, description: description)
  }

  @Test(
    "prefixes of any number are dropped, whatever the archive looks like",
    arguments: ["", "module.", "module.module.module.", "_orig_mod.", "module._orig_mod."])
  func prefixes(prefix: String) throws {
    for form in StoredZip.Form.allCases {
      let writer = PickleWriter(.checkpoint(try ModelSamples.model(), prefix: prefix))
      #expect(try imported(writer, form: form).hasSameBits(as: try expected()))
    }
  }

  @Test("averages take the place of trained tensors, in order, and of nothing else")
  func averages() throws {
    let model = try ModelSamples.model()
    let trained = model.architecture.catalogue.filter(\.isTrained)
    var averaged = try expected()
    for (index, specification) in trained.enumerated() {
      averaged.tensors[specification.name] = Tensor(
        shape: specification.shape,
        values: (0..<specification.count).map { Float(index) + Float($0) / 1024 })
    }
    func ema(_ tensors: [PickleWriter.Value]) -> PickleWriter.Value {
      .checkpoint(model) {
        $0.removeLast()
        $0.append(
          ("ema", .dictionary([("decay", .real(0.999)), ("shadow_params", .list(tensors))])))
      }
    }
    let shadows = trained.compactMap { averaged.tensors[$0.name].map(PickleWriter.Value.tensor) }
    #expect(try imported(PickleWriter(ema(shadows))).hasSameBits(as: averaged))
    func refusal(_ tensors: [PickleWriter.Value]) -> String? {
      do {
        _ = try imported(PickleWriter(ema(tensors)))
        return nil
      } catch { return (error as? ModelFileError).map { "\($0.tensor ?? "-"): \($0.reason)" } }
    }
    #expect(
      refusal(Array(shadows.dropLast()))
        == "module.energy_mlp.bias: the checkpoint has no average (ema) of it")
    #expect(
      refusal(shadows + [shadows[0]])
        == "-: the checkpoint has \(shadows.count + 1) averages (ema), but \(shadows.count) "
        + "trained tensors")
    #expect(
      refusal(shadows.reversed())
        == "module.embedding.1.weight: its average (ema) is 1, it is itself 4×18")
  }

  @Test("the configuration of 2024, and a plain state_dict with one from elsewhere")
  func layouts() throws {
    let model = try ModelSamples.model()
    var configuration: [(String, PickleWriter.Value)] = [("name", .text("forcenet"))]
    configuration += [
      ("hidden_channels", .integer(4)), ("decoder_hidden_channels", .integer(3)),
      ("num_interactions", .integer(1)), ("num_freqs", .integer(2)), ("otf_graph", .boolean(true)),
    ]
    func recent(_ weight: PickleWriter.Value) -> PickleWriter {
      PickleWriter(
        .checkpoint(model) {
          $0[3] = (
            "config",
            .dictionary([
              ("model", .dictionary(configuration)),
              ("optim", .dictionary([("energy_coefficient", weight)])),
            ])
          )
        })
    }
    // Each of them is 0 for the released code.
    for weight in [
      PickleWriter.Value.integer(0), .boolean(false), .tensor(Tensor(shape: [], values: [0])),
    ] {
      #expect(try imported(recent(weight)).hasSameBits(as: try expected()))
    }
    let wrong = try #require(throws: ModelFileError.self) { try imported(recent(.text("0"))) }
    #expect(wrong.reason == "`energy_coefficient` of the checkpoint: a number is needed")
    let state = PickleWriter(
      .ordered(
        model.architecture.catalogue.map(\.name).map { name in
          (name, model.tensors[name].map { .tensor($0) } ?? .counter(model.counters[name] ?? 0))
        }))
    var description = ModelDescription(model)
    #expect(try imported(state, description: description).hasSameBits(as: model))
    description.energyIsTrained = true
    #expect(try imported(state, description: description).energyIsTrained)
    let error = try #require(throws: ModelFileError.self) { try imported(state) }
    #expect(
      error.reason
        == "the checkpoint has no state_dict; if it is one itself, pass --config CONFIG.json")
  }

  @Test(
    "tensors are found under the names that trainers give them, and extras are ignored",
    arguments: ["state_dict", "model_state_dict", "model"])
  func wrapped(key: String) throws {
    let model = try ModelSamples.model()
    let state = PickleWriter.Value.ordered(
      model.architecture.catalogue.map(\.name).map { name in
        (
          "_orig_mod." + name,
          model.tensors[name].map { .tensor($0) } ?? .counter(model.counters[name] ?? 0)
        )
      })
    let writer = PickleWriter(
      .dictionary([
        ("args", .call("argparse Namespace", [])), (key, state), ("epoch", .integer(3)),
        ("when", .call("datetime datetime", [.text("x")])),
        ("where", .call("pathlib PosixPath", [.text("/"), .text("data")])),
        ("optimizer", .dictionary([("state", .dictionary([])), ("lr", .real(0.1))])),
      ]))
    let imported = try imported(writer, description: ModelDescription(model))
    #expect(imported.hasSameBits(as: model))
    let error = try #require(throws: ModelFileError.self) { try self.imported(writer) }
    #expect(error.reason == "the checkpoint has no config; pass --config CONFIG.json")
  }

  @Test("another description leaves a checkpoint its normalizers and the weight of its energies")
  func overridden() throws {
    let model = try ModelSamples.model()
    var other = ModelSamples.configuration
    other.cutoff = 4.5
    let writer = PickleWriter(.checkpoint(model))
    var expected = try expected()
    expected.architecture = .forceNet(other)
    var description = ModelDescription(.forceNet(other))
    #expect(try imported(writer, description: description).hasSameBits(as: expected))
    description.normalization.forceScale = 7
    #expect(try imported(writer, description: description).normalization.forceScale == 7)
  }

  @Test("what is wrong with a checkpoint is said")
  func refusals() throws {
    let model = try ModelSamples.model()
    func refusal(_ change: (inout [(String, PickleWriter.Value)]) -> Void) -> String? {
      do {
        _ = try imported(PickleWriter(.checkpoint(model, change: change)))
        return nil
      } catch { return (error as? ModelFileError)?.reason }
    }
    #expect(
      refusal { $0.remove(at: 3) } == "the checkpoint has no config; pass --config CONFIG.json")
    #expect(
      refusal { $0[3] = ("config", .dictionary([("model", .text("gemnet_t"))])) }
        == "there is no network `gemnet_t`; possible are forcenet, gns, schnet, dimenetplusplus")
    #expect(
      refusal { $0[1] = ("state_dict", .dictionary([("a", .integer(3))])) }
        == "the state_dict holds something that is no tensor with a name")
    #expect(
      refusal { $0[2] = ("normalizers", .dictionary([("energy", .dictionary([]))])) }
        == "normalizers has the key `energy`; target and grad_target are possible")
    #expect(
      refusal { $0[2] = ("normalizers", .dictionary([("target", .dictionary([]))])) }
        == "normalizers: target has no number called mean")
    #expect(
      refusal {
        $0[2] = (
          "normalizers",
          .dictionary([("target", .dictionary([("mean", .integer(0)), ("std", .real(-1))]))])
        )
      } == "normalizers: std of target is -1.0, which must be above 0")
    #expect(
      refusal { $0[2] = ("normalizers", .text("none")) }
        == "`normalizers` of the checkpoint are garbled")
    #expect(refusal { $0[2] = ("normalizers", .none) } == nil)
    #expect(
      refusal { $0[4] = ("ema", .dictionary([])) } == "`ema` of the checkpoint has no shadow_params"
    )
    #expect(refusal { $0[4] = ("ema", .none) } == nil)
  }

  @Test("storages that are missing, cut or of another length are refused")
  func storages() throws {
    let writer = PickleWriter(.checkpoint(try ModelSamples.model()))
    let scratch = try Scratch()
    func refusal(_ change: (inout StoredZip) -> Void) throws -> String? {
      var zip = writer.archive()
      change(&zip)
      let path = try scratch.write(zip.bytes, to: "c.pt")
      do {
        _ = try ModelImport.read(path)
        return nil
      } catch { return error.description.replacing(path + ": ", with: "") }
    }
    #expect(try refusal { _ in } == nil)
    #expect(
      try refusal { $0.members.removeAll { $0.name == "model/data/0" } }
        == "tensor `module.atom_radii`: its storage `0` is missing")
    #expect(
      try refusal { $0.members[2].bytes.removeLast() }
        == "tensor `module.atom_radii`: its storage `0` has 403 bytes, where 101 numbers of 4 bytes "
        + "are promised")
    #expect(
      try refusal { $0.members[0].name = "model/data.txt" }
        == "the zip archive holds 0 members called data.pkl, where a checkpoint has one")
    #expect(
      try refusal { $0.members[1].bytes = Array("big".utf8) }
        == "its numbers are not stored with the least significant byte first")
    #expect(
      try refusal { $0.method = 8 }?.hasSuffix(
        "is compressed; only archives stored as they are can be read") == true)
  }

  @Test("damaged checkpoints are read or refused, and never trap")
  func mutations() throws {
    let scratch = try Scratch()
    let writer = PickleWriter(.checkpoint(try ModelSamples.model()))
    var generator = SeededGenerator(seed: 23)
    var refused = 0
    for round in 0..<800 {
      var zip = writer.archive()
      if round % 2 == 0 {
        // A pickle with a right checksum, so that the machine is what is tested.
        CheckpointTests.mutate(&zip.members[0].bytes, &generator)
      }
      var bytes = zip.bytes
      if round % 2 == 1 { CheckpointTests.mutate(&bytes, &generator) }
      let path = try scratch.write(bytes, to: "mutated.pt")
      do { _ = try ModelImport.read(path) } catch {
        refused += 1
        #expect(!error.description.contains("\n"), "one line: \(error)")
      }
    }
    #expect(refused > 300)
  }

  private static func mutate(_ bytes: inout [UInt8], _ generator: inout SeededGenerator) {
    for _ in 0..<Int.random(in: 1...4, using: &generator) {
      let place = Int.random(in: 0..<bytes.count, using: &generator)
      bytes[place] =
        Bool.random(using: &generator)
        ? Array("().]}NKXteuRbcqhQ0129".utf8).randomElement(using: &generator) ?? 0
        : UInt8.random(in: 0...255, using: &generator)
    }
  }
}
