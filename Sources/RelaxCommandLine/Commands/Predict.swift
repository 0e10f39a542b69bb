// SPDX-License-Identifier: MIT

import ArgumentParser
import Files
import Forces
import Relaxation
import StructureFiles

struct Predict: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Energy and forces of structures as they are, without moving anything.",
    // In full it is wider than a terminal.
    usage: "relax predict <input> --provider <provider> --output <output> [options]",
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

  @OptionGroup var part: ShardOption

  @Flag(name: [.short, .long], help: "No progress; only errors.")
  var quiet = false

  func run() throws {
    let shard = try part.resolved()
    Environment.announce(shard)
    let output = shard.path(of: self.output)
    if shard != nil { try ShardOption.requireRoom(in: self.output) }
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
    labelling.shard = shard
    let stamps = shard == nil ? [] : inputs.map { FileStamp($0) }
    // Without a file there is nothing that could be merged.
    let isFile = FilePlace(output).kind != .stream
    let manifest =
      try isFile
      ? shard.map {
        try LabellingManifest(
          $0, of: output,
          settings: labelling.recordedSettings(reading.filters, reading.assumptions, of: stamps))
      } : nil
    let progress = CountProgress(
      quiet: quiet, "frames",
      of: reading.total(of: inputs, in: shard))
    defer { progress.end() }
    let tally = try labelling.run(
      reader,
      take: { outcome in
        if case .labelled(let structure) = outcome { try writer.write(structure) }
        try manifest?.add(outcome, writer)
      },
      report: { progress.receive($0.frames) })
    progress.end()
    for warning in tally.warnings { Console.warn(warning.description) }
    if tally.unreadable == nil {
      try InputFiles.requireSome(tally.framesOfAll, of: reading.filters, in: [input])
    }
    try ShardOption.requireUnchanged(stamps)
    // Without a single labelled frame there is no output.
    if tally.hasOutput { try writer.finish() }
    try manifest?.finish(tally, isWritten: tally.hasOutput)
    if tally.labelled > 0 { outputs.announce(quiet: quiet) }
    try PredictReport(tally).show()
  }
}
