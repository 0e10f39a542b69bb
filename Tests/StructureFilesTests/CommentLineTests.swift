// SPDX-License-Identifier: MIT

import Structures
import Testing

@testable import StructureFiles

@Suite struct CommentLineTests {
  private func attributes(_ comment: String) throws -> [Attribute] {
    try readStructure("1\n\(comment)\nHe 0 0 0\n").attributes
  }

  @Test("free text is a row of bare keys")
  func freeText() throws {
    #expect(
      try attributes("  the cat and the dog ")
        == ["the", "cat", "and", "the", "dog"].map { Attribute(name: $0, text: nil) })
  }

  @Test(
    "blanks around the equals sign do not count",
    arguments: ["a=1", "a =1", "a= 1", "a = 1", "a\t=\t1", " a=1 "])
  func blanks(comment: String) throws {
    #expect(try attributes(comment) == [Attribute(name: "a", text: "1")])
  }

  @Test(
    "a value is kept word for word",
    arguments: [
      "00123", "\"two words\"", "'one \"quote\"'", "{1 2 3}", "[[1, 2], [3, 4]]", "\"a\\\"b\"",
      "a\\ b", "x=y", "-0.15D+01", "\"\"", "_JSON", "\"[\"", "{\"a\": [1]}",
    ])
  func values(text: String) throws {
    #expect(
      try attributes("key=\(text) last")
        == [Attribute(name: "key", text: text), Attribute(name: "last", text: nil)])
  }

  @Test("a key may be quoted")
  func quotedKey() throws {
    #expect(
      try attributes("\"a key\"=1 'x=y' = 2 \"b\\\"c\"") == [
        Attribute(name: "a key", text: "1"), Attribute(name: "x=y", text: "2"),
        Attribute(name: "b\"c", text: nil),
      ])
  }

  @Test(
    "the identifier is the sid, else the id, else file and index",
    arguments: [
      ("id=7 sid=00123", "00123"), ("id=\"a b\"", "a b"), ("name=x", "a#0"), ("", "a#0"),
    ])
  func identifiers(comment: String, expected: String) throws {
    #expect(try readFrames(text: "1\n\(comment)\nHe 0 0 0\n")[0].identifier == expected)
  }

  @Test("an unusable frame has its identifier, too")
  func identifierOfUnusable() throws {
    let frames = try readFrames(text: "1\nsid=bad energy=x\nHe 0 0 0\n1\nsid=nan\nHe 0 0 nan\n")
    #expect(frames.map(\.identifier) == ["bad", "nan"])
  }

  @Test(
    "a file's name gives the identifier",
    arguments: [
      ("a/slab.extxyz", "slab"), ("slab.xyz.gz", "slab"), ("Pt3.5.extxyz.XZ", "Pt3.5"),
      ("slab", "slab"), (".xyz", ".xyz"), ("a.b/c", "c"), ("standard input", "stdin"),
    ])
  func baseNames(path: String, name: String) {
    #expect(StructureReader.baseName(of: path) == name)
  }

  @Test(
    "pbc is understood as ASE understands it",
    arguments: [
      ("T T F", true, true, false), ("F", false, false, false), ("1 0 1", true, false, true),
      ("True False TRUE", true, false, true), ("T,F,T", true, false, true), ("1", true, true, true),
    ])
  func periodicity(text: String, a: Bool, b: Bool, c: Bool) throws {
    for (open, close) in [("\"", "\""), ("[", "]"), ("{", "}")] {
      let structure = try readStructure(
        "1\nLattice=\"4 0 0 0 4 0 0 0 4\" pbc=\(open)\(text)\(close)\nHe 0 0 0\n")
      #expect(structure.cell.periodicity == Periodicity(a, b, c))
    }
  }

  @Test("without pbc a cell repeats in all directions, and without both in none")
  func defaultPeriodicity() throws {
    let cell = try readStructure("1\nLattice=\"4 0 0 0 4 0 0 0 4\"\nHe 0 0 0\n").cell
    #expect(cell.periodicity == .all)
    #expect(try readStructure("1\n\nHe 0 0 0\n").cell.periodicity == .none)
  }
}
