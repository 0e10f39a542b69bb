// SPDX-License-Identifier: MIT

import Forces
import Networks

extension ProviderCatalog {
  /// The providers that the command line offers: those of this package and what a program adds.
  ///
  /// Bound once for the whole command by `RelaxCommand.main(adding:)`, on the thread that runs it.
  @TaskLocal static var offered = analytic.adding(NetworkProvider.kinds)
}
