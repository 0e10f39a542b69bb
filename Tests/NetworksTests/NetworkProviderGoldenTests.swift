// SPDX-License-Identifier: MIT

import Forces
import Networks
import RelaxNumerics
import Structures
import TestSupport
import Testing

@testable import ReferenceNetworks

/// The product's networks, in single precision, against the released code's.
@Suite(
  "Networks against recorded predictions")
struct NetworkProviderGoldenTests {
  @Test(
    "Forces and energies are the released code's, with every kernel set",
    arguments: GoldenCase.names + [FullSizeModel.name])
  func predictions(_ name: String) throws {
    let golden = try GoldenCase(name)
    try onEveryKernelSet { kernels in
      let provider = try NetworkProvider.of(golden.model, kernels: kernels)
      for (structureName, expected) in golden.results.sorted(by: { $0.key < $1.key }) {
        let found = try provider.evaluate(Structure.recorded(structureName))
        let tolerance = max(10 * expected.singlePrecisionError, 1e-5 * expected.forces.longest)
        #expect(
          found.forces.largestDifference(expected.forces) <= tolerance,
          "\(structureName), \(kernels)")
        if let full = expected.fullForces {
          let provider = try NetworkProvider.of(golden.model, kernels: kernels, angles: .full)
          let found = try provider.evaluate(Structure.recorded(structureName))
          #expect(found.forces.largestDifference(full) <= tolerance, "\(structureName), full")
        }
        if let energy = expected.energy {
          let tolerance = max(10 * expected.singlePrecisionEnergyError, 1e-5 * abs(energy))
          #expect(abs(try #require(found.energy) - energy) <= tolerance, "\(structureName)")
        } else {
          #expect(found.energy == nil)
        }
      }
    }
  }

  @Test(
    "Constant tables may be left out",
    arguments: ["forcenet_default_w32", "forcenet_gauss_swish", "forcenet_simplefeat", "gns_w32"])
  func tables(_ name: String) throws {
    let golden = try GoldenCase(name)
    var bare = golden.model
    bare.tensors = bare.tensors.filter { name, _ in
      !name.hasPrefix("atom_") && !name.hasSuffix("freq_filter") && !name.hasSuffix(".offset")
    }
    #expect(bare.tensors.count < golden.model.tensors.count)
    let structure = try Structure.recorded("cu111_co")
    let expected = try NetworkProvider.of(golden.model).evaluate(structure)
    #expect(try NetworkProvider.of(bare).evaluate(structure) == expected)
  }

  @Test("Elements without a row in the released tables are refused")
  func elements() throws {
    for name in ["forcenet_default_w32", "forcenet_simplefeat", "gns_w32"] {
      let golden = try GoldenCase(name)
      let known = try #require(try NetworkProvider.of(golden.model).knownElements)
      #expect(known.isSuperset(of: NetworkSamples.elements([1, 6, 8, 29, 78, 92])))
      // Without a radius: krypton, xenon, astatine, radon, francium, and from curium on.
      let unknown = NetworkSamples.elements([36, 54, 85, 86, 87] + Array(96...118))
      #expect(known.isDisjoint(with: unknown))
    }
  }
}
