// SPDX-License-Identifier: MIT

import Foundation
import RelaxNumerics
import Testing

/// Reading and writing decimal numbers, against the C library's `strtod`, which rounds correctly.
@Suite struct NumberTextTests {
  private func read(_ text: String) -> Double? {
    let bytes = Array(text.utf8)
    return try? NumberText.double(in: bytes, 0..<bytes.count)
  }

  private func written(_ value: Double) -> String {
    var bytes: [UInt8] = []
    NumberText.append(value, to: &bytes)
    return String(decoding: bytes, as: UTF8.self)
  }

  /// Whether `text` is read as `strtod` reads it, bit for bit.
  private func agrees(_ text: String) -> Bool {
    let expected = strtod(text, nil)
    guard let value = read(text) else { return expected.isInfinite }
    return value.bitPattern == expected.bitPattern
  }

  @Test("the shortest text of any bit pattern is read back exactly")
  func bitPatterns() {
    var random = SeededGenerator(seed: 1)
    for _ in 0..<300_000 {
      let value = Double(bitPattern: random.next())
      if value.isNaN { continue }
      let text = written(value)
      #expect(text == value.description)
      #expect(read(text)?.bitPattern == value.bitPattern)
    }
  }

  @Test("numbers of everyday size are written as Swift writes them")
  func everydaySizes() {
    var random = SeededGenerator(seed: 2)
    for _ in 0..<300_000 {
      let exponent = random.uniform(-26, 18)
      var value = pow(10, exponent) * random.uniform(-1, 1)
      if random.next() & 1 == 0 { value = (value * 1e6).rounded() / 1e6 }
      #expect(written(value) == value.description)
    }
  }

  @Test("a power of two and its neighbours are written as Swift writes them")
  func powersOfTwo() {
    for exponent in -1074...1023 {
      let power = scalbn(1.0, exponent)
      for value in [power, power.nextUp, power.nextDown, -power, power * 3] {
        #expect(written(value) == value.description)
      }
    }
  }

  @Test("decimals of up to twenty-five digits are read as strtod reads them")
  func decimals() {
    var random = SeededGenerator(seed: 3)
    for _ in 0..<300_000 {
      var text = ""
      for _ in 0..<Int.random(in: 1...25, using: &random) {
        text.append(Character(Unicode.Scalar(UInt8.random(in: 48...57, using: &random))))
      }
      if Bool.random(using: &random) {
        let point = Int.random(in: 0...text.count, using: &random)
        text.insert(".", at: text.index(text.startIndex, offsetBy: point))
      }
      if Bool.random(using: &random) {
        text += "e\(Int.random(in: -30...30, using: &random))"
      }
      #expect(agrees(text), "\(text)")
    }
  }

  @Test("texts halfway between two doubles, and a little beside, are rounded correctly")
  func halfway() {
    var random = SeededGenerator(seed: 4)
    for _ in 0..<20_000 {
      // 54 bits: exactly between two doubles; with fraction bits it stays an exact decimal.
      let bits = random.next() >> 10 | 1 << 53 | 1
      let scale = Int.random(in: 0...9, using: &random)
      let whole = bits >> scale
      let rest = bits & (1 << scale - 1)
      var fraction = ""
      if scale > 0 {
        // rest / 2^scale as a decimal: rest · 5^scale with `scale` digits.
        let digits = String(rest * UInt64(pow(5.0, Double(scale))))
        fraction = "." + String(repeating: "0", count: scale - digits.count) + digits
      }
      let text = "\(whole)\(fraction)"
      #expect(agrees(text), "\(text)")
      let beyond = text + (scale > 0 ? "" : ".") + String(repeating: "0", count: 30) + "1"
      #expect(agrees(beyond), "\(beyond)")
    }
  }

