// SPDX-License-Identifier: MIT

import Foundation
import Networks
import RelaxNumerics
import Structures
import TestSupport
import Testing

@testable import ReferenceNetworks

/// The double-precision reference against the released code.
@Suite(
  "The reference networks against recorded predictions")
struct ReferenceGoldenTests {
  @Test(
    "Forces and energies are the released code's",
    arguments: GoldenCase.names + [FullSizeModel.name])
  func predictions(_ name: String) throws {
    let golden = try GoldenCase(name)
    #expect(!golden.results.isEmpty)
    for (structureName, expected) in golden.results.sorted(by: { $0.key < $1.key }) {
      let structure = try Structure.recorded(structureName)
      let found = Reference.evaluate(golden.model, structure)
      // Zeros of Bessel functions are rounded to single precision.
      let relative = name.hasPrefix("dimenetpp") ? 1e-6 : 1e-9
      let tolerance = relative * max(1, expected.forces.longest)
      #expect(found.forces.largestDifference(expected.forces) <= tolerance, "\(structureName)")
      if let energy = expected.energy {
        #expect(abs(try #require(found.energy) - energy) <= relative * max(1, abs(energy)))
      } else {
        #expect(found.energy == nil)
      }
      guard let full = expected.fullForces, case .dimeNet(var c) = golden.model.architecture else {
        continue
      }
      c.angles = .full
      var model = golden.model
      model.architecture = .dimeNet(c)
      let gradient = Reference.evaluate(model, structure).forces
      #expect(gradient.largestDifference(full) <= relative * max(1, full.longest))
    }
  }

  /// One recording of what passes between layers.
  struct Intermediates: CustomTestStringConvertible, Sendable {
    var file: String
    var model: String
    var structure: String
    var testDescription: String { file }
  }

  @Test(
    "What passes between layers is the released code's",
    arguments: [
      Intermediates(
        file: "intermediates_forcenet_sphallmul", model: "forcenet_sphallmul_swish",
        structure: "cu111_co"),
      Intermediates(
        file: "intermediates_forcenet_gauss", model: "forcenet_gauss_swish",
        structure: "ni100_1x1"),
      Intermediates(
        file: "intermediates_forcenet_linact", model: "forcenet_linact_swish",
        structure: "ni100_1x1"),
      Intermediates(
        file: "intermediates_forcenet_powersine", model: "forcenet_powersine_swish",
        structure: "ni100_1x1"),
      Intermediates(file: "intermediates_gns", model: "gns_w32", structure: "cu111_co"),
    ])
  func layerByLayer(_ case: Intermediates) throws {
    let golden = try GoldenCase(`case`.model)
    let layers = ReferenceLayers(golden.model.tensors, isRecording: true)
    let structure = try Structure.recorded(`case`.structure)
    _ = Reference.predict(golden.model, [structure], layers: layers)
    let recorded = try RecordedArrays(reference: "models/\(`case`.file).safetensors")
    // What follows from the structure, and outputs that have other names here.
    let outside: Set<String> = ["edge_dist", "edge_vec", "energy", "forces", "pbc_sph/in0"]
    var compared = 0
    for (name, expected) in recorded.doubles where !outside.contains(name) {
      let found = try #require(layers.record[name == "pbc_sph/out" ? "basis_fun/in1" : name])
      let values = Array(found.joined())
      let largest = expected.values.reduce(1) { max($0, abs($1)) }
      // Edges were cut to the first forty.
      try #require(values.count >= expected.values.count, "\(name)")
      for (a, b) in zip(values, expected.values) {
        #expect(abs(a - b) <= 1e-9 * largest, "\(name)")
      }
      compared += 1
    }
    #expect(compared >= 15)
  }
}
