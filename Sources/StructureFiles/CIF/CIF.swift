// SPDX-License-Identifier: MIT

import Files
import RelaxNumerics
import Structures

/// Crystallographic information files: a structure in each block that has atoms.
struct CIF: StructureFormat {
  let name = "CIF"
  let endings = ["cif"]
  let encoder: (any FrameEncoder)? = CIFEncoder()
  func recognizes(_ start: FileStart) -> Bool {
    let words = String(decoding: start.bytes, as: UTF8.self)
    return start.lines(200).contains { $0.lowercased().hasPrefix("data_") }
      && (words.contains("_cell") || words.contains("loop_") || words.contains("_symmetry"))
  }

  func frames(of file: StructureInput) throws(FileError) -> any FrameSource {
    CIFReader(file.bytes, file: file.start.file, capacity: file.capacity)
  }
}

/// Reads the blocks one after the other; those without atoms are passed over.
final class CIFReader: FrameSource {
  let file: String
  private var scanner: CIFScanner
  private let baseName: String
  private var index = 0
  /// Blocks without atoms.
  private var empty = 0

  init(_ bytes: any ByteSource, file: String, capacity: Int) {
    self.file = file
    baseName = StructureReader.baseName(of: file)
    scanner = CIFScanner(LineScanner(bytes, file: file, capacity: capacity), file: file)
  }

  func next() throws(FileError) -> Frame? {
    while let block = try scanner.nextBlock() {
      guard block.hasAtoms else {
        empty += 1
        guard empty < 1_000_000 else {
          throw FileError(
            .framing, file: file, line: block.line,
            "a million blocks without atoms; is this a file of structures?")
        }
        continue
      }
      defer { index += 1 }
      let content: Result<Structure, FileError>
      do throws(DataError) {
        content = .success(try CIFStructure(block).structure())
      } catch {
        content = .failure(
          FileError(.content, file: file, line: block.line, part: block.name, error.reason))
      }
      return Frame(
        index: index, line: block.line, identifier: "\(baseName)#\(index)", content: content)
    }
    if index == 0 {
      throw FileError(.framing, file: file, "the file contains no atoms (_atom_site_…)")
    }
    return nil
  }
}

/// A block of a file: items, and columns of loops, by their names in small letters.
struct CIFBlock {
  /// Name behind `data_`.
  var name: String
  /// Line in which it begins.
  var line: Int
  /// Values by name; an item has one, a column of a loop one for each row.
  var values: [String: [String]] = [:]

  var hasAtoms: Bool {
    values.keys.contains { $0.hasPrefix("_atom_site_fract") || $0.hasPrefix("_atom_site_cartn") }
  }

  /// The values of the first of `names` that is there and says something.
  func column(_ names: String...) -> [String]? {
    for name in names {
      if let values = values[name], values.contains(where: { !CIFBlock.isUnknown($0) }) {
        return values
      }
    }
    return nil
  }

  static func isUnknown(_ value: String) -> Bool { value == "." || value == "?" }
}

/// Cuts a file into blocks.
struct CIFScanner {
  private var scanner: LineScanner
  private let file: String
  /// What has been read of a line, the first of it last.
  private var tokens: [(text: String, isQuoted: Bool)] = []
  private var pending: CIFBlock?

  /// Values of one block at most, so that memory stays bounded.
  private static let mostValues = 3_000_000

  init(_ scanner: LineScanner, file: String) { (self.scanner, self.file) = (scanner, file) }

  /// The next block; nil at the end of the file.
  mutating func nextBlock() throws(FileError) -> CIFBlock? {
    var block = pending
    pending = nil
    while let (token, isQuoted) = try next() {
      let word = isQuoted ? "" : token.lowercased()
      if word.hasPrefix("data_") {
        let begun = CIFBlock(name: String(token.dropFirst(5)), line: scanner.line)
        guard block == nil else {
          pending = begun
          return block
        }
        block = begun
      } else if word == "loop_" {
        guard block != nil else { throw error("a loop before the first data_") }
        try readLoop(&block)
      } else if word.hasPrefix("_") {
        guard block != nil else { throw error("an item before the first data_") }
        guard let (value, _) = try next() else {
          throw error("\(Excerpt.quote(token)) has no value")
        }
        guard block?.values.updateValue([value], forKey: CIFScanner.name(word)) == nil else {
          throw error("\(Excerpt.quote(token)) is given a second time")
        }
      } else if word.hasPrefix("save_") || word == "global_" || word == "stop_" {
        throw error("\(Excerpt.quote(token)) stands in dictionaries, not in files of structures")
      } else {
        throw error("\(Excerpt.quote(token)) belongs to no item")
      }
    }
    return block
  }

