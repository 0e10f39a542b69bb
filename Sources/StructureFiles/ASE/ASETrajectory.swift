// SPDX-License-Identifier: MIT

import Files
import RelaxNumerics
import Structures

/// ASE's trajectory: frames in a ULM file.
struct ASETrajectory: StructureFormat {
  let name = "ASE trajectory"
  let endings = ["traj"]
  let encoder: (any FrameEncoder)? = ASETrajectoryEncoder()
  let isCompressible = false

  func records(_ path: String, _ start: RecordFileStart) throws(FileError) -> any RecordFile {
    try ASETrajectoryFile(path: path, start)
  }

  func recognizes(_ start: FileStart) -> Bool { ULMFile.isLikely(start.bytes) }

  func frames(of file: StructureInput) throws(FileError) -> any FrameSource {
    try ASETrajectoryReader(try file.randomAccess())
  }
}

/// Reads frames one after the other; each has its number as `fid`.
///
/// What frames have in common (elements, pbc, masses, constraints) may stand in the first alone.
final class ASETrajectoryReader: FrameSource {
  let file: String
  private let ulm: ULMFile
  private let baseName: String
  private var index = 0
  private var header = ASERow()

  init(_ file: RandomAccessFile) throws(FileError) {
    self.file = file.path
    baseName = StructureReader.baseName(of: file.path)
    ulm = try ULMFile(file)
    guard ulm.tag == "ASE-Trajectory" else {
      throw FileError(
        .framing, file: file.path,
        "this ULM file holds \(Excerpt.quote(ulm.tag)), not an ASE-Trajectory")
    }
    guard ulm.count > 0 else {
      throw FileError(.framing, file: file.path, "the file contains no structures")
    }
  }

  func next() throws(FileError) -> Frame? {
    guard index < ulm.count else { return nil }
    defer { index += 1 }
    let json = try ulm.json(index)
    let row: ASERow
    do throws(JSONError) {
      row = try self.row(json)
    } catch {
      throw FileError(
        .framing, file: file, "the file is damaged: frame \(index + 1), \(error.description)")
    }
    return Frame(
      index: index, baseName: baseName, file: file, part: "frame \(index + 1)", row: row,
      step: index)
  }

  private func row(_ json: [UInt8]) throws(JSONError) -> ASERow {
    var arrays = ULMArrays(file: ulm)
    arrays.isSwapped = try ASETrajectoryReader.isSwapped(json)
    var row = ASERow()
    var hasNumbers = false
    var cursor = JSONCursor(json, allowsNaN: true)
    try cursor.enterObject()
    while let key = try cursor.nextKey() {
      switch key {
      case "calculator.":
        try cursor.enterObject()
        while let key = try cursor.nextKey() {
          try row.take(ASETrajectoryReader.name(key), in: .calculator, &cursor, arrays)
        }
      default:
        let name = ASETrajectoryReader.name(key)
        if name == "numbers" { hasNumbers = true }
        try row.take(name, in: .frame, &cursor, arrays)
      }
    }
    if index == 0 { header = row }
    if !hasNumbers {
      (row.numbers, row.periodicity) = (header.numbers, header.periodicity)
      (row.masses, row.constraints) = (header.masses, header.constraints)
    }
    return row
  }

  /// The name without the point that marks an array.
  private static func name(_ key: String) -> String {
    key.hasSuffix(".") ? String(key.dropLast()) : key
  }

  /// Whether an item says that its arrays have the most significant byte first.
  private static func isSwapped(_ json: [UInt8]) throws(JSONError) -> Bool {
    var cursor = JSONCursor(json, allowsNaN: true)
    try cursor.enterObject()
    while let key = try cursor.nextKey() {
      if key == "_little_endian" { return try !cursor.boolean() }
      try cursor.skip()
    }
    return false
  }
}

extension Frame {
  /// A frame made of what ASE keeps.
  ///
  /// - Parameters:
  ///   - index: which frame of the file.
  ///   - baseName: what the file is called.
  ///   - file: path of the file.
  ///   - part: which part of it messages name.
  ///   - row: what is in it.
  ///   - step: its number in a trajectory, if it is one.
  init(
    index: Int, baseName: String, file: String, part: String, row: ASERow, step: Int? = nil
  ) {
    let content: Result<Structure, FileError>
    var identifier = "\(baseName)#\(index)"
    do throws(DataError) {
      var structure = try row.structure()
      if let step, structure.attribute("fid") == nil {
        structure.attributes.append(Attribute(name: "fid", text: "\(step)"))
      }
      identifier = structure.identifier ?? identifier
      content = .success(structure)
    } catch {
      content = .failure(FileError(.content, file: file, part: part, error.reason))
    }
    self.init(index: index, line: nil, identifier: identifier, content: content)
  }
}
