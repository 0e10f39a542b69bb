// swift-tools-version: 6.1
// SPDX-License-Identifier: MIT

import PackageDescription

let package = Package(
  name: "Relax",
  products: [
    // MARK: Public API
    .executable(name: "relax", targets: ["relax"]),
    .library(
      name: "RelaxationEngine",
      targets: [
        "Numerics", "Structures", "StructureFiles", "Forces", "Networks", "Training", "Relaxation",
        "Sampling", "Scoring",
      ]),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.5.0"),
    .package(url: "https://github.com/jpsim/Yams", from: "6.0.0"),
  ],
  targets: [
    // MARK: Command line
    .executableTarget(
      name: "relax",
      dependencies: [
        "Numerics", "Structures", "StructureFiles", "Forces", "Networks", "Relaxation", "Sampling",
        "Scoring", "Training", "Reporting",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ],
      exclude: ["README.md"]),

    // MARK: Modules, each may import those below it
    .target(
      name: "Reporting",
      dependencies: [
        "Scoring", "Training", "Relaxation", "StructureFiles", "Structures", "Numerics",
      ],
      exclude: ["README.md"]),
    .target(
      name: "Scoring",
      dependencies: ["Forces", "StructureFiles", "Structures", "Numerics"],
      exclude: ["README.md"]),
    .target(
      name: "Relaxation",
      dependencies: ["Forces", "StructureFiles", "Structures", "Numerics"],
      exclude: ["README.md"]),
    .target(
      name: "Training",
      dependencies: [
        "Networks", "Forces", "StructureFiles", "Structures", "Numerics",
        .product(name: "Yams", package: "Yams"),
      ],
      exclude: ["README.md"]),
    .target(
      name: "Sampling",
      dependencies: ["Relaxation", "Forces", "StructureFiles", "Structures", "Numerics"],
      exclude: ["README.md"]),
    .target(
      name: "Networks",
      dependencies: ["Forces", "StructureFiles", "Structures", "Numerics"],
      exclude: ["README.md"]),
    .target(name: "Forces", dependencies: ["Structures", "Numerics"], exclude: ["README.md"]),
    .target(
      name: "StructureFiles",
      dependencies: ["Structures", "Numerics", "CZlib", "CLZMA"],
      exclude: ["README.md"]),
    .target(name: "Structures", dependencies: ["Numerics"], exclude: ["README.md"]),
    .target(name: "Numerics", dependencies: ["CKernels", "COpenBLAS"], exclude: ["README.md"]),

    // MARK: C
    .target(name: "CKernels", exclude: ["README.md"]),
    .systemLibrary(
      name: "COpenBLAS", pkgConfig: "openblas",
      providers: [.apt(["libopenblas-dev", "liblapacke-dev"])]),
    .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),
    .systemLibrary(name: "CLZMA", pkgConfig: "liblzma", providers: [.apt(["liblzma-dev"])]),

    // MARK: Tests
    .target(
      name: "TestSupport", dependencies: ["Structures", "Numerics"], path: "Tests/TestSupport"),
    .target(
      name: "ReferenceNetworks",
      dependencies: ["Networks", "StructureFiles", "Structures", "Numerics", "TestSupport"],
      path: "Tests/ReferenceNetworks"),
    .testTarget(name: "NumericsTests", dependencies: ["Numerics", "TestSupport"]),
    .testTarget(name: "StructuresTests", dependencies: ["Structures", "TestSupport"]),
    .testTarget(name: "StructureFilesTests", dependencies: ["StructureFiles", "TestSupport"]),
    .testTarget(name: "ForcesTests", dependencies: ["Forces", "StructureFiles", "TestSupport"]),
    .testTarget(
      name: "NetworksTests",
      dependencies: ["Networks", "StructureFiles", "ReferenceNetworks", "TestSupport"],
      exclude: ["Fixtures"]),
    .testTarget(
      name: "TrainingTests",
      dependencies: [
        "Training", "Networks", "Scoring", "StructureFiles", "ReferenceNetworks", "TestSupport",
      ],
      exclude: ["Fixtures"]),
    .testTarget(
      name: "RelaxationTests",
      dependencies: ["Relaxation", "StructureFiles", "Forces", "TestSupport"]),
    .testTarget(
      name: "SamplingTests",
      dependencies: ["Sampling", "Forces", "StructureFiles", "TestSupport"]),
    .testTarget(
      name: "ScoringTests", dependencies: ["Scoring", "Forces", "StructureFiles", "TestSupport"]),
    .testTarget(
      name: "ReportingTests",
      dependencies: ["Reporting", "Scoring", "Training", "Forces", "TestSupport"]),
    .testTarget(name: "CommandLineTests", dependencies: ["relax", "TestSupport"]),
  ],
  swiftLanguageModes: [.v6]
)
