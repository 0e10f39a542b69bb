// SPDX-License-Identifier: MIT

import Files
import Forces
import RelaxNumerics
import Structures

/// What was evaluated of one structure, kept in a file as soon as it is there, so that a run which goes on
/// computes none of it again: the optimizer is led along the same way by what was kept.
///
/// ```
/// head (16 bytes) | record … ; record: length | what was wanted, geometry, evaluation | checksum
/// ```
/// A record that a kill has cut, and all behind a damaged one, do not count.
public final class EvaluationLog {
  private let path: String
  private let head: [UInt8]
  private let begin: () throws -> Void
  /// Nil until there is something to keep.
  private var file: AppendFile?
  /// Records that an earlier process has left and that were not asked for yet, the next one last.
  private var left: [(record: [UInt8], end: Int)] = []
  /// Bytes up to the end of the last record that holds.
  private var end: Int
  private var failure: (any Error)?
  private var lastSync = ContinuousClock.now
  /// Whether the last answer was one of an earlier process.
  private(set) var lastWasRecalled = false

  private static let signature = Array("relaxev1".utf8)

  /// The log at `path`, which is made when there is something to keep.
  ///
  /// - Parameters:
  ///   - source: of the structure and of all settings that decide what is evaluated; a log of another
  ///     source is begun anew.
  ///   - resuming: whether what is there is to be recalled.
  ///   - begin: called before the file is made or changed.
  /// - Throws: kind `unreadable` or `unwritable`, for a log that is there.
  public init(
    path: String, source: Checksum, resuming: Bool, begin: @escaping () throws -> Void = {}
  ) throws(FileError) {
    (self.path, self.begin) = (path, begin)
    head = EvaluationLog.signature + source.value.littleEndianBytes
    end = head.count
    guard resuming, FilePlace(path).kind == .file else { return }
    let file = try AppendFile.reopen(path)
    let bytes = try file.read(offset: 0, count: file.length)
    guard bytes.starts(with: head) else { return }
    self.file = file
    left = EvaluationLog.records(in: bytes, from: head.count).reversed()
  }

  private static func records(in bytes: [UInt8], from start: Int) -> [(record: [UInt8], end: Int)] {
    var records: [(record: [UInt8], end: Int)] = []
    var place = start
    while let length = RecordAssembler.length(bytes[place...]), length <= bytes.count - place - 8 {
      let record = Array(bytes[place + 8..<place + length])
      let end = place + length + 8
      guard Checksum(of: record).value.littleEndianBytes == Array(bytes[end - 8..<end]) else {
        break
      }
      records.append((record, end))
      place = end
    }
    return records
  }

  /// Where the log of a structure of a run lies: hidden beside the relaxed structures.
  static func path(of relaxed: String, index: Int) -> String {
    HiddenFile.path("evaluations", of: relaxed, number: index)
  }

  /// What was kept for this question; nil if nothing is left, or another question comes next.
  func recall(_ geometry: Geometry, _ wanting: Quantities) -> Evaluation? {
    lastWasRecalled = false
    guard let next = left.last else { return nil }
    guard next.record.dropFirst().starts(with: EvaluationLog.checksum(of: geometry)),
      let evaluation = Evaluation(
        recorded: next.record.dropFirst(9), atoms: geometry.positions.count),
      evaluation.answers(wanting.subtracting(Quantities(rawValue: next.record[0])))
    else {
      // Another way than before: what was kept of it leads nowhere.
      left = []
      return nil
    }
    left.removeLast()
    end = next.end
    lastWasRecalled = true
    return evaluation
  }

  /// Keeps an answer.
  func keep(_ evaluation: Evaluation, _ geometry: Geometry, _ wanting: Quantities) {
    guard failure == nil else { return }
    let record =
      [wanting.rawValue] + EvaluationLog.checksum(of: geometry) + evaluation.recorded
    do {
      let file = try self.file ?? make()
      if file.length > end { try file.truncate(to: end) }
      try file.append(
        UInt64(record.count).littleEndianBytes + record
          + Checksum(of: record).value.littleEndianBytes)
      end = file.length
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
    if let known = log.recall(geometry, wanting) { return known }
    let evaluation = try evaluator.evaluate(
      geometry, wanting: wanting, cancellation: cancellation)
    log.keep(evaluation, geometry, wanting)
    return evaluation
  }

  mutating func close() { evaluator.close() }
}
