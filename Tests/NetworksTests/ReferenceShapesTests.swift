// SPDX-License-Identifier: MIT

import TestSupport
import Testing

@testable import Networks
@testable import ReferenceNetworks

@Suite("Names and shapes of tensors") struct ReferenceShapesTests {
  @Test(
    "Recorded models have the tensors that the reference expects",
    arguments: GoldenCase.names)
  func recorded(_ name: String) throws {
    let golden = try GoldenCase(name)
    let expected = ReferenceShapes.shapes(of: golden.model.architecture)
    // SchNet's filters have a second name in files.
    let tensors = golden.model.tensors.filter { !$0.key.contains(".conv.nn.") }
    #expect(tensors.mapValues(\.shape) == expected)
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

  @Test("A plan has the tensors that the reference expects, and its widths", arguments: Basis.all)
  func plans(_ basis: Basis) {
    for ablation in ForceNetConfiguration.Ablation.allCases {
      for (degrees, depths) in [(2, (0, 0)), (3, (2, 1)), (5, (1, 2))] {
        var c = ForceNetConfiguration()
        (c.basis, c.ablation, c.degrees, c.frequencies) = (basis, ablation, degrees, 7)
        (c.edgeDepth, c.nodeDepth) = depths
        c.features = degrees == 3 ? .full : .simple
        c.decoder = degrees == 5 ? .linear : .mlp
        let shapes = ReferenceShapes.shapes(of: .forceNet(c))
        let plan = c.forceCentricPlan
        let tensors = plan.tensors.filter { $0.role != .counter }
        #expect(Dictionary(uniqueKeysWithValues: tensors.map { ($0.name, $0.shape) }) == shapes)
        // What edges are read by is as wide as what is read.
        for block in plan.blocks {
          #expect((block.projection ?? block.first).inputs >= plan.edges.width)
          #expect(block.projection.map { $0.inputs == plan.edges.width } ?? true)
          let edge = block.inputs.edge.count
          #expect(edge == block.projection?.outputs ?? plan.edges.width)
          let atoms = block.inputs.atoms.map { $0.source.count + $0.target.count } ?? 0
          #expect(edge + atoms == block.first.inputs)
        }
      }
    }
    let gns = GNSConfiguration()
    let tensors = gns.forceCentricPlan.tensors.filter { $0.role != .counter }
    #expect(
      Dictionary(uniqueKeysWithValues: tensors.map { ($0.name, $0.shape) })
        == ReferenceShapes.shapes(of: .gns(gns)))
  }
}
