// SPDX-License-Identifier: MIT

import CLibrary
import Forces
import RelaxNumerics
import Structures

/// A conversation with a program about one structure.
protocol ForceSession: AnyObject {
  /// What it says about a geometry of the structure.
  func evaluate(
    _ geometry: Geometry, wantsStress: Bool, _ patience: Patience
  ) throws(ExchangeError) -> Evaluation
  /// Ends it at once, whatever the program is doing.
  func end()
}

/// Where such conversations come from, shared by all threads.
protocol SessionSource: AnyObject, Sendable {
  /// Begins one about `structure`.
  func take(
    for structure: Structure, _ cancellation: Cancellation
  ) throws(ExchangeError) -> any ForceSession
  /// Takes one back whose structure is done.
  func giveBack(_ session: any ForceSession)
  /// Gives up one that went wrong.
  func discard(_ session: any ForceSession)
}

/// How often and how long one evaluation is tried.
struct Trials: Hashable, Sendable {
  /// Seconds of one evaluation; nil for any time.
  var timeout: Double?
  /// Further tries, each with a fresh program.
  var retries = 2

  /// Keys of a specification.
  static let keys = ["timeout", "retries"]

  init() {}

  /// As a specification says.
  init(_ term: ProviderSpecification.Term) throws(ForceError) {
    timeout = try term.seconds("timeout")
    retries = try term.count("retries", in: 0...1000) ?? retries
  }

  /// What differs from the defaults, as a specification has it.
  var parameters: [String] {
    (timeout.map { ["timeout=\($0.shortText)"] } ?? [])
      + (retries == Trials().retries ? [] : ["retries=\(retries)"])
  }
}

extension ProviderSpecification.Term {
  /// Seconds, more than 0.
  func seconds(_ key: String) throws(ForceError) -> Double? {
    guard let seconds = try number(key) else { return nil }
    guard seconds > 0, seconds < 1e9 else {
      throw refusal("\(key) must be a number of seconds above 0, not `\(value(key) ?? "")`")
    }
    return seconds
  }
}

/// Evaluates by programs that may die, hang or answer nonsense: then another one is asked, a few times.
struct TriedEvaluator: Evaluator {
  private let structure: Structure
  private let source: any SessionSource
  private let trials: Trials
  private let name: String
  private var session: (any ForceSession)?
  /// The last answer: what is asked once more is not computed once more.
  private var last: (geometry: Geometry, hadStress: Bool, evaluation: Evaluation)?

  /// - Parameter name: of the provider, for messages.
  init(_ structure: Structure, _ source: any SessionSource, _ trials: Trials, name: String) {
    (self.structure, self.source, self.trials, self.name) = (structure, source, trials, name)
  }

  mutating func evaluate(
    _ geometry: Geometry, wanting: Quantities, cancellation: Cancellation
  ) throws(ForceError) -> Evaluation {
    try geometry.requireSound()
    try cancellation.check()
    let wantsStress = wanting.contains(.stress) && geometry.cell.hasVolume
    if let last, last.geometry == geometry, last.hadStress || !wantsStress {
      return last.evaluation
    }
    var tries = 0
    while true {
      do throws(ExchangeError) {
        let found = try attempt(geometry, wantsStress, cancellation)
        last = (geometry, wantsStress || found.stress != nil, found)
        return found
      } catch {
        if let session { source.discard(session) }
        session = nil
        if error == .cancelled { throw .cancelled }
        tries += 1
        guard tries <= trials.retries else {
          let reason = "\(name): \(error.reason)" + (tries > 1 ? " (after \(tries) tries)" : "")
          // What a program says of itself it will mostly say again.
          if case .refused = error { throw .failed(reason) }
          throw .unavailable(reason)
        }
      }
    }
  }

  private mutating func attempt(
    _ geometry: Geometry, _ wantsStress: Bool, _ cancellation: Cancellation
  ) throws(ExchangeError) -> Evaluation {
    let session: any ForceSession
    if let begun = self.session {
      session = begun
    } else {
      session = try source.take(for: structure, cancellation)
      self.session = session
    }
    // Time runs for the evaluation, not for a program that has to be started for it.
    let found = try session.evaluate(
      geometry, wantsStress: wantsStress, Patience(seconds: trials.timeout, cancellation))
    guard found.forces.count == geometry.positions.count else {
      throw .nonsense("it gave \(found.forces.count) forces for \(geometry.positions.count) atoms")
    }
    return found
  }

  mutating func close() {
    if let session { source.giveBack(session) }
    session = nil
  }
}

/// Waiting for other threads.
enum Pausing {
  /// For a time that nobody notices.
  static func briefly() { usleep(10_000) }
}
