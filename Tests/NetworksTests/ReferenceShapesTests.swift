// SPDX-License-Identifier: MIT

import Networks
import TestSupport
import Testing

@testable import ReferenceNetworks

@Suite("Names and shapes of tensors") struct ReferenceShapesTests {
  @Test(
    "Recorded models have the tensors that the reference expects",
    arguments: GoldenCase.names)
  func recorded(_ name: String) throws {
    let golden = try GoldenCase(name)
    let expected = ReferenceShapes.shapes(of: golden.model.architecture)
    #expect(golden.model.tensors.mapValues(\.shape) == expected)
  }

  /// Trained numbers of a network: all but the tables and the running statistics.
  private func trained(_ architecture: NetworkModel.Architecture) -> Int {
    ReferenceShapes.shapes(of: architecture).reduce(0) { count, entry in
      let (name, shape) = entry
      let isTable = name.hasPrefix("atom_") || name.hasSuffix("freq_filter")
      return isTable || name.contains("running_") ? count : count + shape.reduce(1, *)
    }
  }

  @Test("The paper's networks have the paper's sizes (11.3, 34.8 and 12.5 million)")
  func sizes() {
    #expect(trained(.forceNet(ForceNetConfiguration())) == 11_363_624)
    var large = ForceNetConfiguration()
    (large.hiddenChannels, large.decoderChannels, large.interactions) = (768, 768, 7)
    #expect(trained(.forceNet(large)) == 34_810_408)
    #expect(trained(.gns(GNSConfiguration())) == 12_450_819)
  }

  @Test("A configuration's widths are those of its tensors", arguments: Basis.all)
  func widths(_ basis: Basis) {
    for ablation in ForceNetConfiguration.Ablation.allCases {
      for degrees in [2, 3, 5] {
        var c = ForceNetConfiguration()
        (c.basis, c.ablation, c.degrees, c.frequencies) = (basis, ablation, degrees, 7)
        let shapes = ReferenceShapes.shapes(of: .forceNet(c))
        if let projection = shapes["interactions.0.lin_basis.weight"] {
          #expect(projection[1] == c.basisWidth)
        } else {
          let seen = shapes["interactions.0.mlp_edge.0.weight"]?[1]
          #expect(seen == c.basisWidth + (c.isConditional ? 2 * c.hiddenChannels : 0))
        }
        if let mixture = shapes["basis_fun.lin.weight"] { #expect(mixture[0] == c.radialCount) }
        let hidden = shapes.keys.filter {
          $0.hasPrefix("interactions.0.mlp_edge.") && $0.hasSuffix(".weight")
        }
        // Without hidden layers a normalisation follows the only linear one.
        #expect(hidden.count == (c.filterDepth == 0 ? 2 : 1 + c.filterDepth))
      }
    }
  }
}
