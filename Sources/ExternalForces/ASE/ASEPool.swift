// SPDX-License-Identifier: MIT

import Forces
import RelaxNumerics
import Structures

/// The Python processes of a provider: those that wait for a structure, and how many there may be.
final class ASEPool: SessionSource {
  private struct State {
    var idle: [ASESession] = []
    var workers: Set<Int> = []
    var numbers: [ObjectIdentifier: Int] = [:]
  }

  private let settings: ASESettings
  private let state = Guarded(State())

  init(_ settings: ASESettings) { self.settings = settings }

  deinit { state.withLock { for session in $0.idle { session.close() } } }

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
      state.workers.remove(number)
    }
  }

  /// A process that is free, or a new one if there may be more; waits for one of the others else.
  private func free(_ cancellation: Cancellation) throws(ExchangeError) -> ASESession {
    while true {
      let (idle, mayStart) = state.withLock { state in
        (state.idle.popLast(), state.workers.count < settings.workers ?? .max)
      }
      if let idle { return idle }
      if mayStart { return try make(cancellation) }
      _ = try Patience(seconds: nil, cancellation).pause()
      Pausing.briefly()
    }
  }

  private func make(_ cancellation: Cancellation) throws(ExchangeError) -> ASESession {
    let number = state.withLock { state in
      let number = (0...).first { !state.workers.contains($0) } ?? 0
      state.workers.insert(number)
      return number
    }
    do throws(ExchangeError) {
      let session = try ASESession(settings, worker: number, cancellation)
      state.withLock { $0.numbers[ObjectIdentifier(session)] = number }
      return session
    } catch {
      state.withLock { _ = $0.workers.remove(number) }
      throw error
    }
  }
}

extension ASESession: ForceSession {}
