// SPDX-License-Identifier: MIT

import Files
import RelaxNumerics
import Scoring
import StructureFiles

/// Shows how an evaluation of several splits gets on.
final class EvaluationProgress: Sendable {
  private let before = Guarded((frames: 0, ofThisSplit: 0))
  private let progress: CountProgress

  init(quiet: Bool, collections: [FrameCollection], evaluation: SplitJudge) {
    let total = InputTotal {
      let files = collections.flatMap(\.files)
      guard !files.contains(where: { FilePlace($0).kind == .stream }) else { return nil }
      var total = 0
      for collection in collections {
        // The evaluation itself will say what is wrong with a file.
        guard let count = try? evaluation.count(collection) else { return nil }
        let taken = min(count, evaluation.limit ?? count)
        total += evaluation.shard?.size(of: taken) ?? taken
      }
      return total
    }
    progress = CountProgress(quiet: quiet, "frames", of: total)
  }

  /// Takes note that `done` frames of the present split are done.
  func receive(_ done: Int) {
    let all = before.withLock { before in
      before.ofThisSplit = done
      return before.frames + done
    }
    progress.receive(all)
  }

  /// Takes note that a split is done.
  func endSplit() { before.withLock { $0 = ($0.frames + $0.ofThisSplit, 0) } }

  func end() { progress.end() }
}
