// SPDX-License-Identifier: MIT

import ExternalForces
import Forces
import Testing

@Suite struct ExternalProvidersTests {
  @Test func namesDiffer() {
    let catalog = ProviderCatalog.analytic.adding(ExternalProviders.kinds)
    #expect(Set(catalog.names).count == catalog.kinds.count)
  }
}
