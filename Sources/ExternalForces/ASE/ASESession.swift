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
  /// How many evaluations it was asked for.
  private var evaluations = 0

  /// What a process says when its calculator is ready.
  struct Greeting: Hashable, Sendable {
    /// Version of ASE.
    var version: String
    /// Names of what the calculator computes.
    var properties: [String]
  }

  /// What the script is told of its process, `RELAX_WORKER`: a number, behind that of the shard (`RELAX_SHARD`) if the run
  /// is one, so that calculators of all shards can have folders of their own in one place.
  static func name(of worker: Int) -> String {
    let shard = getenv("RELAX_SHARD").map { String(cString: $0) } ?? ""
    return shard.isEmpty ? "\(worker)" : "\(shard).\(worker)"
  }

  /// Starts a process and waits until it has its calculator.
  ///
  /// - Throws: kind `notStarted`; kind `refused` for what the script itself does wrong.
  init(_ settings: ASESettings, worker: Int, _ cancellation: Cancellation) throws(ExchangeError) {
    let (own, peer) = try Channel.pair()
    channel = Channel(own)
    var environment = ["RELAX_WORKER": ASESession.name(of: worker), "PYTHONUNBUFFERED": "1"]
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
        throw .refused(OutputTail.told(String(decoding: data, as: UTF8.self)))
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
    var bare = structure.withoutResults()
    var info: [JSONText.Member] = []
    for attribute in bare.attributes where !info.contains(where: { $0.key == attribute.name }) {
      info.append(JSONText.Member(attribute.name, attribute.value))
    }
    // As JSON, for texts that are empty or look like numbers would not come through a comment line.
    let entries = Array(JSONText.object(info).text(.oneLine).utf8)
    bare.attributes = []
    var bytes = WireNumbers.bytes(UInt32(entries.count)) + entries
    ExtxyzFormatter.append(bare, to: &bytes)
    try send("STRU", bytes, patience)
    guard try answer(patience).kind == "DONE" else { throw ASESession.riddle }
  }

  /// What its calculator says about a geometry of the structure.
  func evaluate(
    _ geometry: Geometry, wantsStress: Bool, _ patience: Patience
  ) throws(ExchangeError) -> Evaluation {
    let cell = geometry.cell
    evaluations += 1
    var numbers = [wantsStress ? 1.0 : 0, Double(evaluations)]
    for vector in [cell.a, cell.b, cell.c] + geometry.positions {
      numbers += [vector.x, vector.y, vector.z]
    }
    try send("EVAL", WireNumbers.bytes(numbers), patience)
    let (kind, data) = try answer(patience)
    let atoms = geometry.positions.count
    guard kind == "GAVE", data.count == 8 * (13 + 3 * atoms) else { throw ASESession.riddle }
    let given = WireNumbers.doubles(data)
    guard given[1] == Double(evaluations) else {
      throw .nonsense("it answers another question than the one asked")
    }
    var evaluation = Evaluation(energy: given[2], forces: WireNumbers.vectors(given[13...]))
    let flags = Int(given[0])
    if flags & 1 != 0 { evaluation.freeEnergy = given[3] }
    if flags & 2 != 0 {
      let s = Array(given[4..<13])
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
        throw .refused(OutputTail.told(String(decoding: data, as: UTF8.self)))
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
