// SPDX-License-Identifier: MIT

import ArgumentParser
import Files
import StructureFiles

/// `--shard`, on every command that works on many structures.
struct ShardOption: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      """
      Work on one of N parts only: every N-th structure, from the I-th on. Outputs get .I-of-N before their \
      ending, and relax merge makes one of them. auto takes I and N from the job array of Slurm, SGE or LSF, \
      auto/N only the task's number, for PBS, HyperQueue and arrays with gaps.
      """, .shard))
  var shard: ShardChoice?

  /// The part to work on; nil for all.
  ///
  /// - Throws: 64 where the scheduler's variables do not tell it.
  func resolved() throws -> Shard? {
    switch shard {
    case nil: nil
    case .fixed(let shard): shard
    case .task(let count): try ArrayTask.shard(of: count, Environment.value)
    }
  }
}

extension ShardOption {
  /// Refuses outputs of which no parts can be made, since they hold one structure.
  ///
  /// - Throws: 64.
  static func requireRoom(in output: String) throws {
    guard try StructureOutput(path: output).format.holdsOneStructure else { return }
    throw CommandFailure(
      .usage,
      "--shard: \(PathText.shown(output)) would hold one structure, of which there are no parts; files whose "
        + "names end in .extxyz, .traj or .db take many")
  }

  /// Refuses to call a shard finished whose inputs were changed while it was made.
  ///
  /// - Throws: 65.
  static func requireUnchanged(_ inputs: [FileStamp]) throws {
    guard let changed = inputs.first(where: \.hasChanged) else { return }
    throw CommandFailure(
      .badData,
      "\(PathText.shown(changed.path)) was changed while it was read; the shard is not finished, make it again"
    )
  }
}

/// What `--shard` may be.
enum ShardChoice: Hashable, ExpressibleByArgument {
  /// This part.
  case fixed(Shard)
  /// That of the process's task in a job array: of so many, or as many as the scheduler says.
  case task(of: Int?)

  init?(argument: String) {
    if argument == "auto" {
      self = .task(of: nil)
    } else if argument.hasPrefix("auto/") {
      guard let shard = Shard("1/" + argument.dropFirst(5)) else { return nil }
      self = .task(of: shard.count)
    } else {
      guard let shard = Shard(argument) else { return nil }
      self = .fixed(shard)
    }
  }
}

extension Optional<Shard> {
  /// The name of an output: see ``Shard/path(of:)``; the same for all structures.
  func path(of output: String) -> String { self?.path(of: output) ?? output }

  /// The same for an output that there may not be.
  func path(of output: String?) -> String? { output.map { path(of: $0) } }
}
