// SPDX-License-Identifier: MIT

import ArgumentParser
import Files
import Networks
import StructureFiles

extension Model {
  struct Import: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Turn a PyTorch checkpoint into a model file.",
      discussion: """
        relax model import checkpoint.pt -o model.safetensors
        relax model import state.safetensors --config config.json \\
          -o model.safetensors

        Checkpoints of the released trainers say themselves what network they hold; averaged weights \
        (ema) are taken where there are some, and normalizers are taken over. Nothing in a checkpoint \
        is run: a pickle that calls anything but the makers of tensors and collections is refused by \
        name. A plain state_dict needs --config: {"model": "forcenet", "config": {…}} with the \
        released constructor's arguments, those left out having their defaults.

        \(ExitStatus.help("0 written, 65 refused"))
        """)

    @Argument(help: "Checkpoint (.pt), or tensors alone (.safetensors, .pt).", completion: .file())
    var input: String

    @Option(help: "JSON that says what network it is.", completion: .file())
    var config: String?

    @Option(name: [.short, .long], help: "Model file to write (.safetensors).")
    var output: String

    @OptionGroup var replacing: OverwriteOption

    @Flag(name: [.short, .long], help: "No word of what was written; only errors.")
    var quiet = false

    func run() throws {
      let inputs = [input] + (config.map { [$0] } ?? [])
      try InputFiles.requireReadable(inputs)
      var plan = OutputPlan(overwrite: replacing.overwrite)
      plan.reads([input], as: .model)
      plan.reads(config.map { [$0] } ?? [], as: .configuration)
      plan.writes(output, "--output", .model)
      let outputs = try plan.begin()
      defer { outputs.end() }
      let file = try OutputFile(path: output, overwrite: outputs.overwrite)
      let model = try ModelImport.read(input, description: readDescription(config))
      try model.write(to: file)
      outputs.announce(quiet: quiet)
    }
  }
}
