// swift-tools-version: 6.1
// SPDX-License-Identifier: MIT

import PackageDescription

// A program of one's own around the engine. In a package of your own, the address takes the place of the path.
let package = Package(
  name: "library",
  dependencies: [.package(name: "Relax", path: "../..")],
  targets: [
    .executableTarget(
      name: "relax-held",
      dependencies: [.product(name: "RelaxationEngine", package: "Relax")])
  ],
  swiftLanguageModes: [.v6]
)
