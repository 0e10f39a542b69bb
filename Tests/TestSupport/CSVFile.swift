// SPDX-License-Identifier: MIT

/// A CSV file read by the letter of RFC 4180, which is how tests see whether one was written so.
public struct CSVFile: Sendable {
  /// What is wrong with a file, and with which record.
  public struct Failure: Error, CustomStringConvertible {
    /// In words.
    public var description: String
  }

  /// The names of the fields.
  public let header: [String]
  /// The records, each with as many fields as the header.
  public let records: [[String]]

  /// Reads `text`, in which each record ends with a line feed.
  ///
  /// - Throws: `Failure` for a quotation mark where none may be, a field that does not end, a carriage
  ///   return outside quotes, a last line that is not ended, or a record of another length.
  public init(_ text: String) throws {
    let bytes = Array(text.utf8)
    var lines: [[String]] = []
    var line: [String] = []
    var index = 0
    while index < bytes.count {
      var field: [UInt8] = []
      if bytes[index] == UInt8(ascii: "\"") {
        index += 1
        while true {
          guard index < bytes.count else { throw Failure(description: "a field does not end") }
          if bytes[index] == UInt8(ascii: "\"") {
            index += 1
            guard index < bytes.count, bytes[index] == UInt8(ascii: "\"") else { break }
          }
          field.append(bytes[index])
          index += 1
        }
      } else {
        while index < bytes.count, bytes[index] != UInt8(ascii: ","),
          bytes[index] != UInt8(ascii: "\n")
        {
          guard bytes[index] != UInt8(ascii: "\""), bytes[index] != UInt8(ascii: "\r") else {
            throw Failure(description: "record \(lines.count): a character that must be quoted")
          }
          field.append(bytes[index])
          index += 1
        }
      }
      line.append(String(decoding: field, as: UTF8.self))
      guard index < bytes.count else { throw Failure(description: "the last line is not ended") }
      switch bytes[index] {
      case UInt8(ascii: ","): if index + 1 == bytes.count { line.append("") }
      case UInt8(ascii: "\n"):
        lines.append(line)
        line = []
      default: throw Failure(description: "record \(lines.count): text behind a quoted field")
      }
      index += 1
    }
    guard line.isEmpty, let header = lines.first else {
      throw Failure(description: "no header, or the last line is not ended")
    }
    for (number, record) in lines.enumerated() where record.count != header.count {
      throw Failure(
        description: "record \(number): \(record.count) fields, not \(header.count)")
    }
    self.header = header
    records = Array(lines.dropFirst())
  }

  /// All fields called `name`; nil if the header has no such name or has it twice.
  public subscript(name: String) -> [String]? {
    let places = header.indices.filter { header[$0] == name }
    guard places.count == 1 else { return nil }
    return records.map { $0[places[0]] }
  }
}
