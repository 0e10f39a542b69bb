// SPDX-License-Identifier: MIT

import ArgumentParser
import Forces
import RelaxNumerics
import Reporting
import Structures

struct Doctor: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Say what this machine and build are, and check that they compute correctly.")

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
        check.name, scientific(check.error), scientific(check.allowed),
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

/// Two digits and a power of ten: `1.3e-12`.
private func scientific(_ value: Double) -> String {
  guard value.isFinite, value > 0 else { return "\(value)" }
  var exponent = 0
  var mantissa = value
  while mantissa < 1 {
    mantissa *= 10
    exponent -= 1
  }
  while mantissa >= 10 {
    mantissa /= 10
    exponent += 1
  }
  return "\(Decimals.fixed(mantissa, 1))e\(exponent)"
}
