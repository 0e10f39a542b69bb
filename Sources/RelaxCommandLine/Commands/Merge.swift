// SPDX-License-Identifier: MIT

import ArgumentParser
import Files

struct Merge: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Make one output of what the shards of a command have written.",
    discussion: """
      relax run slabs.extxyz -p emt-morse -o relaxed.extxyz --shard 1/2
      relax run slabs.extxyz -p emt-morse -o relaxed.extxyz --shard 2/2
      relax merge relaxed.extxyz

      OUTPUT is the name that was given to the command; its shards lie beside it, as \
      relaxed.1-of-2.extxyz, with hidden files that tell of them. They are checked to be complete and \
      of the same work, and become what the command would have written without shards, byte for byte \
      (but for seconds), the trajectory and the summary of a run too. What is missing, foreign, \
      doubled, damaged or not finished is named, and nothing is written. The shards stay.

      \(ExitStatus.help("as of the command without shards; 65 shards do not fit together"))
      """)

  @Argument(help: "The output as it was given to the command.", completion: .file())
  var output: String

  @Flag(help: "Take what is there, also of shards that are not finished.")
  var partial = false

  @OptionGroup var replacing: OverwriteOption

  @Flag(name: [.short, .long], help: "No table; only errors.")
  var quiet = false

  func run() throws {
    let set = try ShardSet(of: output)
    // Shards of runs have journals in their place.
    guard set.hasManifests else {
      return try MergedRun(
        output: output, partial: partial, overwrite: replacing.overwrite, quiet: quiet
      ).run()
    }
    try MergedParts(set, partial: partial, overwrite: replacing.overwrite, quiet: quiet).run()
  }
}
