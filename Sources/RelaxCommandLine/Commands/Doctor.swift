// SPDX-License-Identifier: MIT

import ArgumentParser
import Forces
import RelaxNumerics
import Reporting
import Structures

struct Doctor: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Say what this machine and build are, and check that they compute correctly.",
    discussion: """
      relax doctor

      Small computations with known results: what they differ by, and what rounding explains.

      \(ExitStatus.help("0 all checks pass, 3 some fail: do not trust results there"))
      """)

  func run() throws {
    var facts = TextTable(columns: [.init("", .left), .init("", .left)])
    facts.append(["relax", RelaxCommand.version])
    facts.append(["processors", "\(WorkerThreads.processors)"])
    facts.append(["kernels in use", KernelSet.preferred.name])
    facts.append([
      "kernels possible",
      KernelSet.available.map(\.name).joined(separator: ", "),
    ])
    facts.append(["BLAS", LinearAlgebra.libraryDescription])
    try Console.result(facts.text() + "\n")

    var checks = TextTable(
      columns: [.init("check", .left), .init("error"), .init("allowed"), .init("", .left)])
    let results = try SelfTest.all()
    for check in results {
      checks.append([
        check.name, Decimals.scientific(check.error), Decimals.scientific(check.allowed),
        check.passes ? "ok" : "FAILED",
      ])
    }
    try Console.result(checks.text())
    let failed = results.filter { !$0.passes }
    guard failed.isEmpty else {
      throw CommandFailure(
        .incomplete,
        "\(failed.map(\.name).joined(separator: ", ")): do not trust results on this machine")
    }
  }
}
