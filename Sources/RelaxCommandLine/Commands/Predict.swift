// SPDX-License-Identifier: MIT

import ArgumentParser
import Forces
import Relaxation
import StructureFiles

struct Predict: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Energy and forces of structures as they are, without moving anything.",
    discussion: """
      relax predict relaxed.extxyz --provider emt-morse -o labels.extxyz

      Every frame keeps its columns and entries and gets energy (where the provider has one) and \
      raw forces on all atoms, fixed ones included, and stress (eV/Å³, where the provider has one and \
      the cell three vectors). Numbers read back bit for bit. Frames that cannot be evaluated, or whose \
      energy or forces are not finite, are named and left out.

      \(ExitStatus.help("0 all frames have labels, 3 some have none, 65 some cannot be read"))
      """)

  @Argument(help: "File of structures.", completion: .file())
  var input: String

  @Option(
    name: [.short, .long],
    help: "Where forces come from, as for `relax run` (repeatable: they add).")
  var provider: [String]

  @Option(name: [.short, .long], help: "File for the structures with energy and forces.")
  var output: String

  @OptionGroup var reading: ReadingOptions

  @OptionGroup var replacing: OverwriteOption

  @OptionGroup var threads: ThreadsOption

  @Flag(name: [.short, .long], help: "No progress; only errors.")
  var quiet = false

  func run() throws {
    let provider = try ProviderCatalog.offered.provider(self.provider)
    let inputs = try InputFiles.files(in: [input])
    var plan = OutputPlan(overwrite: replacing.overwrite)
    plan.reads(inputs)
    plan.reads(provider.files, as: .model)
    plan.writes(output, "--output", StructureFormats.outputKind)
    let outputs = try plan.begin()
    defer { outputs.end() }
    if !quiet { Console.warn(about: provider) }
    let reader = reading.reader(of: inputs)
    let writer = try StructureWriter(path: output, overwrite: outputs.overwrite)
    var labelling = Labelling(provider)
    labelling.threads = threads.threads ?? ThreadBudget.structuresAtOnce(with: provider)
    let progress = CountProgress(
      quiet: quiet, "frames",
      of: InputTotal(inputs, selecting: reading.filters, assuming: reading.assumptions))
    defer { progress.end() }
    let tally = try labelling.run(reader, write: { try writer.write($0) }) {
      progress.receive($0.frames)
    }
    progress.end()
    for warning in tally.warnings { Console.warn(warning.description) }
    if tally.unreadable == nil {
      try InputFiles.requireSome(tally.frames, of: reading.filters, in: [input])
    }
    // Without a single labelled frame there is no output.
    if tally.labelled > 0 || tally.frames == 0 && tally.unreadable == nil { try writer.finish() }
    if tally.labelled > 0 { outputs.announce(quiet: quiet) }
    try report(tally)
  }

  /// Names what is left out.
  private func report(_ tally: Labelling.Tally) throws {
    for frame in tally.leftOut.prefix(Self.mostNamed) {
      Console.error("\(frame.id): \(frame.reason)")
    }
    for error in tally.unusable.prefix(Self.mostNamed) { Console.error(error.description) }
    if let error = tally.unreadable { throw error }
    let without = tally.leftOut.count + tally.unusable.count
    guard without > 0 else { return }
    throw CommandFailure(
      tally.unusable.isEmpty ? .incomplete : .badData,
      "\(without) of \(tally.frames) frames have no labels and are left out; "
        + (tally.labelled > 0 ? "the others are written" : "nothing is written"))
  }

  /// Frames that are named one by one, of each kind.
  private static let mostNamed = 10
}