  @Test(
    "difficult numbers are read as strtod reads them",
    arguments: [
      "0", "-0", "0.0", "-0.0e5", "1", "+1", "1.", ".5", "-.5e1", "1e22", "1e23", "1e-22", "1e-23",
      "9007199254740993", "9007199254740992.9999999999999999", "18446744073709551615",
      "9999999999999999999", "9999999999999999999e19", "9999999999999999999e-19",
      "1.7976931348623157e308", "1.7976931348623158e308", "1.7976931348623159e308",
      "2.2250738585072011e-308", "2.2250738585072014e-308", "5e-324", "2.4703282292062327e-324",
      "2.4703282292062328e-324", "1e-400", "0e999999999999", "0.000000000000000000000000001",
      "00000000000000000000000000001", "123456789012345678901234567890", "1e00000000000000000001",
      "6.631236871469758276785396630275967242e-19", "3.518437208883201171875e13",
      "62.5364939768271845828", "8.10109172351e-10", "1.50000000000000011102230246251565",
    ])
  func difficult(text: String) { #expect(agrees(text)) }

  @Test("a million digits are read correctly")
  func manyDigits() {
    let many = String(repeating: "0123456789", count: 100_000)
    for text in [many, "0.\(many)", "\(many)e-999990", "0.\(many)e5", "1.\(many)e300"] {
      #expect(agrees(text))
    }
    // The last of many digits decides on which side of the middle the number lies.
    let middle = "9007199254740993" + "." + String(repeating: "0", count: 5000)
    #expect(read(middle + "0") == 9_007_199_254_740_992)
    #expect(read(middle + "1") == 9_007_199_254_740_994)
    #expect(read("0." + String(repeating: "0", count: 400_000) + "1e400001") == 1)
  }

  @Test(
    "what is not a decimal number is refused",
    arguments: [
      "", " ", "+", "-", ".", "e5", "1e", "1e+", "1 ", " 1", "1.2.3", "--1", "0x10", "1d5", "1_000",
      "1,5", "nanx", "nan(1)", "in", "infinit", "1f", "١", "1\0", "1e5.5",
    ])
  func refused(text: String) {
    let bytes = Array(text.utf8)
    #expect(throws: NumberText.Defect.notANumber) {
      try NumberText.double(in: bytes, 0..<bytes.count)
    }
  }

  @Test("numbers too large for a double are refused", arguments: ["1e309", "-1e999999999999999"])
  func tooLarge(text: String) {
    let bytes = Array(text.utf8)
    #expect(throws: NumberText.Defect.outOfRange) {
      try NumberText.double(in: bytes, 0..<bytes.count)
    }
  }

  @Test("the names of what is not finite are read in any case")
  func notFinite() {
    for text in ["nan", "NaN", "-nan", "+NAN"] { #expect(read(text)?.isNaN == true) }
    for text in ["inf", "Inf", "+infinity", "INFINITY"] { #expect(read(text) == .infinity) }
    for text in ["-inf", "-Infinity"] { #expect(read(text) == -.infinity) }
  }

  @Test("integers are read and written over their whole range")
  func integers() throws {
    func read(_ text: String) throws -> Int {
      try NumberText.integer(in: Array(text.utf8), 0..<text.utf8.count)
    }
    var random = SeededGenerator(seed: 5)
    for _ in 0..<10_000 {
      let value = Int(truncatingIfNeeded: random.next()) >> Int.random(in: 0...63, using: &random)
      var bytes: [UInt8] = []
      NumberText.append(value, to: &bytes)
      #expect(String(decoding: bytes, as: UTF8.self) == String(value))
      #expect(try read(String(value)) == value)
    }
    #expect(try read("-9223372036854775808") == .min)
    #expect(try read("+007") == 7)
    for text in ["9223372036854775808", "-9223372036854775809", "99999999999999999999999"] {
      #expect(throws: NumberText.Defect.outOfRange) { try read(text) }
    }
    for text in ["", "-", "1.0", "1e3", "0x1", " 1", "1_0"] {
      #expect(throws: NumberText.Defect.notANumber) { try read(text) }
    }
  }

  @Test("words are found between blanks and tabs")
  func words() {
    let bytes = Array("x  ab\tc ".utf8)
    var bounds = [UInt32](repeating: 0, count: 4)
    #expect(NumberText.split(bytes, 1..<bytes.count, into: &bounds) == 2)
    #expect(bounds == [2, 4, 5, 6])
    #expect(NumberText.split(bytes, 0..<bytes.count, into: &bounds) == 3)
    #expect(bounds == [0, 1, 3, 5])
    #expect(NumberText.split(bytes, 1..<3, into: &bounds) == 0)
  }
}
