// SPDX-License-Identifier: MIT

import Files
import RelaxNumerics
import Structures

/// Reads the structures of an extended-XYZ file one after the other.
///
/// Memory is that of one frame and a buffer, however long the file.
final class ExtxyzReader: FrameSource {
  let file: String

  private var scanner: LineScanner
  private let baseName: String
  private var index = 0
  private var ended = false
  private var bounds: [UInt32] = []
  /// The frame before, for messages about the number of atoms.
  private var previous: (line: Int, count: Int)?
  /// The columns announced last, and how they were spelled.
  private var known: (text: [UInt8], layout: ColumnLayout)?

  /// Reads `plain`, which messages call `file`, through a buffer of `capacity` bytes at first.
  init(_ plain: any ByteSource, file: String, capacity: Int) {
    self.file = file
    baseName = StructureReader.baseName(of: file)
    scanner = LineScanner(plain, file: file, capacity: capacity)
  }

  /// The next frame, or nil at the end of the file.
  ///
  /// - Throws: kind `framing` or `unreadable`, after which there are no more frames.
  func next() throws(FileError) -> Frame? { try going { () throws(FileError) in try read() } }

  /// Passes over the rows of a frame without a look at them; none may be blank.
  func skip() throws(FileError) -> Bool {
    try going { () throws(FileError) in try pass() } != nil
  }

  /// What `body` gives, as long as there are frames.
  private func going<Value>(_ body: () throws(FileError) -> Value?) throws(FileError) -> Value? {
    guard !ended else { return nil }
    do throws(FileError) {
      let value = try body()
      if value == nil { ended = true }
      return value
    } catch {
      ended = true
      if error.kind == .framing { try scanner.verifyRest() }
      throw error
    }
  }

  private func pass() throws(FileError) -> Void? {
    guard let count = try readCount() else { return nil }
    let line = scanner.line
    guard try scanner.nextLine() != nil else { throw endsInside(count, rows: 0) }
    for row in 0..<count {
      guard let range = try scanner.nextLine() else { throw endsInside(count, rows: row) }
      // Few rows are so short that they may be blank.
      if range.count < 3, split(range, limit: 1) == 0 {
        guard scanner.terminated else { throw endsInside(count, rows: row) }
        throw blank(row, count, line)
      }
    }
    index += 1
    previous = (line, count)
    return ()
  }

  private func read() throws(FileError) -> Frame? {
    guard let count = try readCount() else { return nil }
    let line = scanner.line
    guard let comment = try scanner.nextLine() else { throw endsInside(count, rows: 0) }

    var identifier = "\(baseName)#\(index)"
    var builder: FrameBuilder?
    var layout: ColumnLayout?
    var failure: FileError?
    do throws(LineDefect) {
      var parser = CommentParser(scanner.bytes, comment)
      let entries = try parser.entries()
      identifier = ExtxyzReader.identifier(entries, scanner.bytes) ?? identifier
      // Columns are counted even where something else in the line is unusable.
      let announced = self.layout(entries)
      layout = try? announced.get()
      let header = try FrameHeader(entries, scanner.bytes, announced)
      builder = FrameBuilder(header, count: count)
    } catch {
      failure = self.error(.content, error, comment)
    }

    var row = 0
    while row < count {
      if failure == nil, let read = appendUsual(&builder, count - row) {
        row += read
        continue
      }
      guard let range = try scanner.nextLine() else { throw endsInside(count, rows: row) }
      try readRow(range, row, count, line, layout, &builder, &failure)
      row += 1
    }
    if count == 0, failure == nil {
      failure = FileError(.content, file: file, line: line, "this frame has no atoms")
    }

    defer { index += 1 }
    previous = (line, count)
    let content: Result<Structure, FileError>
    if let failure {
      content = .failure(failure)
    } else if let builder {
      content = .success(builder.structure())
    } else {
      preconditionFailure("a frame is either built or unusable")
    }
    return Frame(index: index, line: line, identifier: identifier, content: content)
  }

  /// The columns that a comment line announces, most often those of the frame before.
  private func layout(_ entries: [CommentEntry]) -> Result<ColumnLayout, LineDefect> {
    guard let entry = entries.first(where: { $0.name == "Properties" }) else {
      return .success(.plain)
    }
    if let known, known.text.elementsEqual(scanner.bytes[entry.inner]) {
      return .success(known.layout)
    }
    do throws(LineDefect) {
      let layout = try ColumnLayout(scanner.bytes, FrameHeader.value(of: entry))
      known = (Array(scanner.bytes[entry.inner]), layout)
      return .success(layout)
    } catch {
      return .failure(error)
    }
  }

  /// Reads what the buffer holds of rows spelled in the usual way; nil if there is none.
  private func appendUsual(_ builder: inout FrameBuilder?, _ rows: Int) -> Int? {
    let read = builder?.appendUsual(scanner.bytes, scanner.ahead, rows: rows)
    guard let read, read.rows > 0 else { return nil }
    scanner.skip(read.bytes, lines: read.rows)
    return read.rows
  }

  /// The number of atoms of the next frame, or nil at the end of the file.
  private func readCount() throws(FileError) -> Int? {
    var blanks: Int?
    while true {
      let before = scanner.line
      try scanner.skipBlankLines()
      if scanner.line > before { blanks = blanks ?? before + 1 }
      guard let range = try scanner.nextLine() else { break }
      let words = split(range, limit: 1)
      if words == 0 {
        blanks = blanks ?? scanner.line
        continue
      }
      if let blanks {
        throw FileError(
          .framing, file: file, line: blanks,
          previous == nil
            ? "expected the number of atoms of frame 1, found a blank line"
            : "a blank line after frame \(index), with more text in line \(scanner.line); "
              + "expected the number of atoms of frame \(index + 1)")
      }
      return try count(in: range, words: words)
    }
    if index == 0 {
      throw FileError(.framing, file: file, "the file contains no structures")
    }
    return nil
  }

