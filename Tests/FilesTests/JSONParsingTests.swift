// SPDX-License-Identifier: MIT

import Files
import Foundation
import RelaxNumerics
import StructureFiles
import Testing

@Suite("Reading JSON")
struct JSONParsingTests {
  @Test("every kind of value is read")
  func values() throws {
    let text = #"""
       {"a": [null, true, false, 0, -12, 1.5e3, -0.25, 1E-2], "b": {}, "c": [],
        "d": "q\"\\\/\b\f\n\r\t\u00e5\ud83d\ude42 Å 🙂", "e": -0, "f": 9223372036854775807,
        "g": 9223372036854775808}
      """#
    let json = try JSONText(parsing: text)
    #expect(json["a"] == [nil, true, false, 0, -12, .number(1500), -0.25, 0.01])
    #expect(json["b"] == [:])
    #expect(json["c"] == [])
    #expect(json["d"] == "q\"\\/\u{8}\u{c}\n\r\tå🙂 Å 🙂")
    #expect(json["e"] == .number(-0.0))
    #expect(json["f"] == .integer(.max))
    #expect(json["g"] == .number(9_223_372_036_854_775_808))
    #expect(json["h"] == nil)
    #expect(json.kind == "an object")
  }

  @Test(
    "what is not JSON is refused with line and column",
    arguments: [
      ("", "line 1, column 1: the text ends where a value should be"),
      ("  \n ", "line 2, column 2: the text ends where a value should be"),
      ("[1, 2", "line 1, column 6: the text ends where a comma or ] should be"),
      ("[1 2]", "line 1, column 4: '2' stands where a comma or ] should be"),
      ("[1,]", "line 1, column 4: ']' stands where a value should be"),
      ("{\"a\": 1,\n \"a\": 2}", "line 2, column 2: 'a' is there a second time"),
      ("{\"a\" 1}", "line 1, column 6: '1' stands where a colon should be"),
      ("{a: 1}", "line 1, column 2: 'a' stands where a name in quotation marks should be"),
      ("{\"a\": 1", "line 1, column 8: the text ends where a comma or } should be"),
      ("[01]", "line 1, column 2: a number does not begin with 0"),
      ("[1.]", "line 1, column 4: ']' stands where a digit should be"),
      ("[-]", "line 1, column 3: ']' stands where a digit should be"),
      ("[1e]", "line 1, column 4: ']' stands where a digit should be"),
      ("[+1]", "line 1, column 2: '+1' stands where a value should be"),
      ("[NaN]", "line 1, column 2: 'NaN' stands where a value should be"),
      ("[1e999]", "line 1, column 2: the number '1e999' is too large"),
      ("[\"a]", "line 1, column 2: the string that begins here does not end"),
      ("[\"a\nb\"]", "line 1, column 4: a control character stands in a string"),
      ("[\"\\x\"]", "line 1, column 3: there is no escape '\\x'"),
      ("[\"\\u12g4\"]", "line 1, column 3: \\u needs four hexadecimal digits"),
      ("[\"\\ud83d\"]", "line 1, column 3: half a character"),
      ("[\"\\ude42\\ud83d\"]", "line 1, column 3: half a character"),
      ("[\"\\ud83d\\u0041\"]", "line 1, column 3: half a character"),
      ("1 2", "line 1, column 3: '2' stands where the end of the text should be"),
      ("truex", "line 1, column 5: 'x' stands where the end of the text should be"),
      ("// no", "line 1, column 1: '//' stands where a value should be"),
    ])
  func refusals(text: String, message: String) throws {
    let error = try #require(throws: JSONError.self) { try JSONText(parsing: text) }
    #expect(error.description == message)
  }

  @Test("bytes that are not UTF-8 are refused")
  func encoding() throws {
    let error = try #require(throws: JSONError.self) {
      try JSONText(parsing: Array("[\"a".utf8) + [0xFF] + Array("\"]".utf8))
    }
    #expect(error.description == "line 1, column 4: this is not UTF-8")
  }

  @Test("nesting is limited, so that no text can exhaust the stack")
  func nesting() throws {
    func nested(_ depth: Int, _ open: String, _ close: String) -> String {
      String(repeating: open, count: depth) + String(repeating: close, count: depth)
    }
    #expect(throws: Never.self) { try JSONText(parsing: nested(64, "[", "]")) }
    let error = try #require(throws: JSONError.self) {
      try JSONText(parsing: nested(65, "[", "]"))
    }
    #expect(error.reason == "values lie more than 64 deep in each other")
    #expect(throws: JSONError.self) {
      try JSONText(parsing: String(repeating: "{\"a\":[", count: 1_000_000))
    }
  }

  @Test("what is written is read again, and Foundation reads the same")
  func roundTrip() throws {
    var generator = SeededGenerator(seed: 5)
    for _ in 0..<300 {
      let value = JSONParsingTests.random(&generator, depth: 0)
      for layout in [JSONText.Layout.oneLine, .pretty] {
        let text = value.text(layout)
        #expect(try JSONText(parsing: text) == value)
        let data = Data("[\(text)]".utf8)
        #expect((try? JSONSerialization.jsonObject(with: data)) != nil)
      }
    }
  }

  @Test("damaged texts are read or refused, and never trap")
  func mutations() throws {
    var generator = SeededGenerator(seed: 9)
    var refused = 0
    for _ in 0..<3000 {
      var bytes = Array(JSONParsingTests.random(&generator, depth: 0).text(.oneLine).utf8)
      for _ in 0..<Int.random(in: 1...3, using: &generator) {
        let place = Int.random(in: 0..<bytes.count, using: &generator)
        bytes[place] =
          Bool.random(using: &generator)
          ? "[]{},:\"\\-0e.\u{0}".utf8.randomElement(using: &generator) ?? 0
          : UInt8.random(in: 0...255, using: &generator)
      }
      do { _ = try JSONText(parsing: bytes) } catch { refused += 1 }
    }
    #expect(refused > 1000)
  }

  private static func random(_ generator: inout SeededGenerator, depth: Int) -> JSONText {
    let texts = ["", "a", "å\"\\", "\n\u{1}", "🙂", "config"]
    switch Int.random(in: 0..<(depth > 3 ? 5 : 7), using: &generator) {
    case 0: return nil
    case 1: return .boolean(Bool.random(using: &generator))
    case 2: return .integer(Int(truncatingIfNeeded: generator.next()))
    case 3: return .number(generator.uniform(-1e6, 1e6) + 0.5e-3)
    case 4: return .string(texts.randomElement(using: &generator) ?? "")
    case 5:
      return .array(
        (0..<Int.random(in: 0..<4, using: &generator)).map { _ in
          random(&generator, depth: depth + 1)
        })
    default:
      return .object(
        (0..<Int.random(in: 0..<4, using: &generator)).map {
          JSONText.Member("\($0)", random(&generator, depth: depth + 1))
        })
    }
  }
}
