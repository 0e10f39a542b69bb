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
    var facts = ResultTable(columns: [
      .init("", .left, key: "name"), .init("", .left, key: "value"),
    ])
    facts.append(.text("relax"), .text(RelaxCommand.version))
    facts.append(.text("processors"), .text("\(WorkerThreads.processors)"))
    facts.append(.text("kernels in use"), .text(KernelSet.preferred.name))
    facts.append(
      .text("kernels possible"), .text(KernelSet.available.map(\.name).joined(separator: ", ")))
    facts.append(.text("BLAS"), .text(LinearAlgebra.libraryDescription))
    try Console.result(facts.text() + "\n")

    var checks = ResultTable(
      columns: [
        .init("check", .left), .init("error"), .init("allowed"), .init("", .left, key: "verdict"),
      ])
    let results = try SelfTest.all()
    for check in results {
      checks.append(
        .text(check.name), .words(Decimals.scientific(check.error), .number(check.error)),
        .words(Decimals.scientific(check.allowed), .number(check.allowed)),
        .words(check.passes ? "ok" : "FAILED", .boolean(check.passes)))
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
