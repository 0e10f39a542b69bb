// SPDX-License-Identifier: MIT

import RelaxCommandLine
import RelaxationEngine

/// `relax` and all its commands, with the provider `tether:k=…` beside those that it has.
@main
struct RelaxWithTether {
  static func main() {
    RelaxCommand.main(adding: [
      ProviderCatalog.Kind("tether", keys: ["k"]) { term in
        Tether(stiffness: try term.number("k") ?? 1)
      }
    ])
  }
}
