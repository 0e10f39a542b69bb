// SPDX-License-Identifier: MIT

import Files
import Foundation
import Testing

@testable import StructureFiles

struct JSONTextTests {
  @Test("Keys stay in order, on one line or indented")
  func order() {
    let value: JSONText = [
      "z": 1, "a": [true, nil, -0.5], "text": "b", "empty": [], "nothing": [:],
    ]
    #expect(
      value.text(.oneLine)
        == #"{"z": 1, "a": [true, null, -0.5], "text": "b", "empty": [], "nothing": {}}"#)
    #expect(
      value.text() == """
        {
          "z": 1,
          "a": [true, null, -0.5],
          "text": "b",
          "empty": [],
          "nothing": {}
        }
        """)
  }

  @Test("What does not fit on a line is broken, no line of it longer than 100 columns")
  func pretty() throws {
    let row: JSONText = ["id": "random1000102", "distance": 0.123456789, "fmax": nil]
    let value: JSONText = [
      "structures": .array(Array(repeating: row, count: 60)),
      "steps": .array((0..<40).map(JSONText.integer)),
    ]
    let lines = value.text().split(separator: "\n")
    #expect(lines.allSatisfy { $0.count <= 100 })
    #expect(lines[1] == #"  "structures": ["#)
    #expect(lines[2] == #"    {"id": "random1000102", "distance": 0.123456789, "fmax": null},"#)
    #expect(try parsed(value.text()) == parsed(value.text(.oneLine)))
  }

  private func parsed(_ text: String) throws -> NSObject {
    try #require(JSONSerialization.jsonObject(with: Data(text.utf8)) as? NSObject)
  }

  @Test("Numbers read back exactly, and those JSON lacks are null")
  func numbers() throws {
    var bits: UInt64 = 0x9E37_79B9_7F4A_7C15
    var values: [Double] = [
      0, -0.0, 0.1, .leastNonzeroMagnitude, 1.7976931348623157e308, 1e16, 123_456_789_012_345_680,
      1e-5, 100,
    ]
    for _ in 0..<2000 {
      bits = bits &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      let value = Double(bitPattern: bits)
      if value.isFinite { values.append(value) }
    }
    let text = JSONText.array(values.map(JSONText.number)).text()
    let back = try JSONDecoder().decode([Double].self, from: Data(text.utf8))
    #expect(back == values)
    let odd: JSONText = [
      .number(.nan), .number(.infinity), JSONText(nil as Double?), JSONText(2.5),
    ]
    #expect(odd.text(.oneLine) == "[null, null, null, 2.5]")
  }

  @Test("Strings are escaped and come back")
  func strings() throws {
    let strings = ["", "plain", "\"q\" \\ /", "line\nbreak\r\ttab", "\u{0}\u{1b}\u{7f}", "Å 🙂 é"]
    let text = JSONText(strings).text(.oneLine)
    #expect(try JSONDecoder().decode([String].self, from: Data(text.utf8)) == strings)
    #expect(text.unicodeScalars.allSatisfy { $0.value >= 0x20 && $0.value != 0x7f })
    #expect(JSONText.object([.init("a\"b", 1)]).text(.oneLine) == #"{"a\"b": 1}"#)
  }
}
