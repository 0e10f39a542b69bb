// SPDX-License-Identifier: MIT

import StructureFiles
import Structures
import Testing

@Suite("Filters of frames")
struct FrameFilterTests {
  private static func filters(_ texts: String...) throws -> [FrameFilter] {
    try texts.map { try #require(FrameFilter($0)) }
  }

  @Test("What is recorded tells lists of filters apart")
  func recorded() throws {
    let lists = try [
      Self.filters("a=b c=d"), Self.filters("a=b", "c=d"), Self.filters("a=b\" \"c=d"),
      Self.filters("a=\"b", "c=d\""), Self.filters("a=", "c=d"), Self.filters("a= c=d"),
      Self.filters("a=b\tc=d"), Self.filters("a=b\nc=d"), Self.filters("c=d", "a=b"),
      Self.filters("a b=c=d"), Self.filters("a=b\\nc=d"), [],
    ]
    #expect(Set(lists.map(\.recorded)).count == lists.count)
    #expect(lists[1].recorded == "a=b c=d")
    #expect(lists.allSatisfy { !$0.recorded.contains { $0.isNewline || $0 == "\t" } })
  }

  @Test("A frame passes if every entry reads as wanted")
  func accepted() throws {
    let structure = Structure(
      elements: [], positions: [],
      attributes: [
        Attribute(name: "role", text: "relaxed"), Attribute(name: "note", string: "b c=d"),
      ])
    #expect(try Self.filters("role=relaxed", "note=b c=d").accept(structure))
    #expect(try !Self.filters("role=relaxed", "note=b").accept(structure))
    #expect(try !Self.filters("missing=").accept(structure))
    #expect([FrameFilter]().accept(structure))
    #expect(FrameFilter("=x") == nil && FrameFilter("x") == nil)
  }
}
