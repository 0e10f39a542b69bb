// SPDX-License-Identifier: MIT

import Files

/// What makes one network of a kind differ from another.
///
/// To add a kind: a configuration with its plan, a case of ``NetworkModel/Architecture`` and its
/// places in this file.
protocol NetworkConfiguration: Hashable, Sendable {
  /// Name of the kind in the released code.
  static var name: String { get }
  /// The released constructor's arguments, as they are written.
  var attributes: JSONText { get }
  /// What the network is.
  var plan: NetworkPlan { get }

  /// The released defaults.
  init()

  /// Changes what `attributes` name; the rest stays.
  mutating func read(_ attributes: JSONText) throws(ModelFileError)
}

extension ForceNetConfiguration: NetworkConfiguration { static let name = "forcenet" }

extension GNSConfiguration: NetworkConfiguration { static let name = "gns" }

extension NetworkModel.Architecture {
  /// The kinds there are.
  package static let kinds = [
    ForceNetConfiguration.name, GNSConfiguration.name, SchNetConfiguration.name,
    DimeNetConfiguration.name,
  ]

  static let list = kinds.joined(separator: ", ")

  /// What the network was made from.
  private var configuration: any NetworkConfiguration {
    switch self {
    case .forceNet(let configuration): configuration
    case .gns(let configuration): configuration
    case .schNet(let configuration): configuration
    case .dimeNet(let configuration): configuration
    }
  }

  /// What the network is.
  var plan: NetworkPlan { configuration.plan }

  /// Whether forces are predicted directly, and are not derivatives of an energy.
  public var predictsForces: Bool { if case .forceCentric = plan { true } else { false } }

  /// Every tensor of the network in the order of the released code's `state_dict`.
  public var catalogue: [TensorSpecification] { plan.tensors }

  /// Name in the released code.
  public var name: String { type(of: configuration).name }

  /// Arguments of the released constructor.
  public var attributes: JSONText { configuration.attributes }

  /// The network of this name and these arguments of the released constructor.
  ///
  /// - Parameter base: a network of the same kind whose arguments hold where `attributes` has none.
  public init(
    name: String, attributes: JSONText, base: NetworkModel.Architecture? = nil
  ) throws(ModelFileError) {
    if let base, base.name != name {
      throw ModelFileError("the configuration is of \(Quote.name(name)), not of `\(base.name)`")
    }
    func read<Kind: NetworkConfiguration>() throws(ModelFileError) -> Kind {
      var configuration = base?.configuration as? Kind ?? Kind()
      try configuration.read(attributes)
      return configuration
    }
    switch name {
    case ForceNetConfiguration.name: self = .forceNet(try read())
    case GNSConfiguration.name: self = .gns(try read())
    case SchNetConfiguration.name: self = .schNet(try read())
    case DimeNetConfiguration.name: self = .dimeNet(try read())
    default:
      throw ModelFileError(
        "there is no network \(Quote.name(name)); possible are \(NetworkModel.Architecture.list)")
    }
  }

  /// The paper's networks by name.
  public init?(named name: String) {
    switch name {
    case "forcenet": self = .forceNet(ForceNetConfiguration())
    case "forcenet-large": self = .forceNet(.large)
    case "gns": self = .gns(GNSConfiguration())
    case "schnet": self = .schNet(.paper)
    case "dimenetplusplus": self = .dimeNet(.paper)
    case "dimenetplusplus-large": self = .dimeNet(.large)
    default: return nil
    }
  }

  /// Names that ``init(named:)`` knows.
  public static let names = [
    "forcenet", "forcenet-large", "gns", "schnet", "dimenetplusplus", "dimenetplusplus-large",
  ]
}
