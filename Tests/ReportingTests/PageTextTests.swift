// SPDX-License-Identifier: MIT

import Files
import Foundation
import RelaxNumerics
import Testing

@testable import Reporting

@Suite("Text inside pages")
struct PageTextTests {
  /// What a Swift Character can hide: scalars that join what follows or precedes them.
  static let joiners = [
    "", "\u{0600}", "\u{0301}", "\u{200D}", "\u{FE0F}", "\u{E0020}", "\u{1F3FB}", "\r", "\u{0}",
    "\u{2028}", "\u{2029}", "\u{110BD}",
  ]
  static let dangers = [
    "</script><img src=x onerror=alert(1)>", "<!--<script>", "-->", "]]>", "\"'&<>", "</SCRIPT >",
    "</scr\u{0301}ipt", "<style>", "</title>", "`${1}`", "\\u003c", "\\", "\u{2028}",
  ]

  static var texts: [String] {
    joiners.flatMap { before in
      dangers.flatMap { danger in joiners.map { before + danger + $0 } }
    }
  }

  @Test("No byte of a text can begin or end anything in HTML")
  func html() {
    for text in Self.texts {
      let escaped = Array(HTMLText.escaped(text).utf8)
      for byte in "<>\"'".utf8 { #expect(!escaped.contains(byte), "\(text)") }
      #expect(!escaped.contains { $0 < 32 && $0 != 9 && $0 != 10 }, "\(text)")
    }
    #expect(HTMLText.escaped("a\u{0600}<b") == "a\u{0600}&lt;b")
    #expect(HTMLText.escaped("Å & \u{0}") == "Å &amp; \u{FFFD}")
  }

  @Test("Nor in a script, and it reads back as it was")
  func script() throws {
    let value = JSONText.object(
      Set(Self.texts).map { .init($0, .array([.string($0), .number(0.5)])) })
    let text = ScriptText.expression(value)
    let bytes = Array(text.utf8)
    for byte in "<>&\n\r".utf8 { #expect(!bytes.contains(byte)) }
    #expect(!text.unicodeScalars.contains { $0.value == 0x2028 || $0.value == 0x2029 })
    let read = try JSONText(parsing: text)
    for text in Self.texts {
      #expect(read[text] == .array([.string(text), .number(0.5)]), "\(text.debugDescription)")
    }
  }

  @Test("Any string of random scalars is safe in both")
  func random() throws {
    var random = SeededGenerator(seed: 11)
    for _ in 0..<2000 {
      var text = ""
      for _ in 0..<random.below(12) {
        let value = UInt32(random.below(random.below(2) == 0 ? 128 : 0x110000))
        if let scalar = Unicode.Scalar(value) { text.unicodeScalars.append(scalar) }
      }
      let script = ScriptText.expression(.string(text))
      #expect(!script.utf8.contains(UInt8(ascii: "<")))
      #expect(try JSONText(parsing: script) == .string(text))
      #expect(!HTMLText.escaped(text).utf8.contains(UInt8(ascii: "<")))
    }
  }

  @Test("Names from outside are cut in the middle, and control characters are spelled")
  func names() {
    let long = String(repeating: "a", count: 5000) + "z"
    #expect(Excerpt.name(long).unicodeScalars.count == 64)
    #expect(Excerpt.name(long).hasPrefix("aaaa") && Excerpt.name(long).hasSuffix("aaaz"))
    #expect(Excerpt.name(long).contains("…"))
    let exact = String(repeating: "b", count: 64)
    #expect(Excerpt.name(exact) == exact)
    // One character of a thousand scalars is long too.
    let stacked = "e" + String(repeating: "\u{0301}", count: 1000)
    #expect(Excerpt.name(stacked).unicodeScalars.count == 64)
    #expect(Excerpt.name("a\nb\u{1B}[31m\u{202E}") == "a\\nb\\u{1b}[31m\\u{202e}")
    #expect(Excerpt.list(["a", "b"]) == "a, b")
    #expect(Excerpt.list(["a", "b", "c", "d", "e"]) == "a, b, c and 2 more")
  }

  @Test("Markdown cells neither end early nor begin HTML")
  func markdown() {
    var table = ResultTable(columns: [.init("x", .left)])
    table.append(.text("a\u{0600}|b<img>\\"))
    #expect(table.markdown().contains("| a\u{0600}\\|b&lt;img>\\\\ |"))
  }
}
