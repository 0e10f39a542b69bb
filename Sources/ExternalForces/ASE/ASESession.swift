// SPDX-License-Identifier: MIT

import CLibrary
import Files
import Forces
import RelaxNumerics
import StructureFiles
import Structures

/// A Python process with a calculator, which evaluates one structure after another.
final class ASESession {
  /// What it said of itself.
  let greeting: Greeting
  private let channel: Channel
  private let program: Program

  /// What a process says when its calculator is ready.
  struct Greeting: Hashable, Sendable {
    /// Version of ASE.
    var version: String
    /// Names of what the calculator computes.
    var properties: [String]
  }

  /// Starts a process and waits until it has its calculator.
  ///
  /// - Throws: kind `notStarted`; kind `refused` for what the script itself does wrong.
  init(_ settings: ASESettings, worker: Int, _ cancellation: Cancellation) throws(ExchangeError) {
    let (own, peer) = try Channel.pair()
    channel = Channel(own)
    var environment = ["RELAX_WORKER": "\(worker)", "PYTHONUNBUFFERED": "1"]
    if let threads = settings.threadsPerWorker, getenv("OMP_NUM_THREADS") == nil {
      environment["OMP_NUM_THREADS"] = "\(threads)"
    }
    let program = try Program(
      [settings.python, "-c", ASEDriver.source, settings.script], environment: environment,
      peer: peer)
    self.program = program
    channel.program = program
    let patience = Patience(seconds: settings.startSeconds, cancellation)
    do throws(ExchangeError) {
      let (kind, data) = try ASESession.message(of: channel, patience)
      guard kind == "HELO" else {
        throw .refused(OutputTail.plain(String(decoding: data, as: UTF8.self)))
      }
      greeting = try ASESession.greeting(data)
    } catch {
      program.end()
      if case .timedOut(let seconds) = error {
        throw ExchangeError.notStarted("it was not ready within \(seconds.shortText) s (start=)")
          .after(lastWords: program.lastWords)
      }
      throw error.after(lastWords: program.lastWords)
    }
  }

  /// Tells it which structure comes next.
  func begin(_ structure: Structure, _ patience: Patience) throws(ExchangeError) {
    var bytes: [UInt8] = []
    ExtxyzFormatter.append(structure.withoutResults(), to: &bytes)
    try send("STRU", bytes, patience)
    guard try answer(patience).kind == "DONE" else { throw ASESession.riddle }
  }

  /// What its calculator says about a geometry of the structure.
  func evaluate(
    _ geometry: Geometry, wantsStress: Bool, _ patience: Patience
  ) throws(ExchangeError) -> Evaluation {
    let cell = geometry.cell
    var numbers = [wantsStress ? 1.0 : 0]
    for vector in [cell.a, cell.b, cell.c] + geometry.positions {
      numbers += [vector.x, vector.y, vector.z]
    }
    try send("EVAL", WireNumbers.bytes(numbers), patience)
    let (kind, data) = try answer(patience)
    let atoms = geometry.positions.count
    guard kind == "GAVE", data.count == 8 * (12 + 3 * atoms) else { throw ASESession.riddle }
    let given = WireNumbers.doubles(data)
    var evaluation = Evaluation(energy: given[1], forces: WireNumbers.vectors(given[12...]))
    let flags = Int(given[0])
    if flags & 1 != 0 { evaluation.freeEnergy = given[2] }
    if flags & 2 != 0 {
      let s = Array(given[3..<12])
      evaluation.stress = SymmetricTensor(
        xx: s[0], yy: s[4], zz: s[8], yz: 0.5 * (s[5] + s[7]), xz: 0.5 * (s[2] + s[6]),
        xy: 0.5 * (s[1] + s[3]))
    }
    return evaluation
  }

  /// Ends the process and all it has started.
  func end() { program.end() }

  /// Lets it end by itself.
  func close() {
    channel.close()
    program.waitForEnd(seconds: 1)
    program.end()
  }

  // MARK: - Messages

  private func send(
    _ kind: String, _ data: [UInt8], _ patience: Patience
  ) throws(ExchangeError) {
    try channel.send(Array(kind.utf8) + WireNumbers.bytes(UInt32(data.count)) + data, patience)
  }

  private func answer(
    _ patience: Patience
  ) throws(ExchangeError) -> (kind: String, data: ArraySlice<UInt8>) {
    do throws(ExchangeError) {
      let (kind, data) = try ASESession.message(of: channel, patience)
      if kind == "FAIL" {
        throw .refused(OutputTail.plain(String(decoding: data, as: UTF8.self)))
      }
      return (kind, data)
    } catch {
      if case .refused = error { throw error }
      throw error.after(lastWords: program.lastWords)
    }
  }

  private static let riddle = ExchangeError.nonsense("its answer cannot be understood")

  /// More bytes than any answer has.
  private static let largest = 1 << 28

  private static func message(
    of channel: Channel, _ patience: Patience
  ) throws(ExchangeError) -> (kind: String, data: ArraySlice<UInt8>) {
    let kind = String(decoding: try channel.receive(4, patience), as: UTF8.self)
    let count = WireNumbers.unsigned(try channel.receive(4, patience))
    guard ["HELO", "DONE", "GAVE", "FAIL"].contains(kind), count <= largest else {
      throw riddle
    }
    return (kind, try channel.receive(count, patience))
  }

  private static func greeting(_ data: ArraySlice<UInt8>) throws(ExchangeError) -> Greeting {
    guard let json = try? JSONText(parsing: String(decoding: data, as: UTF8.self)),
      case .string(let version)? = json["ase"], case .array(let names)? = json["properties"]
    else { throw riddle }
    return Greeting(
      version: version,
      properties: names.compactMap { if case .string(let name) = $0 { name } else { nil } })
  }
}
