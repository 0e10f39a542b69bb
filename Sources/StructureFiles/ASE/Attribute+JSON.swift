// SPDX-License-Identifier: MIT

import Files
import RelaxNumerics
import Structures

/// Values of other formats as entries of extended XYZ, such that their kinds can be told again.
extension Attribute {
  /// A number, or several as a list.
  init(name: String, numbers: [Double]) {
    var bytes: [UInt8] = []
    for (index, number) in numbers.enumerated() {
      if index > 0 { bytes.append(32) }
      NumberText.append(number, to: &bytes)
    }
    let text = String(decoding: bytes, as: UTF8.self)
    self.init(name: name, text: numbers.count == 1 ? text : "\"\(text)\"")
  }

  /// A value of JSON; nil for null, which says nothing.
  ///
  /// A text that looks like something else is quoted, so that `"00100"` stays one.
  package init?(name: String, json: JSONText) {
    switch json {
    case .null: return nil
    case .boolean(let flag): self.init(name: name, text: flag ? "T" : "F")
    case .integer(let number): self.init(name: name, text: "\(number)")
    case .number(let number): self.init(name: name, numbers: [number])
    case .string(let text):
      let value = QuotedText.value(text)
      let needsQuotes = value == text && InfoValue(text).isNoText
      self.init(name: name, text: needsQuotes ? "\"\(text)\"" : value)
    case .array(let values):
      let numbers = values.compactMap(\.number)
      if numbers.count == values.count, numbers.count > 1 {
        self.init(name: name, numbers: numbers)
      } else {
        self.init(name: name, text: QuotedText.json(json))
      }
    case .object: self.init(name: name, text: QuotedText.json(json))
    }
  }

  /// What the value means to a program that knows numbers from text.
  package var value: JSONText {
    guard let text else { return .boolean(true) }
    if let inner = QuotedText.jsonValue(of: text) { return inner }
    if text.hasPrefix("\"") || text.hasPrefix("'") || text.hasPrefix("[") || text.hasPrefix("{") {
      let inner = QuotedText.text(of: text)
      let words = inner.split { $0 == " " || $0 == "," || $0 == "\t" }
      let numbers = words.compactMap { InfoValue(String($0)).number }
      if words.count > 1, numbers.count == words.count { return .array(numbers) }
      return .string(inner)
    }
    switch InfoValue(text) {
    case .text: return .string(text)
    case .boolean(let flag): return .boolean(flag)
    case .integer(let number): return .integer(number)
    case .real(let number): return .number(number)
    }
  }
}

/// What a bare word means: a truth value, a number in its usual spelling, else a text.
enum InfoValue: Hashable {
  case text
  case boolean(Bool)
  case integer(Int)
  case real(Double)

  init(_ word: String) {
    let bytes = Array(word.utf8)
    switch word {
    case "T", "True", "true": self = .boolean(true)
    case "F", "False", "false": self = .boolean(false)
    default:
      let digits = bytes.drop { $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: "+") }
      // Ids have leading zeros, numbers have not.
      let looksLikeID =
        digits.count > 1 && digits.first == 48 && digits.allSatisfy { (48...57).contains($0) }
      if looksLikeID || bytes.isEmpty {
        self = .text
      } else if let number = try? NumberText.integer(in: bytes, 0..<bytes.count) {
        self = .integer(number)
      } else if let number = try? NumberText.double(in: bytes, 0..<bytes.count) {
        self = .real(number)
      } else {
        self = .text
      }
    }
  }

  var isNoText: Bool { self != .text }

  var number: JSONText? {
    switch self {
    case .integer(let number): .integer(number)
    case .real(let number): .number(number)
    default: nil
    }
  }
}
