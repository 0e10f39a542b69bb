// SPDX-License-Identifier: MIT

import CLibrary
import RelaxNumerics
import Synchronization

/// Where a command shows how it gets on: a line that changes on a terminal, a new line now and then
/// elsewhere.
///
/// A thread of its own draws, so that there is news also while nothing ends for a long time; whoever works
/// never waits for somebody to read.
final class ProgressDisplay: Sendable {
  /// What standard error is.
  enum Place: Sendable {
    /// Nothing is shown.
    case nowhere
    /// Somebody watches.
    case terminal
    /// A file or a pipe.
    case log

    /// That of this process.
    ///
    /// - Parameter sharesTerminal: whether other lines go to the terminal meanwhile, among which one that changes has
    ///   no place.
    static func standardError(quiet: Bool, sharesTerminal: Bool = false) -> Place {
      quiet ? .nowhere : Console.isInteractive && !sharesTerminal ? .terminal : .log
    }
  }

  /// From line to line of a log.
  static let logInterval = Duration.seconds(30)
  /// From drawing to drawing on a terminal.
  private static let drawingInterval = Duration.milliseconds(100)

  let place: Place
  /// Whether it has ended; who writes to the terminal holds the lock.
  private let isOver = Guarded(false)
  /// Whether there is something new.
  private let isStale = Atomic(false)
  private let line: @Sendable () -> ProgressLine?

  /// Starts to show what `line` gives, which is asked from another thread; nil for nothing yet.
  ///
  /// - Parameters:
  ///   - interval: from line to line of a log.
  ///   - log: writes such a line; to standard error unless given.
  init(
    _ place: Place, interval: Duration = ProgressDisplay.logInterval,
    log: @escaping @Sendable (String) -> Void = Console.error,
    line: @escaping @Sendable () -> ProgressLine?
  ) {
    (self.place, self.line) = (place, line)
    switch place {
    case .nowhere: break
    case .terminal:
      WorkerThreads.runAside { [self] in
        while goesOn {
          draw()
          ProgressDisplay.sleep(ProgressDisplay.drawingInterval)
        }
      }
    case .log:
      WorkerThreads.runAside { [self] in
        // Asked beforehand, for what it finds out by counting takes its time.
        ProgressDisplay.sleep(interval / 2)
        if goesOn { _ = line() }
        ProgressDisplay.sleep(interval / 2)
        while goesOn {
          if let line = line() { log("relax: \(line.sentence)") }
          ProgressDisplay.sleep(interval)
        }
      }
    }
  }

  /// Says that there is something new.
  func refresh() {
    if place == .terminal { isStale.store(true, ordering: .relaxed) }
  }

  /// Writes a line that stays.
  func say(_ sentence: String) {
    guard place != .nowhere else { return }
    isOver.withLock { _ in
      if place == .terminal { Console.redraw("") }
      Console.error(sentence)
    }
    refresh()
  }

  /// Ends it; on a terminal the line disappears.
  func end() {
    isOver.withLock { isOver in
      if place == .terminal && !isOver { Console.redraw("") }
      isOver = true
    }
  }

  private var goesOn: Bool { isOver.withLock { !$0 } }

  private func draw() {
    guard isStale.exchange(false, ordering: .relaxed), let line = line() else { return }
    // The last column stays free: a terminal may go to the next line as soon as it is filled.
    let text = line.text(within: Console.columns - 1)
    isOver.withLock { isOver in if !isOver { Console.redraw(text) } }
  }

  private static func sleep(_ time: Duration) {
    let (seconds, attoseconds) = time.components
    var span = timespec()
    span.tv_sec = numericCast(seconds)
    span.tv_nsec = numericCast(attoseconds / 1_000_000_000)
    nanosleep(&span, nil)
  }
}
