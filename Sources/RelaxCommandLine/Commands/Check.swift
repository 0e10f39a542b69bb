// SPDX-License-Identifier: MIT

import ArgumentParser
import Files
import Forces
import Relaxation
import Reporting
import StructureFiles
import Structures

struct Check: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Look at structures before relaxing them.",
    discussion: """
      relax check slabs.extxyz
      relax check slabs.extxyz --provider forcenet:model=forcenet.safetensors \\
        --json check.json

      Errors, for which a structure cannot be relaxed: unusable content, atoms on top of each other, \
      elements that the provider does not know. Warnings: atoms nearer than 0.6 of the sum of their \
      covalent radii or bonded to nothing, no cell, a slab nearer than 8 Å to its image, vacuum along \
      two axes, an axis that does not repeat though atoms fill it, missing masks or tags, nothing \
      free, ids that repeat, lengths that look like nm or Bohr, forces beyond 1000 eV/Å. `relax run` looks \
      for the errors itself.

      \(ExitStatus.help("0 nothing but warnings, 3 errors (with --strict: or warnings)"))
      """)

  @Argument(help: "Files of structures.", completion: .file())
  var inputs: [String]

  @Option(
    name: [.short, .long],
    help: "Whose elements are to be known, as for `relax run` (repeatable: they add).")
  var provider: [String] = []

  @OptionGroup var reading: ReadingOptions

  @Option(help: "Write all findings as JSON to this file, or to standard output (-).")
  var json: String?

  @OptionGroup var replacing: OverwriteOption

  @Flag(help: "Warnings count as errors.")
  var strict = false

  @Flag(name: [.short, .long], help: "No table.")
  var quiet = false

  func run() throws {
    let provider = try provider.isEmpty ? nil : ProviderCatalog.offered.provider(provider)
    let inputs = try InputFiles.files(in: inputs)
    var plan = OutputPlan(overwrite: replacing.overwrite)
    plan.reads(inputs)
    plan.reads(provider?.files ?? [], as: .model)
    plan.writes(json, "--json", .json)
    let outputs = try plan.begin()
    defer { outputs.end() }
    if let provider, !quiet { Console.warn(about: provider) }
    var check = StructureCheck(provider: provider)
    var report = CheckReport()
    let reader = reading.reader(of: inputs)
    while let frame = try reader.next() {
      switch frame.content {
      case .failure(let error):
        report.add([check.finding(unreadable: frame.identifier, reason: error.description)])
      case .success(let structure):
        report.add(check.findings(on: structure, id: frame.identifier))
      }
    }
    for warning in reader.warnings { Console.warn(warning.description) }
    try InputFiles.requireSome(report.structures, of: reading.filters, in: inputs)
    guard report.structures > 0 else {
      throw CommandFailure(.badData, "\(inputs.joined(separator: ", ")): there are no structures")
    }
    try outputs.write(report.json.text() + "\n", to: json)
    if !quiet && !outputs.usesStandardOutput { try Console.result(report.text()) }
    outputs.announce(quiet: quiet)
    let bad = strict ? report.withFindings : report.withErrors
    guard bad == 0 else {
      throw CommandFailure(
        .incomplete,
        "\(bad) of \(report.structures) structures "
          + (strict ? "have findings" : "cannot be relaxed"))
    }
  }
}