  private func count(in range: Range<Int>, words: Int) throws(FileError) -> Int {
    let bytes = scanner.bytes
    let word = range.lowerBound + Int(bounds[0])..<range.lowerBound + Int(bounds[1])
    let trimmed = ExtxyzReader.trimmed(bytes, range)
    let hint: String
    if let previous {
      hint =
        "; does frame \(index) have more than the \(Excerpt.count(previous.count, "atom")) "
        + "announced in line \(previous.line)?"
    } else {
      hint = words == 1 ? "" : "; is this an XYZ file?"
    }
    let expected = "expected the number of atoms of frame \(index + 1), found "
    guard words == 1 else {
      throw error(
        .framing, LineDefect(word.lowerBound, expected + Excerpt.quote(bytes, trimmed) + hint),
        range)
    }
    do throws(NumberText.Defect) {
      let value = try NumberText.integer(in: bytes, word)
      if value >= 0 { return value }
    } catch {
      if error == .outOfRange {
        throw self.error(
          .framing,
          LineDefect(
            word.lowerBound,
            "\(Excerpt.quote(bytes, word)) is too large for a number of atoms"), range)
      }
    }
    throw error(
      .framing, LineDefect(word.lowerBound, expected + Excerpt.quote(bytes, word) + hint), range)
  }

  private func blank(_ row: Int, _ count: Int, _ line: Int) -> FileError {
    FileError(
      .framing, file: file, line: scanner.line,
      "a blank line instead of atom \(row + 1) of the \(count) that line \(line) announces")
  }

  private func readRow(
    _ range: Range<Int>, _ row: Int, _ count: Int, _ line: Int, _ layout: ColumnLayout?,
    _ builder: inout FrameBuilder?, _ failure: inout FileError?
  ) throws(FileError) {
    let words = split(range, limit: layout?.width ?? 1)
    if words == 0 {
      // A last line of blanks is no row.
      guard scanner.terminated else { throw endsInside(count, rows: row) }
      throw blank(row, count, line)
    }
    guard let layout else { return }
    if words != layout.width {
      guard scanner.terminated else { throw endsInside(count, rows: row) }
      throw wrongWidth(range, words, layout, row, count, line)
    }
    guard failure == nil else { return }
    do throws(LineDefect) {
      try builder?.append(scanner.bytes, start: range.lowerBound, bounds: bounds)
    } catch {
      failure = self.error(.content, error, range)
    }
  }

  /// Splits the line into `bounds` and returns the number of words.
  private func split(_ range: Range<Int>, limit: Int) -> Int {
    if bounds.count < 2 * limit {
      bounds.append(contentsOf: repeatElement(0, count: 2 * limit - bounds.count))
    }
    return NumberText.split(scanner.bytes, range, into: &bounds)
  }

  private func wrongWidth(
    _ range: Range<Int>, _ words: Int, _ layout: ColumnLayout, _ row: Int, _ count: Int,
    _ line: Int
  ) -> FileError {
    var message =
      "expected \(Excerpt.count(layout.width, "column")) (\(abbreviated(layout.names))), "
      + "found \(words)"
    if words == 1 && row > 0 {
      message += "; does frame \(index + 1) have the \(count) atoms that line \(line) announces?"
    }
    let offset: Int
    if words > layout.width {
      // Right behind the last column that belongs here.
      offset = range.lowerBound + Int(bounds[2 * layout.width - 1])
    } else {
      offset = range.upperBound
    }
    return error(.framing, LineDefect(offset, message), range)
  }

  private func abbreviated(_ names: String) -> String {
    names.count > 80 ? names.prefix(80) + "…" : names
  }

  private func endsInside(_ count: Int, rows: Int) -> FileError {
    let has = rows == 0 ? "none" : "\(rows)"
    let before =
      switch index {
      case 0: "no frame before it"
      case 1: "the frame before it is complete"
      default: "the \(index) frames before it are complete"
      }
    return FileError(
      .framing, file: file, line: scanner.line,
      "the file ends inside frame \(index + 1), which announces \(Excerpt.count(count, "atom")) "
        + "but has \(has); \(before)")
  }

  private func error(
    _ kind: FileError.Kind, _ defect: LineDefect, _ range: Range<Int>
  ) -> FileError {
    FileError(
      kind, file: file, line: scanner.line,
      column: defect.offset.map { $0 - range.lowerBound + 1 }, defect.message)
  }
}

// MARK: - Pieces without state

extension ExtxyzReader {
  private static func identifier(_ entries: [CommentEntry], _ bytes: [UInt8]) -> String? {
    for name in ["sid", "id"] {
      if let entry = entries.first(where: { $0.name == name }) {
        let text = entry.value.map { Text.string(bytes, $0) }
        let identifier = Attribute(name: name, text: text).unquoted
        if !identifier.isEmpty { return identifier }
      }
    }
    return nil
  }

  private static func trimmed(_ bytes: [UInt8], _ range: Range<Int>) -> Range<Int> {
    var (start, end) = (range.lowerBound, range.upperBound)
    while start < end, Ascii.isBlank(bytes[start]) { start += 1 }
    while end > start, Ascii.isBlank(bytes[end - 1]) { end -= 1 }
    return start..<end
  }
}
