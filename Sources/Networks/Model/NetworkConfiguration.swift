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
  /// Kinds that can be evaluated and trained.
  package static let evaluatedNames = [ForceNetConfiguration.name, GNSConfiguration.name]

  /// Kinds in the released code that can be imported and inspected only.
  static let otherNames = ["schnet", "dimenetplusplus"]

  static let list = (evaluatedNames + otherNames).joined(separator: ", ")

  /// What the network was made from; nil for networks that are only known by name.
  private var configuration: (any NetworkConfiguration)? {
    switch self {
    case .forceNet(let configuration): configuration
    case .gns(let configuration): configuration
    case .other: nil
    }
  }

  /// What the network is; nil for networks that are only known by name.
  var plan: NetworkPlan? { configuration?.plan }

  /// Every tensor of the network in the order of the released code's `state_dict`; empty for
  /// networks that are only known by name.
  public var catalogue: [TensorSpecification] { plan?.tensors ?? [] }

  /// Name in the released code.
  public var name: String {
    if case .other(let name, _) = self { return name }
    return configuration.map { type(of: $0).name } ?? ""
  }

  /// Arguments of the released constructor.
  public var attributes: JSONText {
    if case .other(_, let attributes) = self { return attributes }
    return configuration?.attributes ?? [:]
  }

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
    case _ where NetworkModel.Architecture.otherNames.contains(name):
      guard case .object = attributes else {
        throw ModelFileError(
          "the arguments of \(name) are \(attributes.kind), where an object is needed")
      }
      self = .other(name: name, attributes: attributes)
    default:
      throw ModelFileError(
        "there is no network \(Quote.name(name)); possible are \(NetworkModel.Architecture.list)")
    }
  }

  /// The paper's networks by name: `forcenet`, `forcenet-large`, `gns`.
  public init?(named name: String) {
    switch name {
    case "forcenet": self = .forceNet(ForceNetConfiguration())
    case "forcenet-large": self = .forceNet(.large)
    case "gns": self = .gns(GNSConfiguration())
    default: return nil
    }
  }

  /// Names that ``init(named:)`` knows.
  public static let names = ["forcenet", "forcenet-large", "gns"]
}
