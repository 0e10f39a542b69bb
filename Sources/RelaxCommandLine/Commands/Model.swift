// SPDX-License-Identifier: MIT

import ArgumentParser
import Networks

/// Commands about model files.
struct Model: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Import, make and inspect the files of networks.",
    discussion: """
      relax model import checkpoint.pt -o forcenet.safetensors
      relax model info forcenet.safetensors
      relax slabs.extxyz --provider forcenet:model=forcenet.safetensors

      A model file is one safetensors file: tensors with their names in the released code, and under \
      the metadata key `config` a JSON that says what network they are.

      \(ExitStatus.help("0 done, 65 refused"))
      """,
    subcommands: [Init.self, Import.self, Info.self])
}

/// Reads CONFIG.json and says so if it is the file that is wrong.
func readDescription(
  _ path: String?, base: NetworkModel.Architecture? = nil
) throws -> ModelDescription? {
  guard let path else { return nil }
  return try ModelImport.readDescription(path, base: base)
}
