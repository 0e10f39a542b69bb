// SPDX-License-Identifier: MIT

import RelaxNumerics

/// The providers that can be named, and how each is made from its parameters.
///
/// Every module that has providers has its kinds; a program puts together those that it offers.
/// Every provider's `specification` parses to an equal provider.
public struct ProviderCatalog: Sendable {
  /// One that can be named.
  public struct Kind: Sendable {
    /// What stands before the colon.
    public let name: String
    /// The parameters it takes.
    public let keys: [String]
    /// Makes it; called with known keys only, each given at most once.
    public let make: @Sendable (ProviderSpecification.Term, KernelSet) throws -> any ForceProvider

    /// A kind of this name and these parameters, which computes with the kernels of this package: with
    /// the set that its maker is given.
    public init(
      _ name: String, keys: [String] = [],
      make:
        @escaping @Sendable (ProviderSpecification.Term, KernelSet) throws
        -> any ForceProvider
    ) {
      (self.name, self.keys, self.make) = (name, keys, make)
    }

    /// A kind of this name and these parameters, which computes by itself.
    public init(
      _ name: String, keys: [String] = [],
      make: @escaping @Sendable (ProviderSpecification.Term) throws -> any ForceProvider
    ) {
      self.init(name, keys: keys) { term, _ in try make(term) }
    }
  }

  /// In alphabetical order.
  public let kinds: [Kind]

  /// A catalogue of these kinds, whose names differ.
  public init(_ kinds: [Kind]) {
    self.kinds = kinds.sorted { $0.name < $1.name }
    precondition(Set(kinds.map(\.name)).count == kinds.count, "two providers of one name")
  }

  /// These kinds and more.
  public func adding(_ more: [Kind]) -> ProviderCatalog { ProviderCatalog(kinds + more) }

  /// Names that can be given, in alphabetical order.
  public var names: [String] { kinds.map(\.name) }

  /// The keys that each can be given, by its name.
  public var keys: [String: [String]] {
    Dictionary(uniqueKeysWithValues: kinds.map { ($0.name, $0.keys) })
  }

  /// The provider that `text` specifies, `NAME[:key=value,…]` or a sum of such terms.
  ///
  /// - Parameter kernels: what it computes with, all terms of a sum alike; a set that this processor has.
  /// - Throws: `ForceError.badSpecification`, saying what was wrong and what is possible, and whatever
  ///   a provider's own maker throws, untouched.
  public func provider(
    _ text: String, kernels: KernelSet = .preferred
  ) throws -> any ForceProvider {
    let specification = try ProviderSpecification(
      parsing: text, keys: keys)
    // All names and keys are looked at before anything is made: making may mean reading a large file.
    let makers = try specification.terms.map { (try kind(of: $0), $0) }
    let providers = try makers.map { kind, term in try kind.make(term, kernels) }
    return providers.count == 1 ? providers[0] : SumOfProviders(providers)
  }

  private func kind(of term: ProviderSpecification.Term) throws(ForceError) -> Kind {
    guard let kind = kinds.first(where: { $0.name == term.name }) else {
      throw term.refusal("there is no provider `\(term.name)`" + Spelling.hint(term.name, names))
    }
    for parameter in term.parameters where !kind.keys.contains(parameter.key) {
      throw term.refusal(
        kind.keys.isEmpty
          ? "\(kind.name) takes no parameters, but \(parameter.key) is given"
          : "\(kind.name) has no parameter `\(parameter.key)`"
            + Spelling.hint(parameter.key, kind.keys))
    }
    return kind
  }
}

extension ProviderCatalog {
  /// The analytic potentials of this module.
  ///
  /// | name | parameters |
  /// | --- | --- |
  /// | `d3` | `xc` (a functional, needed), `damping` (`bj`, default, or `zero`), `atm` (`on` or `off`, default) |
  /// | `emt` | none |
  /// | `emt-morse` | none; short for `emt+morse` |
  /// | `lj` | `sigma` (Å, 1), `epsilon` (eV, 1), `cutoff` (Å, 3 sigma), `onset` (Å, none) |
  /// | `morse` | none |
  public static let analytic = ProviderCatalog([
    Kind("d3", keys: ["xc", "damping", "atm"]) { term, kernels in
      try Dispersion(term, kernels)
    },
    Kind("emt") { _, kernels in EffectiveMediumTheory(kernels: kernels) },
    Kind("emt-morse") { _, kernels in SumOfProviders.effectiveMediumWithBonds(kernels: kernels) },
    Kind("morse") { _, kernels in MorseBonds(kernels: kernels) },
    Kind("lj", keys: ["sigma", "epsilon", "cutoff", "onset"]) { term, kernels in
      try LennardJones(
        sigma: try term.number("sigma") ?? 1, epsilon: try term.number("epsilon") ?? 1,
        cutoff: try term.number("cutoff"), onset: try term.number("onset"), kernels: kernels)
    },
  ])
}
