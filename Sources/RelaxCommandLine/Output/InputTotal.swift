// SPDX-License-Identifier: MIT

import Files
import RelaxNumerics
import StructureFiles

/// How much there is to do, which a progress line shows.
///
/// Counting means reading everything once more, beside the work: it begins when somebody asks for the first
/// time, so that short commands and those that nobody watches do without.
final class InputTotal: Sendable {
  private struct State {
    var isAsked = false
    var total: Int?
  }

  private let state = Guarded(State())
  private let count: @Sendable () -> Int?

  /// A total that `count` finds out; nil if that cannot be.
  init(_ count: @escaping @Sendable () -> Int?) { self.count = count }

  /// Structures of files, or those of a shard.
  convenience init(
    _ paths: [String], selecting filters: [FrameFilter], assuming assumptions: StructureAssumptions,
    shard: Shard? = nil
  ) {
    self.init {
      // What comes through a pipe comes once.
      guard !paths.contains(where: { FilePlace($0).kind == .stream }) else { return nil }
      var total = 0
      for path in paths {
        do {
          let reader = try StructureReader(path: path, selecting: filters, assuming: assumptions)
          while try reader.skip() { total += 1 }
        } catch { continue }  // The command itself will say what is wrong with the file.
      }
      return shard?.size(of: total) ?? total
    }
  }

  /// The total, once it is known.
  var value: Int? {
    let (isFirst, total) = state.withLock { state in
      defer { state.isAsked = true }
      return (!state.isAsked, state.total)
    }
    if isFirst {
      WorkerThreads.runAside { [self] in
        let total = count()
        state.withLock { $0.total = total }
      }
    }
    return total
  }
}
