// SPDX-License-Identifier: MIT

import RelaxNumerics
import Testing

/// The fast reader of rows against the careful reader of single numbers.
@Suite struct RowReaderTests {
  /// Atomic numbers of h and cu only.
  private static let symbols: [UInt8] = {
    var table = [UInt8](repeating: 0, count: 1024)
    table[32 * 8] = 1
    table[32 * 3 + 21] = 29
    return table
  }()

  /// Bytes behind the text that are never looked into.
  private static let margin = [UInt8](repeating: 32, count: 100)

  @Test("numbers of any spelling are those of the careful reader, or left to it")
  func reals() {
    var random = SeededGenerator(seed: 1)
    var reader = RowReader([.real], symbols: Self.symbols)
    var usual = 0
    for _ in 0..<100_000 {
      var text = Bool.random(using: &random) ? "-" : ""
      for _ in 0..<Int.random(in: 0...12, using: &random) {
        text.append(Character(Unicode.Scalar(UInt8.random(in: 48...57, using: &random))))
      }
      if Int.random(in: 0..<8, using: &random) > 0 { text += "." }
      for _ in 0..<Int.random(in: 0...20, using: &random) {
        text.append(Character(Unicode.Scalar(UInt8.random(in: 48...57, using: &random))))
      }
      switch Int.random(in: 0..<8, using: &random) {
      case 0: text += "e\(Int.random(in: -320...320, using: &random))"
      case 1: text += ["x", "/", ":", ".", "-", "\0", "é"].randomElement(using: &random) ?? "x"
      default: break
      }
      let line = Array((text + "\n").utf8) + Self.margin
      let (rows, bytes) = reader.read(line, 0..<line.count, rows: 1)
      let careful = try? NumberText.double(in: line, 0..<text.utf8.count)
      if rows == 1 {
        usual += 1
        #expect(reader.reals[0].bitPattern == careful?.bitPattern, "\(text)")
        #expect(bytes == text.utf8.count + 1)
      } else {
        #expect(careful?.isFinite != true, "\(text)")
      }
    }
    #expect(usual > 50_000)
  }

  @Test("rows are read up to the first that is unusual")
  func rows() {
    let text = """
      Cu 1.5 -7 T
       h\t2.5e1  12 \tF \r
      H 3.5 0 F
      H 4.5 0 true

      """
    let bytes = Array(text.utf8) + Self.margin
    var reader = RowReader([.symbol, .real, .integer, .logical], symbols: Self.symbols)
    let (rows, used) = reader.read(bytes, 0..<bytes.count, rows: 10)
    #expect(rows == 3)
    #expect(String(decoding: bytes[used..<used + 5], as: UTF8.self) == "H 4.5")
    #expect(reader.reals[..<3] == [1.5, 25, 3.5])
    #expect(reader.integers[..<3] == [-7, 12, 0])
    #expect(reader.bytes[..<6] == [29, 1, 1, 0, 1, 0])
    #expect(reader.read(bytes, 0..<bytes.count, rows: 2).rows == 2)
  }

  @Test(
    "an unusual row is left alone",
    arguments: [
      "", " ", "H", "H 1", "H 1 2 3", "H 1 2x", "H 1 2.0", "Q 1 2", "Hhh 1 2", "1 1 2", "H nan 2",
      "H inf 2", "H 1 99999999999999999999", "H 1\n2", "H 1 2 \r ", "H 1 -", "H 1 +2", "H@ 1 2",
    ])
  func unusual(row: String) {
    let bytes = Array((row + "\n").utf8) + Self.margin
    var reader = RowReader([.symbol, .real, .integer], symbols: Self.symbols)
    #expect(reader.read(bytes, 0..<bytes.count, rows: 1) == (0, 0))
  }

  @Test("no byte behind the range is read into a value")
  func bounds() {
    let bytes = Array("H 1.5 2\nH 2.5 3\n".utf8) + Self.margin
    var reader = RowReader([.symbol, .real, .integer], symbols: Self.symbols)
    for end in 0...bytes.count {
      let (rows, used) = reader.read(bytes, 0..<end, rows: 2)
      #expect(used <= end && used == rows * 8)
    }
  }
}
