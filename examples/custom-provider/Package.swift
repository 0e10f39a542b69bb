// swift-tools-version: 6.1
// SPDX-License-Identifier: MIT

import PackageDescription

// A `relax` that knows one more provider. In a package of your own, the address takes the place of the path.
let package = Package(
  name: "custom-provider",
  dependencies: [.package(name: "Relax", path: "../..")],
  targets: [
    .executableTarget(
      name: "relax-with-tether",
      dependencies: [
        .product(name: "RelaxationEngine", package: "Relax"),
        .product(name: "RelaxCommandLine", package: "Relax"),
      ])
  ],
  swiftLanguageModes: [.v6]
)
