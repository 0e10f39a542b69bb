// SPDX-License-Identifier: MIT

import Networks
import Testing

@Suite struct BasisTests {
  @Test(arguments: Basis.all) func namesAreReadBack(basis: Basis) {
    #expect(Basis(name: basis.name) == basis)
  }

  @Test func unknownNamesAreRefused() {
    #expect(Basis(name: "sphall") == nil)
  }
}
