// SPDX-License-Identifier: MIT

import Files
import StructureFiles
import Structures

/// The calculations by the reference method that AFbT needs: one for each different predicted
/// structure.
public struct SinglePoints: Sendable {
  /// How structures are written.
  public enum Format: String, CaseIterable, Sendable {
    /// A folder a structure with a `POSCAR`, atoms in the order of the prediction.
    case poscar
    /// One file, `singlepoints.extxyz`, or with another ending.
    case extxyz, traj, db, json, cif

    /// Name of the one file.
    var file: String { "singlepoints.\(rawValue)" }
  }

  /// A predicted structure and where its calculation is.
  public struct Item: Hashable, Sendable {
    /// Identifier of the predicted structure.
    public var id: String
    /// The id of the structure that is computed for it: its own, or that of an equal one.
    public var computedAs: String
  }

  /// Structures to compute with their ids, each different from all others.
  public let structures: [(id: String, structure: Structure)]
  /// All predicted structures.
  public let items: [Item]

  /// The calculations for `predicted` structures.
  ///
  /// - Complexity: O(atoms).
  public init(_ predicted: [(id: String, structure: Structure)]) {
    var first: [Structure: String] = [:]
    var structures: [(id: String, structure: Structure)] = []
    var items: [Item] = []
    for (id, structure) in predicted {
      let key = SinglePoints.geometry(of: structure)
      if let known = first[key] {
        items.append(Item(id: id, computedAs: known))
      } else {
        first[key] = id
        structures.append((id, structure))
        items.append(Item(id: id, computedAs: id))
      }
    }
    (self.structures, self.items) = (structures, items)
  }

  /// What forces depend on.
  static func geometry(of structure: Structure) -> Structure {
    Structure(
      elements: structure.elements, positions: structure.positions, cell: structure.cell,
      columns: structure.columnsOfCalculation, attributes: structure.entriesOfCalculation)
  }

  /// Writes the structures and `index.jsonl`, which says what is computed for whom, into `folder`.
  ///
  /// - Throws: `ScoringError.withoutCell`, `FileError`, also if something is
  ///   there already.
  public func write(to folder: String, format: Format) throws {
    if format == .poscar,
      let flat = structures.first(where: { !PoscarText.accepts($0.structure) })
    {
      throw ScoringError.withoutCell(id: flat.id)
    }
    guard !FilePlace(folder).exists else { throw FileError.exists(folder) }
    let made = try Folder.make(folder)
    // Chosen before anything is written; a long id is told apart by its number.
    var places: [String: String] = [:]
    for (number, item) in structures.enumerated() {
      places[item.id] = SinglePoints.folderName(item.id, number: number + 1)
    }
    do {
      try write(to: folder, format, places)
    } catch {
      // Half of it would be taken for the whole.
      for place in places.values {
        AppendFile.remove("\(folder)/\(place)/POSCAR")
        Folder.removeEmpty(["\(folder)/\(place)"])
      }
      AppendFile.remove("\(folder)/\(format.file)")
      Folder.removeEmpty(made)
      throw error
    }
  }

  private func write(to folder: String, _ format: Format, _ places: [String: String]) throws {
    switch format {
    case .extxyz, .traj, .db, .json, .cif:
      let writer = try StructureWriter(path: "\(folder)/\(format.file)", overwrite: false)
      for (id, structure) in structures {
        var named = structure
        named.attributes = [Attribute(name: "sid", string: id)] + structure.entriesOfCalculation
        try writer.write(named)
      }
      try writer.finish()
    case .poscar:
      for (id, structure) in structures {
        let place = "\(folder)/\(places[id] ?? "")"
        try Folder.make(place)
        try TextFile.write(
          PoscarText.text(of: structure, comment: id), to: "\(place)/POSCAR", overwrite: false)
      }
    }
    var index = ""
    for item in items {
      let place =
        format == .poscar
        ? "\(places[item.computedAs] ?? "")/POSCAR" : format.file
      let line: JSONText = [
        "id": .string(item.id), "computed_as": .string(item.computedAs), "file": .string(place),
      ]
      index += line.text(.oneLine) + "\n"
    }
    try TextFile.write(index, to: "\(folder)/index.jsonl", overwrite: false)
  }

  /// The id that a folder is named for: its name, with what is written as %XX.
  public static func identifier(ofFolder name: String) -> String {
    var bytes: [UInt8] = []
    var rest = Array(name.utf8)[...]
    while let byte = rest.popFirst() {
      if byte == UInt8(ascii: "%"),
        let code = UInt8(String(decoding: rest.prefix(2), as: UTF8.self), radix: 16)
      {
        bytes.append(code)
        rest = rest.dropFirst(2)
      } else {
        bytes.append(byte)
      }
    }
    return String(validating: bytes, as: UTF8.self) ?? name
  }

  /// Longest names of folders in bytes: file systems take 255.
  private static let longest = 200

  /// An id as the name of a folder: what may trouble a shell or leave the folder is written as %XX.
  ///
  /// The empty id is `%`; one that is too long is cut and ends in `~` and `number`, which differs from id to
  /// id. No other id has such a name.
  ///
  /// - Returns: what `identifier(ofFolder:)` takes back.
  static func folderName(_ id: String, number: Int) -> String {
    var name = ""
    for byte in id.utf8 {
      let character = Character(UnicodeScalar(byte))
      let isPlain =
        character.isASCII
        && (character.isLetter || character.isNumber || "_-+#".contains(character))
      if isPlain || (character == "." && !name.isEmpty) {
        name.append(character)
      } else {
        name += "%" + String(byte >> 4, radix: 16) + String(byte & 15, radix: 16)
      }
    }
    if name.isEmpty { return "%" }
    return name.utf8.count > longest ? "\(name.prefix(longest))~\(number)" : name
  }
}
