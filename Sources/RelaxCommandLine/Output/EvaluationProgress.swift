// SPDX-License-Identifier: MIT

import Files
import RelaxNumerics
import Scoring
import StructureFiles

/// Shows how an evaluation gets on, where a person watches.
final class EvaluationProgress: Sendable {
  private struct State {
    var before = 0
    var done = 0
    var total: Int?
    var lastDrawn: ContinuousClock.Instant?
  }

  private let state = Guarded(State())
  private let showsBar: Bool
  private let begin = ContinuousClock().now

  init(quiet: Bool, collections: [FrameCollection], evaluation: SplitJudge) {
    showsBar = !quiet && Console.isInteractive
    let files = collections.flatMap(\.files)
    guard showsBar, !files.contains(where: { FilePlace($0).kind == .stream }) else {
      return
    }
    // Counting means reading everything once more; only a bar is worth that, beside the work.
    WorkerThreads.runAside { [self] in
      var total = 0
      for collection in collections {
        // The evaluation itself will say what is wrong with a file.
        guard let count = try? evaluation.count(collection) else { return }
        total += min(count, evaluation.limit ?? count)
      }
      state.withLock { $0.total = total }
    }
  }

  /// Takes note that `done` frames of the present split are done.
  func receive(_ done: Int) {
    guard showsBar else { return }
    state.withLock { state in
      state.done = done
      let now = ContinuousClock().now
      if let last = state.lastDrawn, now - last < .milliseconds(100) { return }
      state.lastDrawn = now
      let all = state.before + done
      let rate = Double(all) / max((now - begin) / .seconds(1), 1e-3)
      Console.redraw(ProgressLine.text(done: all, of: state.total, "frames", rate: rate))
    }
  }

  /// Takes note that a split is done.
  func endSplit() {
    state.withLock { state in
      state.before += state.done
      state.done = 0
    }
  }

  func end() { if showsBar { Console.redraw("") } }
}
