// SPDX-License-Identifier: MIT

import Foundation
import RelaxNumerics
import Structures
import Testing

@testable import ExternalForces

/// The other side of a conversation, byte by byte and with nothing of the code that is tested.
final class IPIPeer: @unchecked Sendable {
  private let descriptor: Int32
  private var isOpen = true

  init(_ descriptor: Int32) { self.descriptor = descriptor }

  deinit { close() }

  func close() {
    if isOpen { Foundation.close(descriptor) }
    isOpen = false
  }

  /// The next `count` bytes; fewer if the other side ends before.
  func read(_ count: Int) -> [UInt8] {
    var bytes: [UInt8] = []
    while bytes.count < count {
      var buffer = [UInt8](repeating: 0, count: count - bytes.count)
      let found = Foundation.read(descriptor, &buffer, buffer.count)
      guard found > 0 else { break }
      bytes += buffer[..<found]
    }
    return bytes
  }

  func write(_ bytes: [UInt8]) {
    var rest = bytes[...]
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes { send(descriptor, $0.baseAddress, $0.count, noSignal) }
      guard count > 0 else { return }
      rest = rest.dropFirst(count)
    }
  }

  #if os(Linux)
    private let noSignal = Int32(MSG_NOSIGNAL)
  #else
    private let noSignal: Int32 = 0
  #endif

  // MARK: - Parts of messages

  /// A word; empty at the end.
  func word() -> String {
    String(decoding: read(12), as: UTF8.self).trimmingCharacters(in: .whitespaces)
  }

  func say(_ word: String) { write(IPIPeer.header(word)) }

  static func header(_ word: String) -> [UInt8] {
    Array(word.padding(toLength: 12, withPad: " ", startingAt: 0).utf8)
  }

  func integer() -> Int {
    let bytes = read(4)
    return bytes.count == 4
      ? Int(bytes.withUnsafeBytes { $0.loadUnaligned(as: Int32.self) }.littleEndian) : -1
  }

  static func integer(_ number: Int) -> [UInt8] {
    withUnsafeBytes(of: Int32(number).littleEndian) { Array($0) }
  }

  func doubles(_ count: Int) -> [Double] { IPIPeer.doubles(read(8 * count)) }

  static func doubles(_ bytes: [UInt8]) -> [Double] {
    bytes.withUnsafeBytes { buffer in
      (0..<buffer.count / 8).map { buffer.loadUnaligned(fromByteOffset: 8 * $0, as: Double.self) }
    }
  }

  static func doubles(_ numbers: [Double]) -> [UInt8] { numbers.withUnsafeBytes { Array($0) } }

  /// What POSDATA holds, once its word was read.
  func positions() -> (h: [Double], inverse: [Double], positions: [Double]) {
    let h = doubles(9), inverse = doubles(9)
    return (h, inverse, doubles(3 * max(0, integer())))
  }

  /// FORCEREADY and what belongs to it.
  static func reply(
    _ forces: [Double], energy: Double = 1, virial: [Double] = Array(repeating: 0, count: 9),
    extras: [UInt8] = [0], atoms: Int? = nil
  ) -> [UInt8] {
    header("FORCEREADY") + doubles([energy]) + integer(atoms ?? forces.count / 3) + doubles(forces)
      + doubles(virial) + integer(extras.count) + extras
  }

  /// Reads what FORCEREADY announces.
  func forces() -> (energy: Double, forces: [Double], virial: [Double], extras: [UInt8]) {
    let energy = doubles(1).first ?? .nan
    let forces = doubles(3 * max(0, integer())), virial = doubles(9)
    return (energy, forces, virial, read(max(0, integer())))
  }

  // MARK: - Conversations

  /// Runs `script` on a thread of its own at one end of a link and `body` at the other; waits for both.
  static func with<Result>(
    _ script: @escaping @Sendable (IPIPeer) -> Void, _ body: (Int32) throws -> Result
  ) throws -> Result {
    let (own, other) = try Channel.pair()
    let peer = IPIPeer(other)
    let isDone = DispatchSemaphore(value: 0)
    Thread.detachNewThread {
      script(peer)
      peer.close()
      isDone.signal()
    }
    defer { isDone.wait() }
    return try body(own)
  }
}

extension Patience {
  /// More than any test takes.
  static var minute: Patience { Patience(seconds: 60, .never) }
}

/// Structures for conversations.
enum IPIExamples {
  /// Atoms in a sheared, left-handed cell.
  static let sheared = Structure(
    elements: elements("Cu", "Cu", "O"),
    positions: [Vector3(0.1, 0.2, 0.3), Vector3(1.9, 0.4, 2.1), Vector3(0.7, 1.8, 1.5)],
    cell: Cell(Vector3(0.3, 5.2, -0.4), Vector3(6.1, 0.5, 0.2), Vector3(-0.7, 0.9, 7.3)))

  static let molecule = Structure(
    elements: elements("O", "H", "H"),
    positions: [Vector3(0, 0, 0), Vector3(0.8, 0.6, 0), Vector3(-0.8, 0.6, 0)])

  static func elements(_ symbols: String...) -> [Element] {
    symbols.compactMap { Element(symbol: $0) }
  }

  /// Bohr in Å and Hartree in eV, as ASE has them.
  static let bohr = 0.5291772105638411, hartree = 27.211386024367243
}
