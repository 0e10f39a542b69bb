// swift-tools-version: 6.1
// SPDX-License-Identifier: MIT

import PackageDescription

let package = Package(
  name: "Benchmarks",
  dependencies: [.package(name: "Relax", path: "..")],
  targets: [
    .executableTarget(
      name: "pair-benchmark",
      dependencies: [
        "BenchmarkSupport", .product(name: "RelaxationEngine", package: "Relax"),
      ],
      path: "Sources/pair-benchmark"),
    .executableTarget(
      name: "network-benchmark",
      dependencies: [
        "BenchmarkSupport", "MachinePeak", .product(name: "RelaxationEngine", package: "Relax"),
      ],
      path: "Sources/network-benchmark"),
    .target(name: "BenchmarkSupport"),
    .target(name: "MachinePeak"),
  ],
  swiftLanguageModes: [.v6]
)
