// SPDX-License-Identifier: MIT

import Files
import RelaxNumerics

/// What the columns of a frame hold, as `Properties=name:TYPE:count…` announces them.
struct ColumnLayout {
  /// The four types of the format.
  enum Kind: UInt8 {
    case real = 0x52  // R
    case integer = 0x49  // I
    case logical = 0x4C  // L
    case string = 0x53  // S
  }

  /// What a group of columns means to a ``Structure``.
  enum Role {
    case species, numbers, positions, moveMask, tags, forces, other
  }

  /// One `name:TYPE:count`.
  struct Group {
    var name: String
    var kind: Kind
    var width: Int
    var role: Role
    /// Its first column, from 0.
    var first: Int
  }

  var groups: [Group]
  /// Number of columns.
  var width: Int

  /// The layout of a file that announces none.
  static let plain = ColumnLayout(
    groups: [
      Group(name: "species", kind: .string, width: 1, role: .species, first: 0),
      Group(name: "pos", kind: .real, width: 3, role: .positions, first: 1),
    ], width: 4)

  /// More columns than this are taken for a mistake.
  static let mostColumns = 1_000_000

  /// `species pos forces`, for messages.
  var names: String { groups.map(\.name).joined(separator: " ") }

  /// What ``RowReader`` must look for, or nil if it cannot read such rows.
  var usualWords: [RowReader.Word]? {
    guard width <= 1024 else { return nil }
    var words: [RowReader.Word] = []
    for group in groups {
      let word: RowReader.Word
      switch (group.role, group.kind) {
      case (.species, _): word = .symbol
      case (.numbers, _), (.moveMask, .integer), (_, .string): return nil
      case (_, .real): word = .real
      case (_, .integer): word = .integer
      case (_, .logical): word = .logical
      }
      words.append(contentsOf: repeatElement(word, count: group.width))
    }
    return words
  }

  /// Words of a row that ``RowReader`` stores together.
  var wordCounts: (reals: Int, integers: Int, bytes: Int) {
    var counts = (reals: 0, integers: 0, bytes: 0)
    for group in groups {
      switch group.kind {
      case .real: counts.reals += group.width
      case .integer: counts.integers += group.width
      case .logical, .string: counts.bytes += group.width
      }
    }
    return counts
  }

  private init(groups: [Group], width: Int) { (self.groups, self.width) = (groups, width) }

  /// Parses the value of `Properties`.
  init(_ bytes: [UInt8], _ range: Range<Int>) throws(LineDefect) {
    var fields: [Range<Int>] = []
    var start = range.lowerBound
    for i in range where bytes[i] == Ascii.colon {
      fields.append(start..<i)
      start = i + 1
    }
    fields.append(start..<range.upperBound)
    guard fields.count % 3 == 0 else {
      let last = fields[fields.count - fields.count % 3]
      let given = fields.count % 3 == 1 ? "type and count" : "count"
      throw LineDefect(
        last.lowerBound,
        "Properties lists name:TYPE:count groups; \(Excerpt.quote(bytes, last)) lacks its \(given)")
    }
    (groups, width) = ([], 0)
    var seen: Set<String> = []
    for i in stride(from: 0, to: fields.count, by: 3) {
      let group = try ColumnLayout.group(
        bytes, fields[i], fields[i + 1], fields[i + 2], first: width)
      if !seen.insert(group.name).inserted {
        throw LineDefect(
          fields[i].lowerBound, "Properties lists \(Excerpt.quote(bytes, fields[i])) twice")
      }
      width += group.width
      guard width <= ColumnLayout.mostColumns else {
        throw LineDefect(
          fields[i + 2].lowerBound,
          "Properties announces more than \(ColumnLayout.mostColumns) columns")
      }
      groups.append(group)
    }
    guard groups.contains(where: { $0.role == .positions }) else {
      throw LineDefect(range.lowerBound, "Properties has no pos:R:3")
    }
    guard groups.contains(where: { $0.role == .species || $0.role == .numbers }) else {
      throw LineDefect(range.lowerBound, "Properties has neither species:S:1 nor Z:I:1")
    }
  }

  private static func group(
    _ bytes: [UInt8], _ name: Range<Int>, _ type: Range<Int>, _ count: Range<Int>, first: Int
  ) throws(LineDefect) -> Group {
    let quoted = Excerpt.quote(bytes, name)
    guard !name.isEmpty else { throw LineDefect(name.lowerBound, "Properties has an empty name") }
    if let bad = name.first(where: { Ascii.isBlank(bytes[$0]) || isReserved(bytes[$0]) }) {
      throw LineDefect(
        bad, "\(Excerpt.quote(bytes, bad..<bad + 1)) in the name of a column in Properties")
    }
    if let bad = Text.firstWideBlank(bytes, name) {
      throw LineDefect(bad, "a Unicode blank in the name of a column in Properties")
    }
    guard type.count == 1, let kind = Kind(rawValue: bytes[type.lowerBound]) else {
      throw LineDefect(
        type.lowerBound,
        "the type of \(quoted) in Properties is \(Excerpt.quote(bytes, type)); "
          + "expected R, I, L or S")
    }
    guard let width = positive(bytes, count) else {
      throw LineDefect(
        count.lowerBound,
        "the count of \(quoted) in Properties is \(Excerpt.quote(bytes, count)); "
          + "expected a whole number from 1 to \(mostColumns)")
    }
    let text = Text.string(bytes, name)
    let shape = "\(Character(Unicode.Scalar(kind.rawValue))):\(width)"
    guard let role = role(of: text) else {
      return Group(name: text, kind: kind, width: width, role: .other, first: first)
    }
    if role.shapes.isEmpty {
      throw LineDefect(
        name.lowerBound, "the column \(quoted) is called \(aliases[text] ?? "otherwise") here")
    }
    guard role.shapes.contains(shape) else {
      let expected = role.shapes.map { "\(text):\($0)" }
      throw LineDefect(
        name.lowerBound,
        "Properties has \(Excerpt.quote("\(text):\(shape)")); expected "
          + listed(expected))
    }
    return Group(name: text, kind: kind, width: width, role: role.role, first: first)
  }

  private static func listed(_ choices: [String]) -> String {
    guard choices.count > 1, let last = choices.last else { return choices.first ?? "" }
    return choices.dropLast().joined(separator: ", ") + " or " + last
  }

  private static func isReserved(_ byte: UInt8) -> Bool {
    Ascii.isDelimiter(byte) || byte == Ascii.equals || byte == Ascii.backslash
  }

  private static func positive(_ bytes: [UInt8], _ range: Range<Int>) -> Int? {
    guard let value = try? NumberText.integer(in: bytes, range), value > 0, value <= mostColumns
    else { return nil }
    return value
  }

  /// Names under which other programs know columns that are called otherwise in files.
  ///
  /// Taken as they stand, they would overwrite those columns there.
  private static let aliases = ["positions": "pos", "symbols": "species", "numbers": "Z"]

  private static func role(of name: String) -> (role: Role, shapes: [String])? {
    switch name {
    case "species": (.species, ["S:1"])
    case "Z": (.numbers, ["I:1"])
    case "pos": (.positions, ["R:3"])
    case "move_mask": (.moveMask, ["L:1", "L:3", "I:1", "I:3"])
    case "tags": (.tags, ["I:1"])
    case "forces": (.forces, ["R:3"])
    case "positions", "symbols", "numbers": (.other, [])
    default: nil
    }
  }
}
