// SPDX-License-Identifier: MIT

import Files
import RelaxNumerics
import Relaxation
import Reporting
import StructureFiles

/// Shows how a run gets on: a bar where a person watches, warnings anywhere.
final class RunProgress: Sendable {
  /// Structures that did not converge, shown one by one below the final table.
  static let shownTroubles = 10

  private struct State {
    var tally = RunTally()
    var startedAt: Int?
    var total: Int?
    var troubles = RunTroubles(keeping: RunProgress.shownTroubles)
    var lastDrawn: ContinuousClock.Instant?
    var hasWarnedOfRepeats = false
    var hasWarnedOfColumns = false
    var hasWarnedOfMasks = false
    var hasWarnedOfClusters = false
  }

  private let state = Guarded(State())
  private let showsBar: Bool
  private let isQuiet: Bool
  private let begin = ContinuousClock().now

  init(
    quiet: Bool, inputs: [String], filters: [FrameFilter], assumptions: StructureAssumptions
  ) {
    isQuiet = quiet
    showsBar = !quiet && Console.isInteractive
    guard showsBar, !inputs.contains(where: { FilePlace($0).kind == .stream }) else {
      return
    }
    // Counting means reading everything once more; only a bar is worth that, beside the work.
    WorkerThreads.runAside { [self] in
      let total = RunProgress.countFrames(inputs, filters, assumptions)
      state.withLock { $0.total = total }
    }
  }

  var troubles: RunTroubles { state.withLock { $0.troubles } }

  func receive(_ event: Engine.Event) {
    switch event {
    case .stepped, .counted: break
    case .repeatedIdentifier(let id):
      warn(
        \.hasWarnedOfRepeats,
        "the id \(Excerpt.name(id)) occurs more than once; index in the summary tells them apart")
    case .slabWithoutCell(let id):
      warn(
        \.hasWarnedOfClusters,
        "\(Excerpt.name(id)) repeats along no axis and is relaxed as a cluster; if it is a slab, its "
          + "cell was lost (in extended XYZ: Lattice and pbc of the comment line); --cell and --pbc give it"
      )
    case .allAtomsFree(let id, let column?):
      warn(
        \.hasWarnedOfColumns,
        "\(Excerpt.name(id)) has a column `\(Excerpt.name(column))` but no `move_mask`, which alone says "
          + "what may move: all atoms do")
    case .allAtomsFree(let id, nil):
      warn(
        \.hasWarnedOfMasks,
        "\(Excerpt.name(id)) has no mask (in extended XYZ the column `move_mask`): all its atoms move, those of "
          + "the bottom layers too; --fix 'z<5' or --fix tags=0 holds some, --fix none says that this is meant"
      )
    case .finished(let id, let index, let status, let reason, let tally):
      state.withLock { state in
        state.tally = tally
        if state.startedAt == nil { state.startedAt = tally.structures - 1 }
        if status != .converged {
          state.troubles.add(.init(id: id, index: index, status: status, reason: reason))
        }
        draw(&state)
      }
    }
  }

  func end() { clearBar() }

  /// Says a thing once a run.
  private func warn(_ done: WritableKeyPath<State, Bool>, _ sentence: String) {
    let isFirst = state.withLock { state in
      defer { state[keyPath: done] = true }
      return !state[keyPath: done]
    }
    guard isFirst && !isQuiet else { return }
    clearBar()
    Console.warn(sentence)
  }

  private func clearBar() { if showsBar { Console.redraw("") } }

  private func draw(_ state: inout State) {
    guard showsBar else { return }
    let now = ContinuousClock().now
    if let last = state.lastDrawn, now - last < .milliseconds(100) { return }
    state.lastDrawn = now
    let done = state.tally.structures
    let seconds = (now - begin) / .seconds(1)
    let rate = Double(done - (state.startedAt ?? 0)) / max(seconds, 1e-3)
    var line = ProgressLine.text(done: done, of: state.total, "structures", rate: rate)
    let unconverged = done - state.tally[.converged]
    if unconverged > 0 { line += ", \(unconverged) not converged" }
    Console.redraw(line)
  }

  private static func countFrames(
    _ inputs: [String], _ filters: [FrameFilter], _ assumptions: StructureAssumptions
  ) -> Int? {
    var total = 0
    for path in inputs {
      do {
        let reader = try StructureReader(
          path: path, selecting: filters, assuming: assumptions)
        while try reader.next() != nil { total += 1 }
      } catch { continue }  // The run itself will say what is wrong with the file.
    }
    return total
  }
}
