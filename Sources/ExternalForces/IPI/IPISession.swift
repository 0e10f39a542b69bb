// SPDX-License-Identifier: MIT

import CLibrary
import Forces
import RelaxNumerics
import Structures

/// The server's side of a conversation with one driver, about one structure after another if it can.
///
/// Drivers differ in their habits, all of which are taken: some ask for INIT before every evaluation, some never;
/// extras are anything or nothing; some send half a virial; some answer once more READY to what they have.
final class IPISession: ForceSession {
  private let channel: Channel
  /// The program that speaks, if we started it, and what goes when it does.
  private let launch: IPILaunch?
  private var structure = Structure(elements: [], positions: [])
  /// Number of the structure over this connection, as a replica's.
  private var replica = -1
  /// The driver's answer to a STATUS that was sent already.
  private var answered: IPIWord?
  /// Whether the driver was told the structure.
  private var isTold = false
  /// Whether it understood.
  private(set) var takesStructures = false
  /// Whether it reads all of INIT's text, whatever that is.
  private let readsTexts: Bool

  /// A conversation over a connected socket, which is closed at the end.
  ///
  /// - Parameter peer: name of the program at the other end, if it is known.
  init(_ descriptor: Int32, _ launch: IPILaunch? = nil, peer: String? = nil) {
    self.launch = launch
    readsTexts = ConnectedProgram.readsTexts(peer)
    channel = Channel(descriptor, to: launch?.program)
  }

  // MARK: - Structures

  /// Whether the structure that comes next can be one that the driver knows nothing about yet.
  func canGoOn(with next: Structure) -> Bool {
    takesStructures || isSame(next)
      // Who was told and asks again may have understood; the number of atoms in its answer will show.
      || readsTexts && isTold && next.count != structure.count
  }

  private func isSame(_ next: Structure) -> Bool {
    structure.elements == next.elements
      && structure.cell.periodicity == next.cell.periodicity
  }

  /// Whether the driver is still there and silent, as it should be between structures.
  var isQuiet: Bool { channel.isQuiet }

  /// Begins with a structure, and waits until the driver is there.
  func begin(_ structure: Structure, _ patience: Patience) throws(ExchangeError) {
    let isKnown = replica < 0 || takesStructures || isSame(structure)
    self.structure = structure
    (replica, isTold) = (replica + 1, false)
    do throws(ExchangeError) {
      answered = try ask(patience)
    } catch { throw explained(error) }
    guard isKnown || answered == .needInit else {
      throw .ended("it knows one structure, and does not ask for another")
    }
  }

  // MARK: - Evaluations

  /// More answers than one evaluation needs.
  private static let mostAnswers = 16

  func evaluate(
    _ geometry: Geometry, wantsStress: Bool, _ patience: Patience
  ) throws(ExchangeError) -> Evaluation {
    do throws(ExchangeError) {
      var (isPlaced, asked) = (false, 0)
      for _ in 0..<IPISession.mostAnswers {
        let answer = try answer(patience)
        switch answer {
        case .needInit:
          asked += 1
          try initialize(
            geometry.cell, tells: takesStructures || readsTexts || asked > 1, patience)
        case .ready where takesStructures && !isTold:
          try initialize(geometry.cell, tells: true, patience)
        case .ready:
          try channel.send(geometry.ipiMessage, patience)
          (isPlaced, asked) = (true, 0)
        case .haveData where isPlaced: return try forces(geometry, patience)
        default:
          throw .nonsense("it answers \(answer.rawValue) to STATUS, before it has any positions")
        }
      }
      throw .nonsense("it asks for the same again and again")
    } catch { throw explained(error) }
  }

  /// What it answers to STATUS, or has answered already.
  private func answer(_ patience: Patience) throws(ExchangeError) -> IPIWord {
    guard let known = answered else { return try ask(patience) }
    answered = nil
    return known
  }

  private func ask(_ patience: Patience) throws(ExchangeError) -> IPIWord {
    try channel.send(IPIWord.status.bytes, patience)
    return try word(patience)
  }

  /// INIT: which structure it is if the driver wants to know, else a NUL.
  ///
  /// Quantum ESPRESSO takes one byte, whatever its length, and reads the rest as words: so nobody is told but who
  /// was not content with one, or is known to read all (`ConnectedProgram`).
  private func initialize(
    _ cell: Cell, tells: Bool, _ patience: Patience
  ) throws(ExchangeError) {
    let text = tells ? IPIStructureText.text(of: structure, cell: cell) : [0]
    try channel.send(
      IPIWord.initialize.bytes + WireNumbers.bytes(UInt32(replica))
        + WireNumbers.bytes(UInt32(text.count)) + text, patience)
    if tells { isTold = true }
  }

  private func forces(
    _ geometry: Geometry, _ patience: Patience
  ) throws(ExchangeError) -> Evaluation {
    try channel.send(IPIWord.getForces.bytes, patience)
    let answer = try word(patience)
    guard answer == .forcesReady else {
      throw .nonsense("it answers \(answer.rawValue) where FORCEREADY belongs")
    }
    let energy = WireNumbers.doubles(try channel.receive(8, patience))[0]
    let atoms = geometry.positions.count
    let count = WireNumbers.unsigned(try channel.receive(4, patience))
    guard count == atoms else {
      throw .nonsense("it gives forces on \(count) atoms, but the structure has \(atoms)")
    }
    let forces = WireNumbers.doubles(try channel.receive(24 * atoms, patience))
    let virial = WireNumbers.doubles(try channel.receive(72, patience))
    let length = WireNumbers.unsigned(try channel.receive(4, patience))
    guard length <= IPISession.longestExtras else {
      throw .nonsense("it announces \(length) bytes of extras")
    }
    let extras = Array(try channel.receive(length, patience))
    let said = IPIExtras(extras, about: structure)
    if isTold && said.tookStructure { takesStructures = true }
    var evaluation = IPIForces(energy: energy, forces: forces, virial: virial, extras: extras)
      .evaluation(in: geometry.cell)
    if said.lacksEnergy { evaluation.energy = nil }
    return evaluation
  }

  /// More bytes than extras have, even with a dipole for every atom.
  private static let longestExtras = 1 << 26

  private func word(_ patience: Patience) throws(ExchangeError) -> IPIWord {
    let bytes = try channel.receive(IPIWord.length, patience)
    guard let word = IPIWord(bytes) else {
      throw .nonsense(
        "it says `\(OutputTail.plain(IPIWord.text(bytes)))`, which is no word of i-PI")
    }
    return word
  }

  /// With the program's last words, if it is one of ours.
  private func explained(_ error: ExchangeError) -> ExchangeError {
    launch.map { error.after(lastWords: $0.program.lastWords) } ?? error
  }

  // MARK: - The end

  /// Seconds that a program has to end by itself after EXIT.
  private static let grace = 5.0

  /// Says EXIT, and lets a program of ours end by itself; how it does is its own affair (LAMMPS calls EXIT an
  /// error).
  func close() {
    sayExit()
    launch?.program.waitForEnd(seconds: IPISession.grace)
    channel.close()
    launch?.end()
  }

  /// Ends it at once.
  ///
  /// A driver that others started is told, for it may yet hear it.
  func end() {
    if launch == nil { sayExit() }
    channel.close()
    launch?.end()
  }

  private func sayExit() {
    do throws(ExchangeError) {
      try channel.send(IPIWord.exit.bytes, Patience(seconds: 0.2, .never))
    } catch {
      // It is gone, or does not listen: as good as told.
    }
  }
}
