// SPDX-License-Identifier: MIT

import Files
import RelaxNumerics
import Structures

/// Reads OC20's records, pickled graphs of PyTorch Geometric, in the order of their numbers.
///
/// A record with an initial and a relaxed geometry is two frames, with `role=initial` and `role=relaxed`.
/// Nothing in a pickle is executed.
final class GraphDatabaseReader: FrameSource {
  let file: String
  let energies: String? =
    "OC20's: y_init and y_relaxed are adsorption energies in its IS2RE sets; y of an S2EF set is the total energy unless it "
    + "was made relative"
  private let database: LMDBFile
  private let baseName: String
  /// How many records there are.
  private let count: Int
  private var record = 0
  private var index = 0
  /// The second frame of the record read last.
  private var waiting: Frame?

  init(_ database: LMDBFile) throws(FileError) {
    (file, self.database) = (database.path, database)
    baseName = StructureReader.baseName(of: database.path)
    if let bytes = try database.value(of: Array("length".utf8)) {
      var machine = PickleMachine(bytes, dialect: .graph)
      guard case .integer(let length) = try? machine.run(), length >= 0 else {
        throw FileError(.framing, file: file, part: "length", "expected a pickled whole number")
      }
      count = length
    } else {
      count = database.count
    }
    guard count > 0 else {
      throw FileError(.framing, file: file, "the database contains no structures")
    }
    guard try database.value(of: Array("0".utf8)) != nil else {
      throw FileError(
        .framing, file: file,
        "this LMDB database has no record 0: it is neither one of OC20's graphs nor an .aselmdb")
    }
  }

  func next() throws(FileError) -> Frame? {
    if let frame = waiting {
      waiting = nil
      return frame
    }
    guard record < count else { return nil }
    defer { record += 1 }
    let part = "record \(record)"
    guard let bytes = try database.value(of: Array("\(record)".utf8)) else {
      throw FileError(
        .framing, file: file, part: part, "the record is missing, of \(count) that there should be")
    }
    let frames: [Result<Structure, FileError>]
    do throws(DataError) {
      frames = try GraphRecord(bytes).structures().map { .success($0) }
    } catch {
      guard error.kind == .content else {
        throw FileError(.framing, file: file, part: part, error.reason)
      }
      frames = [.failure(FileError(.content, file: file, part: part, error.reason))]
    }
    let made = frames.map { frame(of: $0) }
    waiting = made.count > 1 ? made[1] : nil
    return made[0]
  }

  private func frame(of content: Result<Structure, FileError>) -> Frame {
    defer { index += 1 }
    let identifier = (try? content.get())?.identifier ?? "\(baseName)#\(index)"
    return Frame(index: index, line: nil, identifier: identifier, content: content)
  }
}

/// One record: the fields of a graph of PyTorch Geometric.
struct GraphRecord {
  private let heap: PickleHeap
  private let fields: PickleHeap.Dictionary

  /// Takes a pickle apart; versions 1 and 2 of the library lay fields out differently.
  init(_ bytes: [UInt8]) throws(DataError) {
    var machine = PickleMachine(bytes, dialect: .graph)
    let root = try machine.run()
    heap = machine.heap
    guard let object = heap.dictionary(root) else { throw DataError("the record is no graph") }
    if let store = heap.dictionary(object["_store"]) {
      guard let mapping = heap.dictionary(store["_mapping"]) else {
        throw DataError("the record is a graph without a mapping of its fields")
      }
      fields = mapping
    } else {
      fields = object
    }
  }

  /// One structure, or two where there is a relaxed geometry.
  ///
  /// - Throws: kind `content`, if fields are missing or do not fit.
  func structures() throws(DataError) -> [Structure] {
    var row = ASERow()
    row.numbers = try numbers("atomic_numbers")
    row.positions = try numbers("pos")
    row.cell = try numbers("cell")
    row.periodicity = try numbers("pbc") ?? [1, 1, 1]
    row.tags = try numbers("tags")
    var base = try row.structure()
    if let count = try numbers("natoms"), count != [Double(base.count)] {
      throw ASERow.unusable("its natoms is \(count.first ?? 0), but it has \(base.count) atoms")
    }
    if let fixed = try numbers("fixed") {
      guard fixed.count == base.count else {
        throw ASERow.unusable("its fixed are \(fixed.count) numbers for \(base.count) atoms")
      }
      guard fixed.allSatisfy({ $0 == 0 || $0 == 1 }) else {
        throw ASERow.unusable("its fixed are neither 0 nor 1")
      }
      base.moveMask = MoveMask(free: fixed.map { $0 == 0 })
    }
    for name in ["sid", "fid"] {
      if let attribute = try label(name) { base.attributes.append(attribute) }
    }
    var initial = base
    for name in ["y_init", "energy", "y"] where initial.energy == nil {
      initial.energy = try first(name)
    }
    for name in ["force", "forces"] where initial.forces == nil {
      initial.forces = try ASERow.vectors(numbers(name), base.count, name)
    }
    guard let relaxed = try ASERow.vectors(numbers("pos_relaxed"), base.count, "pos_relaxed") else {
      return [initial]
    }
    var final = base
    (final.positions, final.energy) = (relaxed, try first("y_relaxed"))
    if let bad = relaxed.firstIndex(where: { !$0.isFinite }) {
      throw ASERow.unusable("the relaxed position of atom \(bad + 1) is not finite")
    }
    initial.attributes.append(Attribute(name: "role", text: "initial"))
    final.attributes.append(Attribute(name: "role", text: "relaxed"))
    return [initial, final]
  }

  private func first(_ name: String) throws(DataError) -> Double? {
    guard let values = try numbers(name) else { return nil }
    guard values.count == 1 else {
      throw ASERow.unusable("its \(name) are \(values.count) numbers; one is expected")
    }
    return values[0]
  }

  /// The numbers of a field; nil if it is absent or None.
  private func numbers(_ name: String) throws(DataError) -> [Double]? {
    guard let value = fields[name], value != .none else { return nil }
    switch value {
    case .integer(let number): return [Double(number)]
    case .real(let number): return [number]
    case .boolean(let flag): return [flag ? 1 : 0]
    case .tensor:
      guard let tensor = heap.tensor(value), let bytes = heap.contents[tensor.storage.key],
        let numbers = tensor.numbers(in: bytes)
      else { throw DataError("the tensor \(name) has no numbers, or is cut") }
      return numbers
    case .list, .tuple:
      var numbers: [Double] = []
      for element in heap.elements(value) ?? [] {
        switch element {
        case .integer(let number): numbers.append(Double(number))
        case .real(let number): numbers.append(number)
        case .boolean(let flag): numbers.append(flag ? 1 : 0)
        default: throw DataError("the field \(name) is no list of numbers")
        }
      }
      return numbers
    default: throw DataError("the field \(name) holds no numbers")
    }
  }

  /// A number or text that names the record.
  private func label(_ name: String) throws(DataError) -> Attribute? {
    guard let value = fields[name], value != .none else { return nil }
    if case .text(let text) = value { return Attribute(name: name, json: .string(text)) }
    guard let number = try first(name) else { return nil }
    guard let whole = Int(exactly: number) else {
      return Attribute(name: name, numbers: [number])
    }
    return Attribute(name: name, text: "\(whole)")
  }
}
