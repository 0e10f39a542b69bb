// SPDX-License-Identifier: MIT

import Forces
import RelaxNumerics
import Structures

/// The Python processes of a provider: those that wait for a structure, and how many there may be.
final class ASEPool: SessionSource {
  private struct State {
    var idle: [ASESession] = []
    /// The number of each process.
    var numbers: [ObjectIdentifier: Int] = [:]
    /// Processes that run or start.
    var count = 0
  }

  private let settings: ASESettings
  private let state = Guarded(State())
  /// Numbers of all processes that run, of whatever provider: no two of them may write into one folder.
  private static let taken = Guarded<Set<Int>>([])

  init(_ settings: ASESettings) { self.settings = settings }

  deinit {
    state.withLock { state in
      for session in state.idle { session.close() }
      ASEPool.taken.withLock { $0.subtract(state.numbers.values) }
    }
  }

  /// Starts a process that waits for the first structure.
  func start(_ cancellation: Cancellation) throws(ExchangeError) -> ASESession.Greeting {
    let session = try make(cancellation)
    state.withLock { $0.idle.append(session) }
    return session.greeting
  }

  func take(
    for structure: Structure, _ cancellation: Cancellation
  ) throws(ExchangeError) -> any ForceSession {
    let session = try free(cancellation)
    do throws(ExchangeError) {
      try session.begin(structure, Patience(seconds: settings.startSeconds, cancellation))
    } catch {
      discard(session)
      throw error
    }
    return session
  }

  func giveBack(_ session: any ForceSession) {
    guard let session = session as? ASESession else { return }
    state.withLock { $0.idle.append(session) }
  }

  func discard(_ session: any ForceSession) {
    session.end()
    state.withLock { state in
      guard let number = state.numbers.removeValue(forKey: ObjectIdentifier(session)) else {
        return
      }
      state.count -= 1
      ASEPool.taken.withLock { _ = $0.remove(number) }
    }
  }

  /// A process that is free, or a new one if there may be more; waits for one of the others else.
  private func free(_ cancellation: Cancellation) throws(ExchangeError) -> ASESession {
    while true {
      let (idle, mayStart) = state.withLock { state in
        (state.idle.popLast(), state.count < settings.workers ?? .max)
      }
      if let idle { return idle }
      if mayStart { return try make(cancellation) }
      _ = try Patience(seconds: nil, cancellation).pause()
      Pausing.briefly()
    }
  }

  private func make(_ cancellation: Cancellation) throws(ExchangeError) -> ASESession {
    state.withLock { $0.count += 1 }
    let number = ASEPool.taken.withLock { taken in
      let number = (0...).first { !taken.contains($0) } ?? 0
      taken.insert(number)
      return number
    }
    do throws(ExchangeError) {
      let session = try ASESession(settings, worker: number, cancellation)
      state.withLock { $0.numbers[ObjectIdentifier(session)] = number }
      return session
    } catch {
      state.withLock { $0.count -= 1 }
      ASEPool.taken.withLock { _ = $0.remove(number) }
      throw error
    }
  }
}

extension ASESession: ForceSession {}
