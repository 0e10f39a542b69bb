// SPDX-License-Identifier: MIT

import CLibrary
import Forces
import RelaxNumerics
import Structures

/// A program that was started to be a driver, with the files that it was given.
final class IPILaunch {
  let program: Program
  private let files: IPIFiles

  /// Starts a shell with a command.
  init(
    _ command: String, variables: [String: String], _ files: IPIFiles
  ) throws(ExchangeError) {
    self.files = files
    program = try Program(["/bin/sh", "-c", command], environment: variables)
  }

  /// Ends the program and all that it has started, and removes its files.
  func end() {
    program.end()
    files.remove()
  }
}

/// Starts a program for each structure, which connects to a socket of its own.
final class IPIPrograms: SessionSource {
  private let command: IPICommand
  private let settings: IPISettings
  private static let number = Guarded(0)

  init(_ command: IPICommand, _ settings: IPISettings) {
    (self.command, self.settings) = (command, settings)
  }

  func take(
    for structure: Structure, _ cancellation: Cancellation
  ) throws(ExchangeError) -> any ForceSession {
    let (places, files) = (command.places, IPIFiles())
    var values = try files.write(structure, for: places)
    values[.id] = structure.identifier ?? structure.formula
    values[.host] = IPIListener.loopback
    var listeners: [IPIListener] = []
    if places.contains(.socket) {
      let name = IPIPrograms.freshName()
      listeners.append(try IPIListener(.unix(name, prefix: settings.prefix)))
      values[.socket] = name
    }
    if places.contains(.port) {
      let listener = try IPIListener()
      listeners.append(listener)
      values[.port] = "\(listener.port)"
    }
    // One client is all that comes: then nobody else can take its place.
    defer { for listener in listeners { listener.stop() } }
    var variables: [String: String] = [:]
    for (place, value) in values {
      variables[place.variable] = String(value.filter { $0 != "\0" })
    }
    let launch = try IPILaunch(command.filled(with: values), variables: variables, files)
    do throws(ExchangeError) {
      let patience = Patience(seconds: settings.startSeconds, cancellation)
      let session = IPISession(try client(of: listeners, launch.program, patience), launch)
      do throws(ExchangeError) {
        try session.begin(structure, patience)
      } catch {
        session.end()
        throw error
      }
      return session
    } catch {
      launch.end()
      if case .timedOut(let seconds) = error {
        throw ExchangeError.notStarted(
          "the program did not get ready within \(seconds.shortText) s (start=)"
        ).after(lastWords: launch.program.lastWords)
      }
      throw error
    }
  }

  func giveBack(_ session: any ForceSession) { (session as? IPISession)?.close() }

  func discard(_ session: any ForceSession) { session.end() }

  /// The program's connection.
  private func client(
    of listeners: [IPIListener], _ program: Program, _ patience: Patience
  ) throws(ExchangeError) -> Int32 {
    while true {
      // Whoever ends may have connected just before.
      let hasEnded = program.hasEnded
      for listener in listeners {
        if let client = listener.client() { return client }
      }
      if hasEnded { throw IPIPrograms.early(program) }
      let pause = try patience.pause()
      if pause == 0, let seconds = patience.seconds { throw .timedOut(seconds: seconds) }
      IPIListener.wait(for: listeners, program, milliseconds: pause)
    }
  }

  private static func early(_ program: Program) -> ExchangeError {
    let reason =
      switch program.ending {
      case .code(0), nil: "it ended before it connected"
      case .code(126), .code(127): program.ending?.reason ?? ""
      case let ending?: "\(ending.reason) before it connected"
      }
    return ExchangeError.ended(reason).after(lastWords: program.lastWords)
  }

  /// A name that no other process or structure has now.
  private static func freshName() -> String {
    let count = number.withLock { number in
      number += 1
      return number
    }
    return "relax-\(getpid())-\(count)"
  }
}
