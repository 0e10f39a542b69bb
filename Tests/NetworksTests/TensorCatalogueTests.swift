// SPDX-License-Identifier: MIT

import Files
import Foundation
import StructureFiles
import TestSupport
import Testing

@testable import Networks

@Suite("Tensor catalogue")
struct TensorCatalogueTests {
  @Test(
    "the paper's networks have exactly as many trained numbers as the released code makes",
    arguments: [
      ("forcenet", 11_363_624), ("forcenet-large", 34_810_408), ("gns", 12_450_819),
      ("schnet", 9_088_513), ("dimenetplusplus", 1_810_182),
      ("dimenetplusplus-large", 10_718_342),
    ])
  func paper(name: String, trained: Int) throws {
    let architecture = try #require(NetworkModel.Architecture(named: name))
    let model = NetworkModel(architecture: architecture, tensors: [:])
    #expect(model.trainableParameterCount == trained)
    if name == "forcenet" { #expect(model.parameterCount == 11_365_284) }
  }

  struct Golden: Decodable { var model: String, weights: String, n_trainable: Int }

  static let goldens: [String] = {
    let names = (try? ReferenceData.names(in: "models")) ?? []
    return names.filter { $0.hasSuffix(".json") }.map { String($0.dropLast(5)) }.sorted()
  }()

  @Test(
    "every released network has the tensors of its catalogue, in name, shape and value of tables",
    arguments: goldens)
  func golden(name: String) throws {
    let path = "models/\(name).json"
    let golden = try ReferenceData.json(path, as: Golden.self)
    let json = try JSONText(
      parsing: Array(Data(contentsOf: URL(fileURLWithPath: ReferenceData.path(path)))))
    let description = try ModelDescription(json)
    #expect(description.architecture.name == golden.model)
    if golden.weights == "procedural" {
      let model = NetworkModel(architecture: description.architecture, tensors: [:])
      #expect(model.trainableParameterCount == golden.n_trainable)
      return
    }
    let file = try RandomAccessFile(path: ReferenceData.path("models/" + golden.weights))
    let contents = try Safetensors(file)
    var state = try StateDictionary(contents)
    let model = try state.takeModel(description)
    #expect(model.trainableParameterCount == golden.n_trainable)
    let catalogue = description.architecture.catalogue
    #expect(Set(catalogue.map(\.name)) == Set(contents.entries.map(\.name)))
    for specification in catalogue {
      guard let table = specification.table, let stored = model.tensors[specification.name] else {
        continue
      }
      #expect(table.shape == stored.shape)
      #expect(
        table.values.map(\.bitPattern) == stored.values.map(\.bitPattern), "\(specification.name)")
    }
  }

  @Test("deep and shallow networks have normalisations where the released code has them")
  func depths() {
    var configuration = ForceNetConfiguration()
    configuration.interactions = 1
    configuration.edgeDepth = 0
    configuration.nodeDepth = 2
    let names = configuration.forceCentricPlan.tensors.map(\.name).filter {
      $0.hasPrefix("interactions.0.mlp")
    }
    let layers = { (suffix: String) in names.filter { $0.hasSuffix(suffix) } }
    #expect(
      layers(".running_var").map { $0.dropFirst("interactions.0.".count) } == [
        "mlp_edge.1.running_var", "mlp_trans.1.running_var", "mlp_trans.4.running_var",
      ])
    #expect(names.contains("interactions.0.mlp_trans.6.weight"))
    configuration.edgeDepth = 3
    #expect(
      configuration.forceCentricPlan.tensors.contains {
        $0.name == "interactions.0.mlp_edge.6.weight"
      })
    configuration.ablation = .linearEdges
    #expect(
      configuration.forceCentricPlan.tensors.contains {
        $0.name == "interactions.0.mlp_edge.1.running_var"
      })
  }

  @Test("no two tensors share a name, whatever the basis, ablation, features and decoder")
  func names() {
    for basis in Basis.all {
      for ablation in ForceNetConfiguration.Ablation.allCases {
        for features in ForceNetConfiguration.Features.allCases {
          var configuration = ForceNetConfiguration()
          configuration.basis = basis
          configuration.ablation = ablation
          configuration.features = features
          configuration.decoder = features == .full ? .linear : .mlp
          let catalogue = configuration.forceCentricPlan.tensors
          #expect(Set(catalogue.map(\.name)).count == catalogue.count)
          #expect(catalogue.allSatisfy { $0.count > 0 })
        }
      }
    }
  }
}
