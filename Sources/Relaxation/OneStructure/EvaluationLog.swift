// SPDX-License-Identifier: MIT

import Files
import Forces
import RelaxNumerics
import Structures

/// What was evaluated of one structure, kept in a file, so that a run which goes on computes none of it again: the
/// optimizer is led along the same way by what was kept.
///
/// ```
/// head (16 bytes) | record … ; record: length | what was wanted, geometry, evaluation | checksum
/// ```
/// A record that a kill has cut, and all behind a damaged one, do not count.
public final class EvaluationLog {
  /// When evaluations go to the file.
  public enum Pace: Hashable, Sendable {
    /// Each at once: it took longer than writing it.
    case atOnce
    /// Together, after some seconds: structures that are done before leave no file. Those of the first time are not
    /// kept: they are soon made again.
    case together(after: Duration)
  }

  private let path: () -> String
  private let source: () -> Checksum
  private let pace: Pace
  private let begin: () throws -> Void
  /// Nil until there is something to keep.
  private var file: AppendFile?
  /// Where the next record of an earlier process begins; nil if none is left.
  private var next: Int?
  /// Bytes up to the end of the last record that holds.
  private var end = EvaluationLog.headLength
  /// What is to go to the file, in the order of the questions.
  private var pending: [(geometry: Geometry, wanting: Quantities, evaluation: Evaluation)] = []
  private var pendingAtoms = 0
  private let birth = ContinuousClock.now
  private var lastWrite = ContinuousClock.now
  private var failure: (any Error)?
  private var lastSync = ContinuousClock.now
  /// Whether the last answer was one of an earlier process.
  private(set) var lastWasRecalled = false

  private static let signature = Array("relaxev1".utf8)
  private static let headLength = 16
  private var head: [UInt8] { EvaluationLog.signature + source().value.littleEndianBytes }
  /// What is kept together waits no longer than this, and has no more atoms: 16 MB.
  private static let longestWait = Duration.seconds(10)
  private static let mostPendingAtoms = 1 << 18

  /// The log at `path`, which is made when there is something to keep.
  ///
  /// Where and of what it is, is asked for when it matters: most structures are done before.
  ///
  /// - Parameters:
  ///   - source: of the structure and of what evaluates it; a log of another source is begun anew.
  ///   - resuming: whether what is there is to be recalled.
  ///   - begin: called before the file is made or changed.
  /// - Throws: kind `unreadable` or `unwritable`, for a log that is there.
  public init(
    path: @escaping @autoclosure () -> String, source: @escaping @autoclosure () -> Checksum,
    resuming: Bool, pace: Pace = .atOnce, begin: @escaping () throws -> Void = {}
  ) throws(FileError) {
    (self.path, self.source, self.pace, self.begin) = (path, source, pace, begin)
    guard resuming, FilePlace(path()).kind == .file else { return }
    let file = try AppendFile.reopen(path())
    let head = head
    guard file.length >= head.count, try file.read(offset: 0, count: head.count) == head else {
      return
    }
    (self.file, next) = (file, head.count)
  }

  /// Whether there is a file.
  var isOnDisk: Bool { file != nil }

  /// The next record of an earlier process, and where it ends.
  private func nextRecord() -> (record: [UInt8], end: Int)? {
    guard let file, let start = next, start + 8 <= file.length,
      let bytes = try? file.read(offset: start, count: 8),
      let length = RecordAssembler.length(bytes[...]), length <= file.length - start - 8,
      let sealed = try? file.read(offset: start + 8, count: length)
    else { return nil }
    let record = Array(sealed.dropLast(8))
    guard Checksum(of: record).value.littleEndianBytes == Array(sealed.suffix(8)) else {
      return nil
    }
    return (record, start + length + 8)
  }

  /// Where the log of a structure of a run lies: hidden beside the relaxed structures.
  static func path(of relaxed: String, index: Int) -> String {
    HiddenFile.path("evaluations", of: relaxed, number: index)
  }

  /// What was kept for this question; nil if nothing is left, or another question comes next.
  func recall(_ geometry: Geometry, _ wanting: Quantities) -> Evaluation? {
    lastWasRecalled = false
    guard next != nil else { return nil }
    guard let (record, recordEnd) = nextRecord(), record.count > 9,
      record.dropFirst().starts(with: EvaluationLog.checksum(of: geometry)),
      let evaluation = Evaluation(
        recorded: record.dropFirst(9), atoms: geometry.positions.count),
      evaluation.answers(wanting.subtracting(Quantities(rawValue: record[0])))
    else {
      // Another way than before, or the end: what was kept of it leads nowhere. But for the first evaluations, which were
      // not kept.
      if pace == .atOnce || nextRecord() == nil { next = nil }
      return nil
    }
    (next, end) = (recordEnd, recordEnd)
    lastWasRecalled = true
    return evaluation
  }

