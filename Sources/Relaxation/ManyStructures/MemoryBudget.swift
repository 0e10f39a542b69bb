// SPDX-License-Identifier: MIT

import CLibrary
import Forces
import RelaxNumerics

/// Memory for the structures at work, so that a run with a limit waits or refuses a structure rather than dies.
///
/// A worker asks for what a structure is estimated to take before it begins, and gives that back afterwards. Those who
/// ask are served in the order in which they came, so that a large structure waits no longer than for those at work, and
/// nobody holds anything while waiting. What does not fit even alone is refused. Beside the estimates the memory that
/// the process really has is looked at: while it is beyond the limit, nothing begins beside what is at work.
final class MemoryBudget: Sendable {
  /// What came of asking.
  enum Answer: Equatable {
    /// The structure may begin; what was asked for is to be given back.
    case granted
    /// It never fits, for this reason.
    case refused(String)
    /// The run is to stop.
    case stopped
  }

  private struct State {
    /// Bytes of the structures at work, and how many these are.
    var reserved = 0
    var atWork = 0
    /// Numbers of those who wait, in the order in which they came, and the next one.
    var waiting: [Int] = []
    var next = 0
  }

  /// What the process may take.
  let limit: MemorySize
  /// Bytes of that which are left for structures.
  let available: Int

  private let state = Guarded(State())
  private let resident: @Sendable () -> Int?

  /// Microseconds between two looks of who waits: short beside any structure worth waiting for.
  private static let pause: UInt32 = 5_000

  /// A budget for a process that takes `taken` bytes with no structure at work.
  ///
  /// - Parameter resident: bytes that the process has at a later moment; nil where the system does not tell.
  init(
    limit: MemorySize, taken: Int,
    resident: @escaping @Sendable () -> Int? = { SystemMemory.resident }
  ) {
    (self.limit, self.resident) = (limit, resident)
    available = max(0, limit.bytes - taken)
  }

  /// Waits until `bytes` are to be had.
  ///
  /// - Parameter shouldStop: asked while waiting.
  func reserve(_ bytes: Int, shouldStop: () -> Bool) -> Answer {
    guard bytes <= available else { return .refused(refusal(bytes)) }
    let number = state.withLock { state in
      state.next += 1
      state.waiting.append(state.next)
      return state.next
    }
    var hasTrimmed = false
    while true {
      switch state.withLock({ attempt(bytes, number, &$0) }) {
      case .begins: return .granted
      case .waits: break
      case .waitsForMemory:
        // What has ended may not have gone back to the system yet.
        if !hasTrimmed { SystemMemory.trim() }
        hasTrimmed = true
      }
      if shouldStop() {
        state.withLock { $0.waiting.removeAll { $0 == number } }
        return .stopped
      }
      usleep(MemoryBudget.pause)
    }
  }

  /// Gives back what was granted.
  func giveBack(_ bytes: Int) {
    state.withLock { state in
      state.reserved -= bytes
      state.atWork -= 1
    }
  }

  /// Structures that wait.
  var waiting: Int { state.withLock { $0.waiting.count } }

  private enum Attempt { case begins, waits, waitsForMemory }

  private func attempt(_ bytes: Int, _ number: Int, _ state: inout State) -> Attempt {
    guard state.waiting.first == number else { return .waits }
    // Alone it begins in any case: there is nobody to wait for.
    if state.atWork > 0 {
      guard state.reserved + bytes <= available else { return .waits }
      if let resident = resident(), resident > limit.bytes { return .waitsForMemory }
    }
    state.waiting.removeFirst()
    state.reserved += bytes
    state.atWork += 1
    return .begins
  }

  private func refusal(_ bytes: Int) -> String {
    "needs about \(MemorySize.words(atLeast: bytes)) of memory, and --memory-limit \(limit) leaves "
      + "\(MemorySize.words(atMost: available)); a larger limit with --resume --retry failed takes it up "
      + "again"
  }
}

/// A structure's place in the memory of a run.
struct MemoryPlace {
  private let budget: MemoryBudget?
  private let bytes: Int
  /// Why there is none for it, in words; nil if it may begin.
  let refusal: String?

  /// Waits for `bytes`, which are told only if there is a budget; nil if the run is to stop before.
  init?(in budget: MemoryBudget?, _ cancellation: Cancellation, for bytes: () -> Int) {
    guard let budget else {
      (self.budget, self.bytes, refusal) = (nil, 0, nil)
      return
    }
    let bytes = bytes()
    switch budget.reserve(bytes, shouldStop: { cancellation.isRequested }) {
    case .granted: (self.budget, self.bytes, refusal) = (budget, bytes, nil)
    case .refused(let reason): (self.budget, self.bytes, refusal) = (nil, 0, reason)
    case .stopped: return nil
    }
  }

  /// Leaves it, with whatever the structure took.
  func giveBack() { budget?.giveBack(bytes) }
}
