// SPDX-License-Identifier: MIT

import Forces
import Networks

extension ProviderCatalog {
  /// The providers that the command line offers.
  static let standard = analytic.adding(NetworkProvider.kinds)
}
