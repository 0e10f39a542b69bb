// SPDX-License-Identifier: MIT

import Files
import RelaxNumerics
import Structures
import Testing

@testable import StructureFiles

@Suite struct QuotedTextTests {
  /// A frame whose comment has `attributes`, written and read again.
  private func roundTrip(_ attributes: [Attribute]) throws -> [Attribute] {
    let structure = Structure(
      elements: [.init(symbol: "H")].compactMap { $0 }, positions: [.zero], attributes: attributes)
    return try readFrames(write([structure]))[0].structure().attributes
  }

  @Test("any text is a value that is read as the same text", arguments: 0..<200)
  func anyText(seed: Int) throws {
    var random = SeededGenerator(seed: UInt64(seed))
    let pieces = [
      "a", "\n", "\r", "\"", "'", "\\", "[", "]", "{", "}", "=", ",", " ", "\t", "\0", "\u{7F}",
      "µ",
      "\u{A0}", "\u{2028}", "\u{85}", "_JSON ", "_JSON \"", "😀", "\u{301}", "\u{EFFC}", "u0041",
      "é",
    ]
    var text = ""
    for _ in 0..<random.below(12) {
      text += pieces[random.below(pieces.count)]
    }
    let written = Attribute(name: "note", string: text)
    #expect(written.unquoted == text)
    let read = try roundTrip([written, Attribute(name: "next", text: "1")])
    #expect(read.first?.unquoted == text && read.count == 2)
    // Compared by characters, some different texts are equal.
    #expect(read.first.map { Array($0.unquoted.utf8) } == Array(text.utf8))
  }

  @Test("a key is read as it was written, whatever it looks like", arguments: 0..<100)
  func anyKey(seed: Int) throws {
    var random = SeededGenerator(seed: UInt64(seed), stream: 2)
    let pieces = [
      "a", "\"", "'", "\\", "[", "]", "{", "}", "=", ",", " ", "\t", "µ", "\u{A0}",
      "_JSON ", "_JSON \"", "1e-320", "😀", "\u{301}",
    ]
    var key = "k"
    if random.below(2) == 0 { key = "_JSON " }
    for _ in 0..<random.below(8) { key += pieces[random.below(pieces.count)] }
    let read = try roundTrip([Attribute(name: key, text: "1"), Attribute(name: "next", text: "2")])
    #expect(read.map { Array($0.name.utf8) } == [Array(key.utf8), Array("next".utf8)])
    // A bare key, without a value, too.
    let bare = try #require(try roundTrip([Attribute(name: key, text: nil)]).first)
    #expect(Array(bare.name.utf8) == Array(key.utf8) && bare.text == nil)
  }

  @Test("texts are spelled as ASE reads them")
  func spelling() {
    for (text, value) in [
      ("slabs#0", "slabs#0"), ("", "\"\""), ("two words", "\"two words\""), ("a\"b", "\"a\\\"b\""),
      ("a\nb", "\"_JSON \\\"a\\\\nb\\\"\""), ("x,y", "\"x,y\""), ("µ", "µ"),
    ] {
      #expect(Attribute(name: "a", string: text).text == value)
    }
  }

  @Test("a line end that nobody quoted breaks no frame")
  func unquotedLineEnd() throws {
    #expect(try roundTrip([Attribute(name: "a", text: "1\n2")]).first?.unquoted == "1\n2")
  }

  @Test("an id is the text of sid or id, whatever it holds")
  func identifiers() throws {
    for text in ["00123", "a\nb", "\"", "=", " "] {
      let structure = Structure(
        elements: [.init(symbol: "H")].compactMap { $0 }, positions: [.zero],
        attributes: [Attribute(name: "sid", string: text)])
      #expect(structure.identifier == text)
      #expect(try readFrames(write([structure]))[0].identifier == text)
    }
  }
}
