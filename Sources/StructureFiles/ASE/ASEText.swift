// SPDX-License-Identifier: MIT

import Files
import RelaxNumerics
import Structures

/// A text of JSON that grows, with numbers as Python reads them back: bit for bit, NaN and infinities too.
struct ASEText {
  private(set) var bytes: [UInt8] = []
  private var needsComma = false

  mutating func begin() {
    bytes.append(UInt8(ascii: "{"))
    needsComma = false
  }

  mutating func beginObject(_ name: String) {
    key(name)
    begin()
  }

  mutating func end() {
    bytes.append(UInt8(ascii: "}"))
    needsComma = true
  }

  private mutating func key(_ name: String) {
    if needsComma { bytes += ", ".utf8 }
    needsComma = true
    bytes += JSONText.string(name).text(.oneLine).utf8
    bytes += ": ".utf8
  }

  mutating func add(_ name: String, _ value: JSONText) {
    key(name)
    append(value)
  }

  mutating func add(_ name: String, text: String) { add(name, .string(text)) }

  mutating func add(_ name: String, _ value: Double) {
    key(name)
    append(value)
  }

  mutating func add(_ name: String, _ values: [Double]) {
    key(name)
    appendList(values.count) { $0.append(values[$1]) }
  }

  /// Whole numbers; a single one not as a list.
  mutating func add(_ name: String, _ values: [Int]) {
    key(name)
    if name == "version" {
      NumberText.append(values[0], to: &bytes)
    } else {
      appendList(values.count) { NumberText.append(values[$1], to: &$0.bytes) }
    }
  }

  mutating func addFlags(_ name: String, _ values: [Bool]) {
    key(name)
    appendList(values.count) { $0.bytes += (values[$1] ? "true" : "false").utf8 }
  }

  mutating func add(_ name: String, _ vectors: [Vector3]) {
    key(name)
    appendList(vectors.count) { $0.append(vectors[$1]) }
  }

  mutating func add(_ name: String, _ column: Column) {
    guard case .reals(let values) = column.values else { return }
    guard column.width == 3 else { return add(name, values) }
    add(
      name,
      (0..<values.count / 3).map { Vector3(values[3 * $0], values[3 * $0 + 1], values[3 * $0 + 2]) }
    )
  }

  // MARK: Arrays with shape and type

  mutating func addArray(_ name: String, _ values: [Int]) {
    key(name)
    array([values.count], "int64") { text in
      text.appendList(values.count) { NumberText.append(values[$1], to: &$0.bytes) }
    }
  }

  mutating func addArray(_ name: String, _ values: [Double]) {
    key(name)
    array([values.count], "float64") { $0.appendList(values.count) { $0.append(values[$1]) } }
  }

  mutating func addFlagArray(_ name: String, _ values: [Bool]) {
    key(name)
    array([values.count], "bool") { text in
      text.appendList(values.count) { $0.bytes += (values[$1] ? "true" : "false").utf8 }
    }
  }

  mutating func addArray(_ name: String, _ vectors: [Vector3]) {
    key(name)
    array([vectors.count, 3], "float64") { text in
      text.appendList(3 * vectors.count) { $0.append(vectors[$1 / 3][$1 % 3]) }
    }
  }

  mutating func addArray(_ name: String, _ column: Column) {
    guard case .reals(let values) = column.values else { return }
    key(name)
    let count = values.count / column.width
    array(column.width == 1 ? [count] : [count, column.width], "float64") {
      $0.appendList(values.count) { $0.append(values[$1]) }
    }
  }

  private mutating func array(_ shape: [Int], _ type: String, _ body: (inout ASEText) -> Void) {
    bytes += "{\"__ndarray__\": [".utf8
    appendList(shape.count) { NumberText.append(shape[$1], to: &$0.bytes) }
    bytes += ", \"\(type)\", ".utf8
    body(&self)
    bytes += "]}".utf8
  }

  // MARK: Values

  private mutating func appendList(_ count: Int, _ body: (inout ASEText, Int) -> Void) {
    bytes.append(UInt8(ascii: "["))
    for index in 0..<count {
      if index > 0 { bytes += ", ".utf8 }
      body(&self, index)
    }
    bytes.append(UInt8(ascii: "]"))
  }

  private mutating func append(_ vector: Vector3) {
    appendList(3) { $0.append(vector[$1]) }
  }

  private mutating func append(_ value: Double) {
    guard value.isFinite else {
      bytes += (value.isNaN ? "NaN" : value > 0 ? "Infinity" : "-Infinity").utf8
      return
    }
    NumberText.append(value, to: &bytes)
  }

  private mutating func append(_ value: JSONText) {
    switch value {
    case .number(let number): append(number)
    case .array(let values): appendList(values.count) { $0.append(values[$1]) }
    case .object(let members):
      let outer = needsComma
      begin()
      for member in members { add(member.key, member.value) }
      end()
      needsComma = outer
    default: bytes += value.text(.oneLine).utf8
    }
  }
}
