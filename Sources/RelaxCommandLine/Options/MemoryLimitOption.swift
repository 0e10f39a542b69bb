// SPDX-License-Identifier: MIT

import ArgumentParser
import RelaxNumerics
import Relaxation

/// `--memory-limit`, for runs that share a machine or a batch job.
struct MemoryLimitOption: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      """
      Memory of the process: structures wait for it, and one that does not fit even alone ends as failed. \
      auto: what the machine, its container or the Slurm job allows (default: no limit).
      """, .memory))
  var memoryLimit: MemoryLimitChoice?

  /// The limit, to be asked when the provider is there; nil for none.
  ///
  /// - Throws: 64 where it leaves nothing for structures.
  func resolved() throws -> MemorySize? {
    guard let memoryLimit else { return nil }
    let (limit, name) =
      switch memoryLimit {
      case .size(let size): (size, "--memory-limit \(size)")
      case .automatic: (AvailableMemory.limit(), "--memory-limit auto, \(AvailableMemory.limit())")
      }
    if let taken = SystemMemory.resident, taken >= limit.bytes {
      throw CommandFailure(
        .usage,
        "\(name): relax takes \(MemorySize.words(atLeast: taken)) before it begins with a structure; give "
          + "more")
    }
    return limit
  }
}

/// What `--memory-limit` may be.
enum MemoryLimitChoice: Hashable, ExpressibleByArgument {
  /// So much.
  case size(MemorySize)
  /// What the system allows.
  case automatic

  init?(argument: String) {
    if argument == "auto" {
      self = .automatic
    } else {
      guard let size = MemorySize(argument) else { return nil }
      self = .size(size)
    }
  }
}
