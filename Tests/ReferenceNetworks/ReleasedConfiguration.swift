// SPDX-License-Identifier: MIT

import Networks

/// A value of a configuration as the released code takes it.
enum ReleasedValue: Decodable, Hashable, Sendable {
  case integer(Int)
  case real(Double)
  case text(String)

  init(from decoder: any Decoder) throws {
    let value = try decoder.singleValueContainer()
    if let integer = try? value.decode(Int.self) {
      self = .integer(integer)
    } else if let real = try? value.decode(Double.self) {
      self = .real(real)
    } else {
      self = .text(try value.decode(String.self))
    }
  }
}

/// A network as recorded files name it: its kind and the released constructor's arguments.
struct ReleasedConfiguration: Decodable, Hashable, Sendable {
  var model: String
  var config: [String: ReleasedValue]

  struct Misread: Error { var key: String }

  var architecture: NetworkModel.Architecture {
    get throws {
      switch model {
      case "forcenet": .forceNet(try forceNet)
      case "gns": .gns(try gns)
      case "schnet": .schNet(try schNet)
      case "dimenetplusplus": .dimeNet(try dimeNet)
      default: throw Misread(key: "model")
      }
    }
  }

  private var forceNet: ForceNetConfiguration {
    get throws {
      var result = ForceNetConfiguration()
      for (key, value) in config {
        switch (key, value) {
        case ("hidden_channels", .integer(let n)): result.hiddenChannels = n
        case ("num_interactions", .integer(let n)): result.interactions = n
        case ("num_freqs", .integer(let n)): result.frequencies = n
        case ("max_n", .integer(let n)): result.degrees = n
        case ("depth_mlp_edge", .integer(let n)): result.edgeDepth = n
        case ("depth_mlp_node", .integer(let n)): result.nodeDepth = n
        case ("decoder_hidden_channels", .integer(let n)): result.decoderChannels = n
        case ("cutoff", .integer(let n)): result.cutoff = Double(n)
        case ("cutoff", .real(let c)): result.cutoff = c
        case ("feat", .text(let name)): result.features = try named(name, key)
        case ("activation_str", .text(let name)): result.activation = try named(name, key)
        case ("ablation", .text(let name)): result.ablation = try named(name, key)
        case ("decoder_type", .text(let name)): result.decoder = try named(name, key)
        case ("decoder_activation_str", .text(let name)):
          result.decoderActivation = try named(name, key)
        case ("basis", .text(let name)):
          guard let basis = Basis(name: name) else { throw Misread(key: key) }
          result.basis = basis
        default: throw Misread(key: key)
        }
      }
      return result
    }
  }

  private var schNet: SchNetConfiguration {
    get throws {
      var result = SchNetConfiguration()
      for (key, value) in config {
        switch (key, value) {
        case ("hidden_channels", .integer(let n)): result.hiddenChannels = n
        case ("num_filters", .integer(let n)): result.filters = n
        case ("num_interactions", .integer(let n)): result.interactions = n
        case ("num_gaussians", .integer(let n)): result.gaussians = n
        case ("cutoff", .integer(let n)): result.cutoff = Double(n)
        case ("cutoff", .real(let c)): result.cutoff = c
        case ("readout", .text(let name)): result.readout = try named(name, key)
        default: throw Misread(key: key)
        }
      }
      return result
    }
  }

  private var dimeNet: DimeNetConfiguration {
    get throws {
      var result = DimeNetConfiguration()
      for (key, value) in config {
        switch (key, value) {
        case ("hidden_channels", .integer(let n)): result.hiddenChannels = n
        case ("num_blocks", .integer(let n)): result.blocks = n
        case ("int_emb_size", .integer(let n)): result.tripletChannels = n
        case ("basis_emb_size", .integer(let n)): result.basisChannels = n
        case ("out_emb_channels", .integer(let n)): result.outputChannels = n
        case ("num_spherical", .integer(let n)): result.degrees = n
        case ("num_radial", .integer(let n)): result.radials = n
        case ("cutoff", .integer(let n)): result.cutoff = Double(n)
        case ("cutoff", .real(let c)): result.cutoff = c
        case ("envelope_exponent", .integer(let n)): result.envelopeExponent = n
        case ("num_before_skip", .integer(let n)): result.layersBefore = n
        case ("num_after_skip", .integer(let n)): result.layersAfter = n
        case ("num_output_layers", .integer(let n)): result.outputLayers = n
        default: throw Misread(key: key)
        }
      }
      return result
    }
  }

  private var gns: GNSConfiguration {
    get throws {
      var result = GNSConfiguration()
      for (key, value) in config {
        switch (key, value) {
        case ("hidden_channels", .integer(let n)): result.hiddenChannels = n
        case ("num_interactions", .integer(let n)): result.interactions = n
        default: throw Misread(key: key)
        }
      }
      return result
    }
  }

  private func named<Choice: RawRepresentable<String>>(
    _ name: String, _ key: String
  ) throws -> Choice {
    guard let choice = Choice(rawValue: name) else { throw Misread(key: key) }
    return choice
  }
}
