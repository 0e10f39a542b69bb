// SPDX-License-Identifier: MIT

import Forces

/// The providers whose forces come from outside this package.
public enum ExternalProviders {
  /// In the order of their names.
  public static let kinds: [ProviderCatalog.Kind] = [
    ASEProvider.kind, IPIProvider.kind, OpenKIMProvider.kind,
  ]
}
