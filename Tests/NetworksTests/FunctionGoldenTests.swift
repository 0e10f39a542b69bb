// SPDX-License-Identifier: MIT

import Foundation
import Networks
import RelaxNumerics
import TestSupport
import Testing

@testable import ReferenceNetworks

/// Activations, bases and harmonics against tables of the released code.
@Suite(
  "Functions against recorded tables")
struct FunctionGoldenTests {
  @Test("Activations", arguments: Activation.allCases)
  func activations(_ activation: Activation) throws {
    let table = try ReferenceData.json(
      "functions/activations.json", as: [String: [Double]].self)
    let x = try #require(table["x"])
    let expected = try #require(table[activation.rawValue])
    #expect(x.count == expected.count && x.count > 50)
    for (x, y) in zip(x, expected) { #expect(abs(reference(activation, x) - y) <= 1e-12) }
  }

  @Test(
    "Bases of seven features",
    arguments: [Basis.powerSine, .powerCosine, .fourierSine, .gaussian])
  func bases(_ basis: Basis) throws {
    let table = try ReferenceData.json(
      "functions/basis.json", as: [String: [[Double]]].self)
    let input = try #require(table["input"])
    let expected = try #require(table[basis.name])
    let configuration = ForceNetConfiguration()
    let tables = ProceduralModel.constants(basis, features: 7, configuration.frequencies)
    let layers = ReferenceLayers([
      "basis_fun.smearing.freq_filter": tables, "basis_fun.smearing.offset": tables,
    ])
    let found = layers.plainBasis(input, "basis_fun", basis, .swish).rows
    #expect(found.count == expected.count && !found.isEmpty)
    for (a, b) in zip(found.joined(), expected.joined()) { #expect(abs(a - b) <= 1e-11) }
  }

  @Test("Spherical harmonics, by the definition and as the product has them", arguments: [3, 5])
  func harmonics(degrees: Int) throws {
    let table = try ReferenceData.json(
      "functions/spherical_harmonics.json", as: [String: [[Double]]].self)
    let directions = try #require(table["unit_vectors"])
    let expected = try #require(table["max_n_\(degrees)"])
    let harmonics = SphericalHarmonics(degrees: degrees, which: .all)
    for (direction, row) in zip(directions, expected) {
      let values = harmonics.evaluate([Vector3(row: direction)])
      let defined = referenceHarmonics(direction, degrees: degrees, which: .all)
      try #require(values.count == row.count && defined.count == row.count)
      for k in row.indices {
        #expect(abs(values[k] - row[k]) <= 1e-9)
        #expect(abs(defined[k] - row[k]) <= 1e-9)
      }
    }
  }
}
