// SPDX-License-Identifier: MIT

import Files
import RelaxNumerics
import Relaxation
import Reporting
import StructureFiles

/// Shows how a run gets on, and gives its warnings.
final class RunProgress: Sendable {
  /// Structures that did not converge, shown one by one below the final table.
  static let shownTroubles = 10

  private struct State {
    var tally = RunTally()
    var startedAt: Int?
    /// Structures to be done, once they are counted.
    var total: Int?
    var troubles = RunTroubles(keeping: RunProgress.shownTroubles)
    /// What is being relaxed, by its place in the run.
    var current: [Int: (turn: Int, what: ProgressLine.Current)] = [:]
    var begun = 0
    var hasWarnedOfRepeats = false
    var hasWarnedOfColumns = false
    var hasWarnedOfMasks = false
    var hasWarnedOfClusters = false
  }

  private let state: Guarded<State>
  private let display: ProgressDisplay

  /// - Parameter sharesTerminal: whether lines of a log go to the terminal, too.
  init(quiet: Bool, sharesTerminal: Bool = false) {
    let state = Guarded(State())
    let begin = ContinuousClock.now
    self.state = state
    display = ProgressDisplay(.standardError(quiet: quiet, sharesTerminal: sharesTerminal)) {
      state.withLock { RunProgress.line($0, since: begin) }
    }
  }

  var troubles: RunTroubles { state.withLock { $0.troubles } }

  func receive(_ event: Engine.Event) {
    switch event {
    case .counted(let total): state.withLock { $0.total = total }
    case .stepped(let id, let index, let step):
      state.withLock { state in
        let turn = state.current[index]?.turn ?? state.begun
        if turn == state.begun { state.begun += 1 }
        state.current[index] = (
          turn, .init(id: id, step: step.number, energy: step.energy, fmax: step.fmax)
        )
      }
      display.refresh()
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
        state.current[index] = nil
        state.tally = tally
        if state.startedAt == nil { state.startedAt = tally.structures - 1 }
        if status != .converged {
          state.troubles.add(.init(id: id, index: index, status: status, reason: reason))
        }
      }
      display.refresh()
    }
  }

  func end() { display.end() }

  /// Says a thing once a run.
  private func warn(_ done: WritableKeyPath<State, Bool>, _ sentence: String) {
    let isFirst = state.withLock { state in
      defer { state[keyPath: done] = true }
      return !state[keyPath: done]
    }
    if isFirst { display.say("relax: warning: \(sentence)") }
  }

  private static func line(
    _ state: State, since begin: ContinuousClock.Instant
  ) -> ProgressLine {
    let done = state.tally.structures
    var line = ProgressLine(
      done: done, of: state.total, "structures",
      seconds: (ContinuousClock.now - begin) / .seconds(1),
      doneBefore: state.startedAt ?? 0)
    let unconverged = done - state.tally[.converged]
    if unconverged > 0 { line.notes.append("\(unconverged) not converged") }
    // Of several the one that has been at work longest.
    line.current = state.current.values.min { $0.turn < $1.turn }?.what
    return line
  }
}
