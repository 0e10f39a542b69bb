// SPDX-License-Identifier: MIT

import CLibrary
import Files
import Forces
import RelaxNumerics
import Structures

/// The driver's side of the i-PI protocol: answers what a server asks about a structure, by any provider.
///
/// It does as ASE's `SocketClient` does (unless relax itself is the server, on this machine), READY from the first STATUS on, and reads by lengths alone, so that a
/// server may send several messages at once. INIT is taken whenever it comes: a structure in it replaces the
/// present one (`IPIStructureText`), `batch_size:N` in it makes the messages hold N geometries each.
public struct IPIDriver {
  private let provider: any ForceProvider
  private var wish: Wish
  private let dialect: IPIDialect
  private var replicas: IPIReplicas
  /// Geometries a message.
  private var batch = 1
  /// Whether the structure is one that INIT told of.
  private var tookStructure = false
  /// Whether INIT is to come before anything else.
  private var needsInit: Bool
  /// What is to be said when forces are asked for.
  private var reply: [UInt8]?

  /// What a driver wants to hear from the server in INIT.
  public enum Wish: Hashable, Sendable {
    /// Nothing: it is READY from the first STATUS on.
    case nothing
    /// Anything, before each evaluation: i-PI then tells the size of its batches.
    case settings
    /// The structure, until it is told: so does relax as a server, and nobody else.
    case structure
  }

  /// What ended a conversation before its time.
  public struct Failure: Error, CustomStringConvertible {
    /// What kind of failure.
    public enum Kind: Hashable, Sendable {
      /// There is no server.
      case unreachable
      /// The server says what cannot be understood or answered, or broke off.
      case conversation
    }

    /// What kind of failure.
    public let kind: Kind
    /// What happened, in words.
    public let description: String
  }

  /// A driver for `structure`, which says NEEDINIT as far as it has a `wish`.
  public init(
    _ structure: Structure, _ provider: any ForceProvider, wish: Wish = .nothing,
    dialect: IPIDialect = .plain
  ) {
    (self.provider, self.wish, self.dialect) = (provider, wish, dialect)
    replicas = IPIReplicas(structure, provider)
    needsInit = wish != .nothing
  }

  /// Connects to a server and answers until it says EXIT or closes the connection between two messages.
  ///
  /// - Parameter seconds: for which connecting is tried again, since servers often start later.
  /// - Throws: `Failure`, and the provider's `ForceError`, for which the protocol has no word.
  public mutating func run(connectingTo address: IPIAddress, seconds: Double = 30) throws {
    let channel: Channel
    do throws(ExchangeError) {
      let descriptor = try IPIDriver.connected(to: address, seconds)
      // Relax itself tells structures to who asks for them.
      if wish == .nothing, ConnectedProgram.isOurs(ConnectedProgram.program(of: descriptor)) {
        (wish, needsInit) = (.structure, true)
      }
      channel = Channel(descriptor)
    } catch { throw Failure(kind: .unreachable, description: error.reason) }
    try run(channel)
  }

  /// Answers over a connection.
  mutating func run(_ channel: Channel) throws {
    defer {
      channel.close()
      replicas.close()
    }
    do {
      while try step(channel) {}
    } catch let error as ExchangeError {
      throw Failure(kind: .conversation, description: "the server: \(error.reason)")
    }
  }

  /// Connects, again and again while nobody listens.
  private static func connected(
    to address: IPIAddress, _ seconds: Double
  ) throws(ExchangeError) -> Int32 {
    let end = ContinuousClock.now + .seconds(seconds)
    let places = try address.resolved()
    while true {
      var reason = "it has no address"
      for place in places {
        switch place.connected() {
        case .success(let descriptor): return descriptor
        case .failure(let error): reason = error.reason
        }
      }
      guard ContinuousClock.now < end else {
        throw .notStarted(
          "no server listens at \(PathText.shown(address.text)): \(reason) "
            + "(tried for \(seconds.shortText) s)")
      }
      usleep(50_000)
    }
  }

  // MARK: - Messages

  /// Servers take their time.
  private let patience = Patience(seconds: nil, .never)

