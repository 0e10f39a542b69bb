// SPDX-License-Identifier: MIT

/// A JSON value that keeps its keys in the order given, to be written as text.
///
/// Numbers are the shortest decimals that read back as the same `Double`; NaN and infinities, which
/// JSON lacks, become `null`.
///
/// ```swift
/// let report: JSONText = ["adwt": 0.31, "structures": [["id": "a", "distance": nil]]]
/// print(report.text())
/// ```
public indirect enum JSONText: Hashable, Sendable {
  /// A key with its value.
  public struct Member: Hashable, Sendable {
    /// The key, not yet escaped.
    public var key: String
    /// What it stands for.
    public var value: JSONText

    /// A key with its value.
    public init(_ key: String, _ value: JSONText) { (self.key, self.value) = (key, value) }
  }

  /// Nothing.
  case null
  /// True or false.
  case boolean(Bool)
  /// A whole number.
  case integer(Int)
  /// A number, or `null` if it is not finite.
  case number(Double)
  /// Text, not yet escaped.
  case string(String)
  /// Values in order.
  case array([JSONText])
  /// Keys with their values, in order.
  case object([Member])

  /// How a value is laid out.
  public enum Layout: Hashable, Sendable {
    /// All on one line.
    case oneLine
    /// Indented; what fits in 100 columns stays on one line.
    case pretty
  }

  /// A number, or `null` where there is none.
  public init(_ number: Double?) { self = number.map(JSONText.number) ?? .null }

  /// A list of strings.
  public init(_ strings: [String]) { self = .array(strings.map(JSONText.string)) }

  /// The value as JSON, without a line break at the end.
  public func text(_ layout: Layout = .pretty) -> String {
    var bytes: [UInt8] = []
    switch layout {
    case .oneLine: appendLine(to: &bytes)
    case .pretty: appendPretty(to: &bytes, indent: 0, column: 0, outermost: true)
    }
    return String(decoding: bytes, as: UTF8.self)
  }

  // MARK: - Layout

  private func appendLine(to bytes: inout [UInt8]) {
    switch self {
    case .null: bytes += "null".utf8
    case .boolean(let value): bytes += (value ? "true" : "false").utf8
    case .integer(let value): bytes += "\(value)".utf8
    case .number(let value): bytes += (value.isFinite ? "\(value)" : "null").utf8
    case .string(let value): JSONText.appendQuoted(value, to: &bytes)
    case .array(let values):
      bytes.append(UInt8(ascii: "["))
      for (index, value) in values.enumerated() {
        if index > 0 { bytes += ", ".utf8 }
        value.appendLine(to: &bytes)
      }
      bytes.append(UInt8(ascii: "]"))
    case .object(let members):
      bytes.append(UInt8(ascii: "{"))
      for (index, member) in members.enumerated() {
        if index > 0 { bytes += ", ".utf8 }
        JSONText.appendQuoted(member.key, to: &bytes)
        bytes += ": ".utf8
        member.value.appendLine(to: &bytes)
      }
      bytes.append(UInt8(ascii: "}"))
    }
  }

  /// Columns of a pretty line.
  private static let width = 100
  /// More members than this never fit, so they need not be tried.
  private static let fitting = 50

  private func appendPretty(
    to bytes: inout [UInt8], indent: Int, column: Int, outermost: Bool = false
  ) {
    let count: Int
    switch self {
    case .array(let values): count = values.count
    case .object(let members): count = members.count
    default:
      appendLine(to: &bytes)
      return
    }
    if count == 0 || (!outermost && count <= JSONText.fitting) {
      let start = bytes.count
      appendLine(to: &bytes)
      if count == 0 || column + bytes.count - start < JSONText.width { return }
      bytes.removeLast(bytes.count - start)
    }
    let inner = indent + 2
    func startLine(_ index: Int) {
      if index > 0 { bytes.append(UInt8(ascii: ",")) }
      bytes.append(UInt8(ascii: "\n"))
      bytes.append(contentsOf: repeatElement(UInt8(ascii: " "), count: inner))
    }
    let closing: UInt8
    switch self {
    case .array(let values):
      bytes.append(UInt8(ascii: "["))
      for (index, value) in values.enumerated() {
        startLine(index)
        value.appendPretty(to: &bytes, indent: inner, column: inner)
      }
      closing = UInt8(ascii: "]")
    case .object(let members):
      bytes.append(UInt8(ascii: "{"))
      for (index, member) in members.enumerated() {
        startLine(index)
        let start = bytes.count
        JSONText.appendQuoted(member.key, to: &bytes)
        bytes += ": ".utf8
        member.value.appendPretty(
          to: &bytes, indent: inner, column: inner + bytes.count - start)
      }
      closing = UInt8(ascii: "}")
    default: return
    }
    bytes.append(UInt8(ascii: "\n"))
    bytes.append(contentsOf: repeatElement(UInt8(ascii: " "), count: indent))
    bytes.append(closing)
  }

  // MARK: - Strings

  private static let hexadecimal = Array("0123456789abcdef".utf8)

  private static func appendQuoted(_ string: String, to bytes: inout [UInt8]) {
    bytes.append(UInt8(ascii: "\""))
    for byte in string.utf8 {
      switch byte {
      case UInt8(ascii: "\""): bytes += "\\\"".utf8
      case UInt8(ascii: "\\"): bytes += "\\\\".utf8
      case UInt8(ascii: "\n"): bytes += "\\n".utf8
      case UInt8(ascii: "\r"): bytes += "\\r".utf8
      case UInt8(ascii: "\t"): bytes += "\\t".utf8
      case 0..<0x20, 0x7f:
        bytes += "\\u00".utf8
        bytes += [hexadecimal[Int(byte >> 4)], hexadecimal[Int(byte & 15)]]
      default: bytes.append(byte)
      }
    }
    bytes.append(UInt8(ascii: "\""))
  }
}

// MARK: - Literals

extension JSONText: ExpressibleByNilLiteral, ExpressibleByBooleanLiteral,
  ExpressibleByIntegerLiteral, ExpressibleByFloatLiteral, ExpressibleByStringLiteral,
  ExpressibleByStringInterpolation, ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral
{
  /// `nil` is JSON's `null`.
  public init(nilLiteral: ()) { self = .null }
  /// True or false.
  public init(booleanLiteral value: Bool) { self = .boolean(value) }
  /// A whole number.
  public init(integerLiteral value: Int) { self = .integer(value) }
  /// A number that need not be whole.
  public init(floatLiteral value: Double) { self = .number(value) }
  /// A string, of any characters.
  public init(stringLiteral value: String) { self = .string(value) }
  /// Values in order.
  public init(arrayLiteral elements: JSONText...) { self = .array(elements) }
  /// Keys with their values, in the order written.
  public init(dictionaryLiteral elements: (String, JSONText)...) {
    self = .object(elements.map { Member($0.0, $0.1) })
  }
}
