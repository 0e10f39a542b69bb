// SPDX-License-Identifier: MIT

import Files
import RelaxNumerics
import TestSupport
import Testing

@testable import StructureFiles

@Suite("Passing over frames")
struct SkippingTests {
  private static let frames = (0..<40).map { index in
    let rows = (0...index % 5).map { "Cu \($0).5 \(index) 0\n" }.joined()
    return "\(index % 5 + 1)\nsid=f\(index) Properties=species:S:1:pos:R:3\n\(rows)"
  }

  private func reader(_ text: String, _ scratch: Scratch, _ filters: [FrameFilter] = []) throws
    -> StructureReader
  {
    try scratch.write(Array(text.utf8), to: "in.xyz")
    return try StructureReader(path: scratch.path("in.xyz"), selecting: filters)
  }

  @Test("what is passed over changes nothing about the others", arguments: 0..<8)
  func mixed(seed: UInt64) throws {
    let scratch = try Scratch()
    var random = SeededGenerator(seed: seed)
    let text = SkippingTests.frames.joined()
    let whole = try reader(text, scratch)
    var all: [Frame] = []
    while let frame = try whole.next() { all.append(frame) }
    let reader = try reader(text, scratch)
    var place = 0
    while true {
      if random.next() % 2 == 0 {
        guard try reader.skip() else { break }
      } else {
        guard let frame = try reader.next() else { break }
        #expect(frame.identifier == all[place].identifier && frame.index == place)
        #expect(frame.line == all[place].line)
        #expect(try frame.structure() == all[place].structure())
      }
      place += 1
    }
    #expect(place == all.count)
    #expect(try !reader.skip())
  }

  @Test(
    "a file that ends early, or has a blank line in a frame, is refused as if it were read",
    arguments: [
      "2\n\nCu 0 0 0\n", "2\n", "2\n\nCu 0 0 0\n\n", "1\n\nCu 0 0 0\n\n1\n\nCu 0 0 0\n",
      "1\n\nCu 0 0 0\nCu 1 1 1\n", "two\n\nCu 0 0 0\n", "2\n\n \nCu 0 0 0\n",
    ])
  func refused(text: String) throws {
    func error(_ step: (StructureReader) throws -> Bool) -> String {
      do {
        let scratch = try Scratch()
        let reader = try reader(text, scratch)
        while try step(reader) {}
        return "none"
      } catch { return (error as? FileError)?.message ?? "\(error)" }
    }
    let read = error { try $0.next() != nil }
    #expect(read != "none")
    #expect(error { try $0.skip() } == read)
  }

  @Test("filters are asked of what is passed over, too")
  func filtered() throws {
    let scratch = try Scratch()
    let filter = try #require(FrameFilter("natoms>3"))
    let reader = try reader(SkippingTests.frames.joined(), scratch, [filter])
    var count = 0
    while try reader.skip() { count += 1 }
    #expect(count == 16)
  }
}
