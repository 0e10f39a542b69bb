// SPDX-License-Identifier: MIT

import Files
import Forces
import RelaxNumerics
import StructureFiles
import Structures
import TestSupport
import Testing

@testable import Networks

@Suite("Descriptions of models")
struct ModelDescriptionTests {
  private func description(_ text: String) throws -> ModelDescription {
    try ModelDescription(JSONText(parsing: text))
  }

  @Test("arguments left out have the released defaults; unused ones are passed over")
  func defaults() throws {
    let ignored =
      #"{"num_atoms": null, "bond_feat_dim": 50, "num_targets": 1, "training": true,"#
      + #" "otf_graph": false, "use_pbc": "yes"}"#
    for text in [
      #"{"model": "forcenet"}"#, #"{"model": "forcenet", "config": {}}"#,
      #"{"model": "forcenet", "config": \#(ignored), "results": [1], "n_trainable": 3}"#,
      #"{"model": "forcenet", "model_attributes": \#(ignored), "trainer": "forces"}"#,
      #"{"model": {"name": "forcenet", "cutoff": 6}, "optim": {}}"#,
    ] {
      #expect(try description(text) == ModelDescription(.forceNet(ForceNetConfiguration())))
    }
  }

  @Test("every argument is read, and written as it was read")
  func arguments() throws {
    let text = #"""
      {"model": "forcenet", "config": {"hidden_channels": 48, "num_interactions": 2, "cutoff": 5.5,
       "max_neighbors": 20, "feat": "simple", "num_freqs": 7, "max_n": 4, "basis": "sphsinem40",
       "depth_mlp_edge": 0, "depth_mlp_node": 3, "activation_str": "leaky_ssp",
       "ablation": "nocond", "decoder_hidden_channels": 16, "decoder_type": "linear",
       "decoder_activation_str": "tanh"},
       "normalizers": {"target": {"mean": -0.5, "std": 2}, "grad_target": {"mean": 0, "std": 0.1}},
       "energy_is_trained": false}
      """#
    let found = try description(text)
    var expected = ForceNetConfiguration()
    (expected.hiddenChannels, expected.interactions, expected.cutoff) = (48, 2, 5.5)
    (expected.maximumNeighbors, expected.features, expected.frequencies) = (20, .simple, 7)
    (expected.degrees, expected.basis) = (4, .spherical(.sine, .fortyMultiplied))
    (expected.edgeDepth, expected.nodeDepth, expected.activation) = (0, 3, .leakyShiftedSoftplus)
    (expected.ablation, expected.decoderChannels, expected.decoder) = (.noConditioning, 16, .linear)
    expected.decoderActivation = .tanh
    #expect(found.architecture == .forceNet(expected))
    #expect(found.normalization.energyMean == -0.5)
    #expect(found.normalization.energyScale == 2)
    #expect(found.normalization.forceScale == 0.1)
    #expect(!found.energyIsTrained)
    #expect(try description(found.json.text()) == found)
    #expect(found.json == (try JSONText(parsing: found.json.text())))
  }

  @Test("elements of training are read as they are written, and nothing if there are none")
  func trainedElements() throws {
    let json = try JSONText(
      parsing: #"{"model": "gns", "trained_elements": ["Pt", "H", "O"]}"#)
    let description = try ModelDescription(json)
    #expect(description.trainedElements?.sorted().map(\.symbol) == ["H", "O", "Pt"])
    #expect(description.json["trained_elements"]?.text(.oneLine) == #"["H", "O", "Pt"]"#)
    #expect(try ModelDescription(description.json) == description)
    let none = try ModelDescription(try JSONText(parsing: #"{"model": "gns"}"#))
    #expect(none.trainedElements == nil && none.json["trained_elements"] == nil)
    for wrong in [#""H""#, #"["Hh"]"#, "[1]"] {
      let json = try JSONText(parsing: #"{"model": "gns", "trained_elements": \#(wrong)}"#)
      #expect(throws: ModelFileError.self) { try ModelDescription(json) }
    }
  }

  @Test("turns are read as they are written; without any, forces are of the structure as it lies")
  func turns() throws {
    let four = try description(#"{"model": "gns", "turns": 4}"#)
    #expect(four.turns == 4 && four.json["turns"]?.text(.oneLine) == "4")
    #expect(try ModelDescription(four.json) == four)
    let none = try description(#"{"model": "gns"}"#)
    #expect(none.turns == 1 && none.json["turns"] == nil)
    for wrong in ["0", "361", "-4", "2.5", #""4""#, "true"] {
      #expect(throws: ModelFileError.self) {
        try description(#"{"model": "gns", "turns": \#(wrong)}"#)
      }
    }
  }

  @Test("without a normaliser of energies nothing is normalised, as in the released code")
  func normalizers() throws {
    let text = #"{"model": "gns", "normalizers": {"grad_target": {"mean": 0, "std": 3}}}"#
    #expect(try description(text).normalization == .none)
    #expect(try description(#"{"model": "gns", "normalizers": {}}"#).normalization == .none)
  }

  @Test(
    "what cannot be is refused by name, with what is possible",
    arguments: [
      ("[]", "the configuration is an array, where an object is needed"),
      (
        "{}",
        "the configuration does not name its `model`: forcenet, gns, schnet, dimenetplusplus"
      ),
      (
        #"{"model": "gemnet"}"#,
        "there is no network `gemnet`; possible are forcenet, gns, schnet, dimenetplusplus"
      ),
      (#"{"model": {"cutoff": 6}}"#, "`model` of the configuration has no name"),
      (
        #"{"model": 3}"#,
        "`model` of the configuration is a whole number, where a name is needed: forcenet, gns, "
          + "schnet, dimenetplusplus"
      ),
      (
        #"{"model": "gns", "config": {}, "model_attributes": {}}"#,
        "the configuration has both config and model_attributes"
      ),
      (
        #"{"model": "forcenet", "config": 7}"#,
        "the arguments of forcenet are a whole number, where an object is needed"
      ),
      (
        #"{"model": "schnet", "config": []}"#,
        "the arguments of schnet are an array, where an object is needed"
      ),
      (
        #"{"model": "gns", "config": {"num_freqs": 3}}"#,
        "gns has no argument `num_freqs`; possible are hidden_channels, num_interactions, cutoff, "
          + "max_neighbors"
      ),
      (
        #"{"model": "forcenet", "config": {"hidden_channels": 0}}"#,
        "hidden_channels of forcenet is 0: whole numbers from 1 to 16384 are possible"
      ),
      (
        #"{"model": "forcenet", "config": {"hidden_channels": 512.0}}"#,
        "hidden_channels of forcenet is 512.0: whole numbers from 1 to 16384 are possible"
      ),
      (
        #"{"model": "forcenet", "config": {"num_interactions": "five"}}"#,
        "num_interactions of forcenet is \"five\": whole numbers from 1 to 256 are possible"
      ),
      (
        #"{"model": "forcenet", "config": {"depth_mlp_edge": -1}}"#,
        "depth_mlp_edge of forcenet is -1: whole numbers from 0 to 64 are possible"
      ),
      (
        #"{"model": "forcenet", "config": {"cutoff": 0}}"#,
        "cutoff of forcenet is 0: a length from 0.1 to 100.0 Å is needed"
      ),
      (
        #"{"model": "schnet", "config": {"cutoff": 1e-300}}"#,
        "cutoff of schnet is 1e-300: a length from 0.1 to 100.0 Å is needed"
      ),
      (
        #"{"model": "gns", "config": {"cutoff": true}}"#,
        "cutoff of gns is true: a length from 0.1 to 100.0 Å is needed"
      ),
      (
        #"{"model": "forcenet", "config": {"activation_str": "gelu"}}"#,
        "activation_str of forcenet is \"gelu\": possible are relu, leaky_relu, sp, leaky_sp, elu, "
          + "leaky_elu, ssp, leaky_ssp, tanh, leaky_tanh, swish"
      ),
      (
        #"{"model": "forcenet", "config": {"ablation": null}}"#,
        "ablation of forcenet is null: possible are none, onlydist, nodistlist, nocond, nofilter, "
          + "edgelinear, nodelinear, noself"
      ),
      (
        #"{"model": "forcenet", "config": {"decoder_type": "deep"}}"#,
        "decoder_type of forcenet is \"deep\": possible are linear, mlp"
      ),
      (
        #"{"model": "forcenet", "config": {"feat": "none"}}"#,
        "feat of forcenet is \"none\": possible are full, simple"
      ),
      (
        #"{"model": "forcenet", "config": {"basis": "sphsinemul", "max_n": 1}}"#,
        "max_n of forcenet is 1, which leaves no harmonics for the basis sphsinemul"
      ),
      (
        #"{"model": "forcenet", "config": {"basis": "gauss", "num_freqs": 1}}"#,
        "num_freqs of forcenet is 1: the basis gauss needs 2 or more points for its width"
      ),
      (
        #"{"model": "gns", "normalizers": []}"#,
        "normalizers is an array, where an object is needed"
      ),
      (
        #"{"model": "gns", "normalizers": {"target": {"mean": 0, "std": 0}}}"#,
        "normalizers: std of target is 0.0, which must be above 0"
      ),
      (
        #"{"model": "gns", "energy_is_trained": 1}"#,
        "energy_is_trained is a whole number, where true or false is needed"
      ),
    ])
  func refusals(text: String, message: String) throws {
    let error = try #require(throws: ModelFileError.self) { try description(text) }
    #expect(error.description == message)
  }

  @Test("a file of JSON is read onto a named size")
  func onto() throws {
    let scratch = try Scratch()
    try scratch.write(#"{"model": "forcenet", "config": {"max_n": 2}}"#, to: "c.json")
    let base = NetworkModel.Architecture(named: "forcenet-large")
    var expected = ForceNetConfiguration.large
    expected.degrees = 2
    #expect(
      try ModelImport.readDescription(scratch.path("c.json"), base: base).architecture
        == .forceNet(expected))
    let other = try #require(throws: ModelFileError.self) {
      try ModelImport.readDescription(scratch.path("c.json"), base: .gns(GNSConfiguration()))
    }
    #expect(other.reason == "the configuration is of `forcenet`, not of `gns`")
    try scratch.write("{\n  \"model\": forcenet}", to: "c.json")
    let damaged = try #require(throws: ModelFileError.self) {
      try ModelImport.readDescription(scratch.path("c.json"))
    }
    #expect(
      damaged.description
        == scratch.path("c.json")
        + ": line 2, column 12: 'forcenet' stands where a value should be")
  }

  @Test("Energies of elements are read, written and added to what a network says")
  func elementEnergies() throws {
    func text(_ elements: String) -> String {
      #"{"model": "schnet", "normalizers": {"target": {"mean": 1, "std": 2, "elements": \#(elements)}}}"#
    }
    let found = try description(text(#"{"H": -3.5, "Cu": 2}"#))
    let (h, cu) = try (#require(Element(symbol: "H")), #require(Element(symbol: "Cu")))
    #expect(found.normalization.elementEnergies == [h: -3.5, cu: 2])
    #expect(try ModelDescription(found.json) == found)
    #expect(found.normalization.energyShift(of: [h, h, cu, h]) == 1 - 10.5 + 2)
    let model = SmallNetwork.schNet.model
    var shifted = model
    shifted.normalization.elementEnergies = [h: -3.5]
    let structure = Structure(
      elements: [h, cu, h], positions: [.zero, Vector3(2, 0, 0), Vector3(0, 2, 0)])
    let energies = try [model, shifted].map {
      try #require(try NetworkProvider.of($0).evaluate(structure).energy)
    }
    #expect(abs(energies[1] - energies[0] + 7) < 1e-12 * max(1, abs(energies[0])))
    for (wrong, reason) in [
      ("3", "normalizers: elements of target is"),
      (#"{"Xx": 1}"#, "has `Xx` with 1, where an element"),
      (#"{"H": "a"}"#, "has `H` with"),
    ] {
      do {
        _ = try description(text(wrong))
        Issue.record("\(wrong) was accepted")
      } catch { #expect((error as? ModelFileError)?.reason.contains(reason) == true, "\(error)") }
    }
  }
}
