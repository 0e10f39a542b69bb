// SPDX-License-Identifier: MIT

import Networks
import Testing

@testable import ReferenceNetworks

/// Small networks of every structure: what is summed, kept and left out differs between them.
enum SmallNetwork: String, CaseIterable, Sendable, CustomTestStringConvertible {
  case plain, oneBlock, manyBlocks, raw, simple, deep
  case onlyDistances, noConditioning, noFilter, linearEdges, linearNodes, noSelf, linearDecoder
  case gns
  case schNet, meanSchNet, dimeNet, shallowDimeNet, fullDimeNet

  static let all = allCases
  /// Those whose forces are derivatives.
  static let ofEnergies: [SmallNetwork] = [
    .schNet, .meanSchNet, .dimeNet, .shallowDimeNet, .fullDimeNet,
  ]
  /// Those that predict forces directly.
  static let ofForces = all.filter { !ofEnergies.contains($0) }

  var testDescription: String { rawValue }

  var model: NetworkModel {
    var c = ForceNetConfiguration()
    (c.hiddenChannels, c.decoderChannels, c.interactions) = (17, 9, 3)
    switch self {
    case .plain: break
    case .oneBlock: c.interactions = 1
    case .manyBlocks: c.interactions = 5
    case .raw: c.basis = .concatenatedRaw
    case .simple: c.features = .simple
    case .deep: (c.edgeDepth, c.nodeDepth) = (4, 2)
    case .onlyDistances: (c.ablation, c.basis) = (.onlyDistances, .gaussian)
    case .noConditioning: c.ablation = .noConditioning
    case .noFilter: c.ablation = .noFilter
    case .linearEdges: c.ablation = .linearEdges
    case .linearNodes: c.ablation = .linearNodes
    case .noSelf: c.ablation = .noSelf
    case .linearDecoder: c.decoder = .linear
    case .gns:
      var gns = GNSConfiguration()
      (gns.hiddenChannels, gns.interactions) = (17, 3)
      return ProceduralModel.model(.gns(gns), seed: 11)
    case .schNet, .meanSchNet:
      var c = SchNetConfiguration()
      (c.hiddenChannels, c.filters, c.interactions) = (22, 17, 3)
      (c.gaussians, c.cutoff) = (30, 6)
      if self == .meanSchNet { c.readout = .mean }
      return ProceduralModel.model(.schNet(c), seed: 11)
    case .dimeNet, .shallowDimeNet, .fullDimeNet:
      var c = DimeNetConfiguration()
      (c.hiddenChannels, c.outputChannels, c.tripletChannels) = (18, 13, 9)
      (c.basisChannels, c.blocks, c.degrees, c.radials, c.cutoff) = (5, 2, 4, 3, 5)
      if self == .shallowDimeNet {
        (c.layersBefore, c.layersAfter, c.outputLayers, c.blocks) = (0, 0, 0, 1)
        (c.degrees, c.radials, c.envelopeExponent) = (1, 1, 3)
      }
      if self == .fullDimeNet { c.angles = .full }
      return ProceduralModel.model(.dimeNet(c), seed: 11)
    }
    return ProceduralModel.model(.forceNet(c), seed: 11)
  }
}
