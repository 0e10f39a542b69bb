// SPDX-License-Identifier: MIT

import ExternalForces
import Forces
import Networks
import RelaxNumerics

extension ProviderCatalog {
  /// The providers that the command line offers: those of this package and what a program adds.
  ///
  /// Bound once for the whole command by `RelaxCommand.main(adding:)`, on the thread that runs it.
  @TaskLocal static var offered = analytic.adding(NetworkProvider.kinds).adding(
    ExternalProviders.kinds)

  /// The provider that all of `specifications` give together: energies and forces add.
  func provider(
    _ specifications: [String], kernels: KernelSet = .preferred
  ) throws -> any ForceProvider {
    let providers = try specifications.map { try provider($0, kernels: kernels) }
    return providers.count == 1 ? providers[0] : SumOfProviders(providers)
  }
}
