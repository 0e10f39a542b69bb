// swift-tools-version: 6.1
// SPDX-License-Identifier: MIT

import PackageDescription

let package = Package(
  name: "Relax",
  products: [
    // MARK: Public API
    .executable(name: "relax", targets: ["relax"]),
    .library(name: "RelaxationEngine", targets: ["RelaxationEngine"]),
    .library(name: "RelaxCommandLine", targets: ["RelaxCommandLine"]),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.5.0"),
    .package(url: "https://github.com/jpsim/Yams", from: "6.0.0"),
  ],
  targets: [
    // MARK: Command line
    .executableTarget(name: "relax", dependencies: ["RelaxCommandLine"]),
    .target(
      name: "RelaxCommandLine",
      dependencies: [
        "RelaxNumerics", "Structures", "Files", "StructureFiles", "Forces", "Networks",
        "ExternalForces", "Relaxation", "Sampling", "Scoring", "Training", "Reporting",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ],
      exclude: ["README.md"]),

    // MARK: The library, one module that exports the others
    .target(
      name: "RelaxationEngine",
      dependencies: [
        "RelaxNumerics", "Structures", "Files", "StructureFiles", "Forces", "Networks",
        "ExternalForces", "Training", "Relaxation", "Sampling", "Scoring",
      ],
      exclude: ["README.md"]),

    // MARK: Modules, each may import those below it
    .target(
      name: "Reporting",
      dependencies: [
        "Scoring", "Training", "Relaxation", "StructureFiles", "Files", "Structures",
        "RelaxNumerics", "CLibrary",
      ],
      exclude: ["README.md"],
      resources: [
        .embedInCode("Pages/Resources/page.css"), .embedInCode("Pages/Resources/tables.js"),
        .embedInCode("Pages/Resources/plots.css"), .embedInCode("Pages/Resources/plots.js"),
        .embedInCode("Pages/Resources/viewer.css"),
        .embedInCode("Pages/Resources/viewer-data.js"),
        .embedInCode("Pages/Resources/viewer-camera.js"),
        .embedInCode("Pages/Resources/viewer-picture.js"),
        .embedInCode("Pages/Resources/viewer-chooser.js"),
        .embedInCode("Pages/Resources/viewer-paths.js"),
        .embedInCode("Pages/Resources/viewer.js"),
      ]),
    .target(
      name: "Scoring",
      dependencies: ["Forces", "StructureFiles", "Files", "Structures", "RelaxNumerics"],
      exclude: ["README.md"]),
    .target(
      name: "Relaxation",
      dependencies: ["Forces", "StructureFiles", "Files", "Structures", "RelaxNumerics"],
      exclude: ["README.md"]),
    .target(
      name: "Training",
      dependencies: [
        "Networks", "Forces", "StructureFiles", "Files", "Structures", "RelaxNumerics",
        .product(name: "Yams", package: "Yams"),
      ],
      exclude: ["README.md"]),
    .target(
      name: "Sampling",
      dependencies: [
        "Relaxation", "Forces", "StructureFiles", "Files", "Structures", "RelaxNumerics",
      ],
      exclude: ["README.md"]),
    .target(
      name: "ExternalForces",
      dependencies: [
        "Forces", "StructureFiles", "Files", "Structures", "RelaxNumerics", "CLibrary", "CKIM",
      ],
      exclude: ["README.md"]),
    .target(
      name: "Networks",
      dependencies: [
        "Forces", "StructureFiles", "Files", "Structures", "RelaxNumerics", "CLibrary",
      ],
      exclude: ["README.md"]),
    .target(
      name: "Forces", dependencies: ["Structures", "RelaxNumerics", "CLibrary"],
      exclude: ["README.md"]),
    .target(
      name: "StructureFiles", dependencies: ["Files", "Structures", "RelaxNumerics", "CLibrary"],
      exclude: ["README.md"]),
    .target(
      name: "Files", dependencies: ["RelaxNumerics", "CLibrary", "CZlib", "CLZMA", "CSQLite"],
      exclude: ["README.md"]),
    .target(
      name: "Structures", dependencies: ["RelaxNumerics", "CLibrary"], exclude: ["README.md"]),
    .target(
      name: "RelaxNumerics", dependencies: ["CKernels", "COpenBLAS", "CLibrary"],
      exclude: ["README.md"]),
    .target(name: "CLibrary"),

    // MARK: C
    .target(name: "CKernels", exclude: ["README.md"]),
    .target(name: "CKIM"),
    .systemLibrary(
      name: "COpenBLAS", pkgConfig: "openblas",
      providers: [.apt(["libopenblas-dev"])]),
    .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),
    .systemLibrary(name: "CLZMA", pkgConfig: "liblzma", providers: [.apt(["liblzma-dev"])]),
    .systemLibrary(
      name: "CSQLite", pkgConfig: "sqlite3", providers: [.apt(["libsqlite3-dev"])]),

    // MARK: Tests
    .target(
      name: "TestSupport",
      dependencies: ["Forces", "StructureFiles", "Files", "Structures", "RelaxNumerics"],
      path: "Tests/TestSupport"),
    .target(
      name: "ReferenceNetworks",
      dependencies: [
        "Networks", "StructureFiles", "Files", "Structures", "RelaxNumerics", "TestSupport",
      ],
      path: "Tests/ReferenceNetworks"),
    .testTarget(name: "RelaxNumericsTests", dependencies: ["RelaxNumerics", "TestSupport"]),
    .testTarget(name: "StructuresTests", dependencies: ["Structures", "TestSupport"]),
    .testTarget(name: "FilesTests", dependencies: ["Files", "RelaxNumerics", "TestSupport"]),
    .testTarget(
      name: "StructureFilesTests", dependencies: ["StructureFiles", "Files", "TestSupport"],
      exclude: ["Fixtures"]),
    .testTarget(
      name: "ForcesTests", dependencies: ["Forces", "StructureFiles", "Files", "TestSupport"]),
    .testTarget(
      name: "ExternalForcesTests",
      dependencies: [
        "ExternalForces", "Forces", "StructureFiles", "Files", "Structures", "RelaxNumerics",
        "TestSupport",
      ],
      exclude: ["Fixtures"]),
    .testTarget(
      name: "NetworksTests",
      dependencies: [
        "Networks", "ExternalForces", "StructureFiles", "Files", "ReferenceNetworks",
        "TestSupport",
      ],
      exclude: ["Fixtures"]),
    .testTarget(
      name: "TrainingTests",
      dependencies: [
        "Training", "Networks", "Scoring", "StructureFiles", "Files", "ReferenceNetworks",
        "TestSupport",
      ],
      exclude: ["Fixtures"]),
    .testTarget(
      name: "RelaxationTests",
      dependencies: ["Relaxation", "StructureFiles", "Files", "Forces", "TestSupport"]),
    .testTarget(
      name: "SamplingTests",
      dependencies: ["Sampling", "Forces", "StructureFiles", "Files", "TestSupport"]),
    .testTarget(
      name: "ScoringTests",
      dependencies: ["Scoring", "Forces", "StructureFiles", "Files", "TestSupport"]),
    .testTarget(
      name: "ReportingTests",
      dependencies: ["Reporting", "Scoring", "Training", "Forces", "TestSupport"]),
    .testTarget(name: "RelaxationEngineTests", dependencies: ["RelaxationEngine", "TestSupport"]),
    .testTarget(
      name: "CommandLineTests", dependencies: ["relax", "RelaxCommandLine", "TestSupport"]),
  ],
  swiftLanguageModes: [.v6]
)
