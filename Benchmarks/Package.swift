// swift-tools-version: 6.1
// SPDX-License-Identifier: MIT

import PackageDescription

let package = Package(
  name: "Benchmarks",
  dependencies: [.package(name: "Relax", path: "..")],
  targets: [
    .executableTarget(
      name: "pair-benchmark",
      dependencies: [.product(name: "RelaxationEngine", package: "Relax")],
      path: "Sources/pair-benchmark")
  ],
  swiftLanguageModes: [.v6]
)