  private mutating func readLoop(_ block: inout CIFBlock?) throws(FileError) {
    var names: [String] = []
    while let (token, isQuoted) = try next() {
      guard !isQuoted, token.hasPrefix("_") else {
        tokens.append((token, isQuoted))
        break
      }
      names.append(CIFScanner.name(token.lowercased()))
    }
    guard !names.isEmpty else { throw error("a loop without names") }
    var columns = [[String]](repeating: [], count: names.count)
    var count = 0
    while let (token, isQuoted) = try next() {
      let word = isQuoted ? "" : token.lowercased()
      if word == "loop_" || word.hasPrefix("_") || word.hasPrefix("data_") {
        tokens.append((token, isQuoted))
        break
      }
      columns[count % names.count].append(token)
      count += 1
      guard count < CIFScanner.mostValues else { throw error("a loop has too many values") }
    }
    guard count % names.count == 0 else {
      throw error(
        "a loop of \(Excerpt.count(names.count, "column")) ends with an incomplete row of \(count % names.count)"
      )
    }
    for (name, column) in zip(names, columns) { block?.values[name] = column }
  }

  /// mmCIF writes a point where CIF writes a line.
  private static func name(_ word: String) -> String {
    String(word.map { $0 == "." ? "_" : $0 })
  }

  // MARK: - Tokens

  private mutating func next() throws(FileError) -> (text: String, isQuoted: Bool)? {
    while tokens.isEmpty {
      try scanner.skipBlankLines()
      guard let range = try scanner.nextLine() else { return nil }
      try split(range)
    }
    return tokens.removeLast()
  }

  /// Puts the tokens of a line onto the list, the first of them last.
  private mutating func split(_ range: Range<Int>) throws(FileError) {
    let bytes = scanner.bytes
    if range.count > 0, bytes[range.lowerBound] == UInt8(ascii: ";") {
      return try readText(String(decoding: bytes[range.dropFirst()], as: UTF8.self))
    }
    var found: [(String, Bool)] = []
    var at = range.lowerBound
    while at < range.upperBound {
      let byte = bytes[at]
      if byte <= 32 {
        at += 1
      } else if byte == UInt8(ascii: "#") {
        break
      } else if byte == 34 || byte == 39 {
        // A quotation mark inside of a word does not end it.
        var stop = at + 1
        while stop < range.upperBound,
          bytes[stop] != byte || (stop + 1 < range.upperBound && bytes[stop + 1] > 32)
        { stop += 1 }
        guard stop < range.upperBound else { throw error("a quotation mark is not closed") }
        found.append((String(decoding: bytes[at + 1..<stop], as: UTF8.self), true))
        at = stop + 1
      } else {
        var stop = at
        while stop < range.upperBound, bytes[stop] > 32 { stop += 1 }
        found.append((String(decoding: bytes[at..<stop], as: UTF8.self), false))
        at = stop
      }
    }
    tokens.append(contentsOf: found.reversed())
  }

  /// A text of several lines, which ends with a line that begins with a semicolon.
  private mutating func readText(_ first: String) throws(FileError) {
    var lines = [first]
    var bytes = 0
    while let range = try scanner.nextLine() {
      bytes += range.count + 64
      guard bytes < 1 << 26 else { throw error("a text is longer than 64 MiB") }
      let line = String(decoding: scanner.bytes[range], as: UTF8.self)
      if line.hasPrefix(";") {
        tokens.append((lines.joined(separator: "\n"), true))
        return
      }
      lines.append(line)
    }
    throw error("a text that begins with a semicolon does not end; the file is incomplete")
  }

  private func error(_ message: String) -> FileError {
    FileError(.framing, file: file, line: max(scanner.line, 1), message)
  }
}
