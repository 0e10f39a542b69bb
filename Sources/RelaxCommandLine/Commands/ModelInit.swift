// SPDX-License-Identifier: MIT

import ArgumentParser
import Files
import Networks
import StructureFiles

extension Model {
  struct Init: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Make an untrained network, as training starts from.",
      discussion: """
        relax model init --architecture forcenet --seed 1 -o start.safetensors

        Sizes are the paper's: forcenet (512 wide, 5 blocks), forcenet-large (768 wide, 7 blocks), \
        gns (768 wide, 5 blocks), schnet (1024 wide, 5 blocks), dimenetplusplus (192 wide, 3 blocks), \
        dimenetplusplus-large (512 wide, 3 blocks). --config changes them: {"model": "forcenet", "config": {…}}. \
        Weights are drawn as in the released code; equal seeds give equal bytes on every machine.

        \(ExitStatus.help("0 written, 65 a configuration that cannot be"))
        """)

    @Option(
      help: ArgumentHelp(
        "\(NetworkModel.Architecture.names.joined(separator: ", ")); --config may name it instead.")
    )
    var architecture: String?

    @Option(
      help: "JSON with arguments of the released constructor that differ from the named size.",
      completion: .file())
    var config: String?

    @Option(help: ArgumentHelp("Where the stream of random numbers begins.", .whole))
    var seed: UInt64

    @Option(name: [.short, .long], help: "Model file to write (.safetensors).")
    var output: String

    @OptionGroup var replacing: OverwriteOption

    @Flag(name: [.short, .long], help: "No word of what was written; only errors.")
    var quiet = false

    func validate() throws {
      if architecture == nil && config == nil {
        throw ValidationError(
          "--architecture is missing: possible are "
            + NetworkModel.Architecture.names.joined(separator: ", "))
      }
    }

    func run() throws {
      var base: NetworkModel.Architecture?
      if let name = architecture {
        base = NetworkModel.Architecture(named: name)
        guard base != nil else {
          throw CommandFailure(
            .usage,
            "--architecture \(name): possible are "
              + NetworkModel.Architecture.names.joined(separator: ", "))
        }
      }
      let inputs = config.map { [$0] } ?? []
      try InputFiles.requireReadable(inputs)
      var plan = OutputPlan(overwrite: replacing.overwrite)
      plan.reads(inputs, as: .configuration)
      plan.writes(output, "--output", .model)
      let outputs = try plan.begin()
      defer { outputs.end() }
      let description = try readDescription(config, base: base)
      guard let chosen = description?.architecture ?? base else { return }
      let file = try OutputFile(path: output, overwrite: outputs.overwrite)
      var model = try NetworkModel(untrained: chosen, seed: seed)
      model.normalization = description?.normalization ?? .none
      model.energyIsTrained = false
      try model.write(to: file)
      outputs.announce(quiet: quiet)
    }
  }
}