  /// Takes one message.
  ///
  /// - Returns: whether the conversation goes on.
  private mutating func step(_ channel: Channel) throws -> Bool {
    guard let header = try channel.receiveIfAny(IPIWord.length, patience) else { return false }
    switch IPIWord(header) {
    case .status:
      let state: IPIWord = needsInit ? .needInit : reply != nil ? .haveData : .ready
      try channel.send(state.bytes, patience)
    case .initialize: try takeInit(channel)
    case .positions:
      // At once, as others do it: the server waits for the answer to its next STATUS.
      reply = try forces(of: try geometries(channel))
    case .getForces:
      guard let reply else {
        throw ExchangeError.nonsense("it asks for forces (GETFORCE) before it gave positions")
      }
      try channel.send(reply, patience)
      self.reply = nil
      if wish == .settings { needsInit = true }
    case .exit: return false
    default:
      throw ExchangeError.nonsense(
        "it says `\(OutputTail.plain(IPIWord.text(header)))`, which no driver understands")
    }
    return true
  }

  /// More bytes than anybody has to tell a driver.
  private static let longestInit = 1 << 28

  /// INIT: number of the replica, length and text.
  private mutating func takeInit(_ channel: Channel) throws {
    _ = try channel.receive(4, patience)
    let length = WireNumbers.unsigned(try channel.receive(4, patience))
    guard length <= IPIDriver.longestInit else {
      throw ExchangeError.nonsense("it announces a text of \(length) bytes (INIT)")
    }
    let text = try channel.receive(length, patience)
    if wish != .structure { needsInit = false }
    if let structure = try IPIStructureText.structure(in: text) {
      (tookStructure, needsInit) = (true, false)
      replicas.replace(by: structure)
    }
    // Texts of a structure told exactly are anybody's.
    if dialect == .plain { batch = try IPIBatch.size(in: text) }
  }

  /// POSDATA: h and its inverse, which is not looked at, the number of atoms, positions; in batches the number
  /// comes first, then what belongs to each.
  private func geometries(_ channel: Channel) throws -> [Geometry] {
    func matrices() throws -> [Double] {
      WireNumbers.doubles(try channel.receive(144, patience).prefix(72))
    }
    var atoms = 0
    func count() throws {
      atoms = WireNumbers.unsigned(try channel.receive(4, patience))
      let own = replicas.structure.count
      guard atoms == own else {
        throw ExchangeError.nonsense(
          "it gives positions of \(atoms) atoms, but the structure has \(own)")
      }
    }
    if batch > 1 { try count() }
    let cells = try (0..<batch).map { _ in try matrices() }
    if batch == 1 { try count() }
    return try cells.map { h in
      let numbers = WireNumbers.doubles(try channel.receive(24 * atoms, patience))
      return dialect.geometry(h, numbers, replicas.structure.cell.periodicity)
    }
  }

  /// FORCEREADY with energies, number of atoms, forces, virials and extras.
  private mutating func forces(of geometries: [Geometry]) throws -> [UInt8] {
    let answers = try answers(about: geometries)
    var bytes = IPIWord.forcesReady.bytes + WireNumbers.bytes(answers.map(\.energy))
    bytes += WireNumbers.bytes(UInt32(replicas.structure.count))
    for answer in answers { bytes += WireNumbers.bytes(answer.forces) }
    for answer in answers { bytes += WireNumbers.bytes(answer.virial) }
    for answer in answers {
      bytes += WireNumbers.bytes(UInt32(answer.extras.count)) + answer.extras
    }
    return bytes
  }

  private mutating func answers(about geometries: [Geometry]) throws(ForceError) -> [IPIForces] {
    let found: [Evaluation]
    do throws(ForceError) {
      found = try replicas.evaluate(geometries, anew: dialect == .exact)
    } catch {
      guard dialect == .exact else { throw error }
      return [IPIForces(failure: error.description, atoms: replicas.structure.count)]
    }
    return zip(found, geometries).map { evaluation, geometry in
      if dialect == .exact { return IPIForces(exactly: evaluation) }
      let extras = IPIExtras(tookStructure: tookStructure, lacksEnergy: evaluation.energy == nil)
      return IPIForces(evaluation, volume: geometry.cell.volume, extras: extras.bytes)
    }
  }
}