  /// Keeps an answer.
  func keep(_ evaluation: Evaluation, _ geometry: Geometry, _ wanting: Quantities) {
    if case .together(let youth) = pace {
      // Until it is where the earlier process began to keep, there is nothing to add.
      guard next == nil, ContinuousClock.now - birth >= youth else { return }
    }
    pending.append((geometry, wanting, evaluation))
    pendingAtoms += geometry.positions.count
    if pace == .atOnce || pendingAtoms > EvaluationLog.mostPendingAtoms
      || ContinuousClock.now - lastWrite > EvaluationLog.longestWait
    {
      writePending()
    }
  }

  /// Writes what waits: the structure is not done, and somebody will go on.
  func flush() throws {
    writePending()
    try requireWritten()
  }

  private func writePending() {
    guard failure == nil, !pending.isEmpty else { return }
    do {
      let file = try self.file ?? make()
      if file.length > end { try file.truncate(to: end) }
      for (geometry, wanting, evaluation) in pending {
        let record =
          [wanting.rawValue] + EvaluationLog.checksum(of: geometry) + evaluation.recorded
        try file.append(
          UInt64(record.count).littleEndianBytes + record
            + Checksum(of: record).value.littleEndianBytes)
        end = file.length
      }
      (pending, pendingAtoms) = ([], 0)
      lastWrite = .now
      // What took long outlives a power failure, too.
      if ContinuousClock.now - lastSync > .seconds(10) {
        try file.synchronize()
        lastSync = .now
      }
    } catch {
      failure = error
    }
  }

  private func make() throws -> AppendFile {
    try begin()
    let path = path()
    guard [.missing, .file].contains(FilePlace(path).kind) else {
      throw FileError(.unwritable, file: path, "something that is no file is in its place")
    }
    let file = try AppendFile.create(path, replacing: true)
    try file.append(head)
    self.file = file
    return file
  }

  /// Reports what could not be kept: a run that would lose work ends.
  func requireWritten() throws { if let failure { throw failure } }

  /// Removes the file, if there is one.
  func remove() { if isOnDisk { AppendFile.remove(path()) } }

  private static func checksum(of geometry: Geometry) -> [UInt8] {
    var sum = Checksum()
    let cell = geometry.cell
    let vectors = [cell.a, cell.b, cell.c] + geometry.positions
    sum.update(vectors.flatMap { [$0.x, $0.y, $0.z] }.littleEndianBytes)
    return sum.value.littleEndianBytes
  }
}

extension Evaluation {
  /// All that it holds, as bytes.
  fileprivate var recorded: [UInt8] {
    let flags: [UInt8] = [energy != nil, freeEnergy != nil, stress != nil, coverage == .free]
      .map { $0 ? 1 : 0 }
    let numbers = [energy ?? 0, freeEnergy ?? 0] + (stress ?? .zero).voigt
    return flags + (numbers + forces.flatMap { [$0.x, $0.y, $0.z] }).littleEndianBytes
  }

  /// Whether it holds `quantities`, asked for or not.
  fileprivate func answers(_ quantities: Quantities) -> Bool {
    (!quantities.contains(.energy) || energy != nil)
      && (!quantities.contains(.stress) || stress != nil)
      && (quantities.isDisjoint(with: .forces) || coverage == .all)
  }

  fileprivate init?(recorded bytes: ArraySlice<UInt8>, atoms: Int) {
    guard bytes.count == 4 + 8 * (8 + 3 * atoms) else { return nil }
    let flags = bytes.prefix(4).map { $0 == 1 }
    let numbers = [Double](littleEndianBytes: bytes.dropFirst(4))
    self.init(
      energy: flags[0] ? numbers[0] : nil,
      forces: (0..<atoms).map { atom in
        Vector3(numbers[8 + 3 * atom], numbers[9 + 3 * atom], numbers[10 + 3 * atom])
      }, coverage: flags[3] ? .free : .all,
      stress: flags[2] ? SymmetricTensor(voigt: Array(numbers[2..<8])) : nil)
    freeEnergy = flags[1] ? numbers[1] : nil
  }
}

/// An evaluator whose answers are kept, and given again where an earlier process has kept them.
struct LoggedEvaluator: Evaluator {
  private var evaluator: any Evaluator
  private let log: EvaluationLog

  init(_ evaluator: any Evaluator, _ log: EvaluationLog) {
    (self.evaluator, self.log) = (evaluator, log)
  }

  mutating func evaluate(
    _ geometry: Geometry, wanting: Quantities, cancellation: Cancellation
  ) throws(ForceError) -> Evaluation {
    if let known = log.recall(geometry, wanting) {
      try evaluator.follow(geometry)
      return known
    }
    let evaluation = try evaluator.evaluate(
      geometry, wanting: wanting, cancellation: cancellation)
    log.keep(evaluation, geometry, wanting)
    return evaluation
  }

  mutating func follow(_ geometry: Geometry) throws(ForceError) { try evaluator.follow(geometry) }

  mutating func forget() { evaluator.forget() }

  mutating func close() { evaluator.close() }
}
