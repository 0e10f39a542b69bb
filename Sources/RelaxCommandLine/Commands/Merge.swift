// SPDX-License-Identifier: MIT

import ArgumentParser
import Files

struct Merge: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Make one output of what the shards of a command have written.",
    discussion: """
      relax predict all.extxyz -p emt-morse -o labels.extxyz --shard 1/2
      relax predict all.extxyz -p emt-morse -o labels.extxyz --shard 2/2
      relax merge labels.extxyz

      OUTPUT is the name that was given to the command; its shards lie beside it, as \
      labels.1-of-2.extxyz. They are checked to be complete and of the same work, and become what the \
      command would have written without shards, byte for byte; messages and exit code are those \
      of that command. What is missing, foreign, doubled or damaged is named, and nothing is written.

      \(ExitStatus.help("0 merged; 3 as that of the command; 65 shards do not fit together"))
      """)

  @Argument(help: "The output as it was given to the command.", completion: .file())
  var output: String

  @Flag(help: "Take the shards that are there and finished.")
  var partial = false

  @OptionGroup var replacing: OverwriteOption

  @Flag(name: [.short, .long], help: "No table; only errors.")
  var quiet = false

  func run() throws {
    let set = try ShardSet(of: output)
    // Shards of runs have journals.
    try MergedParts(set, partial: partial, overwrite: replacing.overwrite, quiet: quiet).run()
  }
}
