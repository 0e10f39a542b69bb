// SPDX-License-Identifier: MIT

import Networks
import Testing

@testable import ReferenceNetworks

/// Small networks of every structure: what is summed, kept and left out differs between them.
enum SmallNetwork: String, CaseIterable, Sendable, CustomTestStringConvertible {
  case plain, oneBlock, manyBlocks, raw, simple, deep
  case onlyDistances, noConditioning, noFilter, linearEdges, linearNodes, noSelf, linearDecoder
  case gns

  static let all = allCases

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
    }
    return ProceduralModel.model(.forceNet(c), seed: 11)
  }
}
