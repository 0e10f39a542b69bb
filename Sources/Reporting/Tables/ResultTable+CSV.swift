// SPDX-License-Identifier: MIT

import Files

/// The table for programs: a header of keys, a comma between fields, a decimal point, a line end (`\n`) after
/// each row.
///
/// Numbers are written as in the JSON, to the last digit; what is `null` there is an empty field. Fields are
/// quoted as RFC 4180 says.
extension ResultTable {
  /// The table as CSV.
  public func csv() -> String {
    var text = ""
    let kept = columns.indices.filter { !columns[$0].keys.isEmpty }
    func end(_ fields: [String]) {
      // A row that is one empty field would be an empty line, which readers skip.
      text += fields == [""] ? "\"\"" : fields.joined(separator: ",")
      text += "\n"
    }
    end(kept.flatMap { columns[$0].keys.map(CSVText.field) })
    for row in rows { end(kept.flatMap { row[$0].values.map(CSVText.field) }) }
    return text
  }
}

/// Fields of CSV files.
enum CSVText {
  /// `value` as a field.
  static func field(_ value: ResultTable.Value) -> String {
    if case .text(let text) = value { field(text) } else { plain(value) }
  }

  /// `value` without quotes.
  static func plain(_ value: ResultTable.Value) -> String {
    switch value {
    case .missing: ""
    case .text(let text): text
    case .number(let number): JSONText.number(number).text(.oneLine)
    case .integer(let number): "\(number)"
    case .boolean(let isTrue): isTrue ? "true" : "false"
    }
  }

  /// `text` as a field, quoted if it must be.
  ///
  /// Spreadsheets compute a field that begins with `=`, `+`, `-` or `@`, whatever quotes it has; such text
  /// gets an apostrophe in front unless it is a number. So does text of which that could not be told apart,
  /// which has the apostrophe already: to read it back, take one off where one of these follows the
  /// apostrophes.
  static func field(_ text: String) -> String {
    var bytes = Array(text.utf8)
    let behind = bytes.drop { $0 == UInt8(ascii: "'") }
    if let first = behind.first, "=+-@\t\r".utf8.contains(first), !isNumber(text) {
      bytes.insert(UInt8(ascii: "'"), at: 0)
    }
    let blanks = [UInt8(ascii: " "), UInt8(ascii: "\t")]
    let isQuoted =
      bytes.contains { ",\"\n\r".utf8.contains($0) }
      || bytes.first.map(blanks.contains) == true || bytes.last.map(blanks.contains) == true
    guard isQuoted else { return String(decoding: bytes, as: UTF8.self) }
    var quoted: [UInt8] = [UInt8(ascii: "\"")]
    for byte in bytes {
      if byte == UInt8(ascii: "\"") { quoted.append(byte) }
      quoted.append(byte)
    }
    quoted.append(UInt8(ascii: "\""))
    return String(decoding: quoted, as: UTF8.self)
  }

  /// Whether `text` is digits, with a sign or a point or a power of ten, and so nothing to compute.
  private static func isNumber(_ text: String) -> Bool {
    text.utf8.allSatisfy { "+-.eE0123456789".utf8.contains($0) } && Double(text) != nil
  }
}
