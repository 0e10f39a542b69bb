// SPDX-License-Identifier: MIT

import CKernels

/// Numbers as decimal text in a buffer of bytes: reading is correctly rounded, writing is the
/// shortest text that reads back as the same value, bit for bit.
public enum NumberText {
  /// Why a piece of text is not a number of the wanted type.
  public enum Defect: Error, Hashable, Sendable {
    /// It is something else.
    case notANumber
    /// It is a number, but the type cannot hold one so large.
    case outOfRange
  }

  /// The real number that all of `bytes[range]` spells.
  ///
  /// Accepted are an optional sign, digits with at most one point, and an optional exponent after
  /// `e` or `E`; or `nan`, `inf`, `infinity` in any case.
  public static func double(
    in bytes: [UInt8], _ range: Range<Int>
  ) throws(Defect) -> Double {
    var value = 0.0
    let code = withText(bytes, range) { relax_parse_double($0, $1, &value) }
    if code == RELAX_NUMBER { return value }
    throw code == RELAX_OUT_OF_RANGE ? .outOfRange : .notANumber
  }

  /// The integer that all of `bytes[range]` spells: an optional sign and digits.
  public static func integer(
    in bytes: [UInt8], _ range: Range<Int>
  ) throws(Defect) -> Int {
    var value: Int64 = 0
    let code = withText(bytes, range) { relax_parse_integer($0, $1, &value) }
    if code == RELAX_NUMBER { return Int(value) }
    throw code == RELAX_OUT_OF_RANGE ? .outOfRange : .notANumber
  }

  /// Appends the numbers of a list with commas, such as `1, 2.5, -3e4`, at the beginning of `bytes[range]`.
  ///
  /// Each is spelled as ``double(in:_:)`` has it; blanks and line ends may stand around commas.
  ///
  /// - Returns: the index behind the last number, or that of what is no number behind a comma.
  public static func appendList(
    _ bytes: [UInt8], _ range: Range<Int>, to values: inout [Double]
  ) -> Int {
    withText(bytes, range) { text, count in
      guard let text else { return range.lowerBound }
      var at = 0
      while true {
        var end = at
        while end < count, text[end] > 32, text[end] != 44, text[end] != 93 { end += 1 }
        var value = 0.0
        guard end > at, relax_parse_double(text + at, end - at, &value) == RELAX_NUMBER else {
          return range.lowerBound + at
        }
        values.append(value)
        at = end
        while end < count, text[end] <= 32 { end += 1 }
        guard end < count, text[end] == 44 else { return range.lowerBound + at }
        at = end + 1
        while at < count, text[at] <= 32 { at += 1 }
      }
    }
  }

  /// Finds the words of `bytes[range]`, which blanks and tabs separate.
  ///
  /// Word *i* becomes `range.lowerBound + bounds[2i] ..< range.lowerBound + bounds[2i + 1]`; words
  /// beyond `bounds.count / 2` are counted but not stored.
  ///
  /// - Returns: how many words there are.
  public static func split(
    _ bytes: [UInt8], _ range: Range<Int>, into bounds: inout [UInt32]
  ) -> Int {
    precondition(range.count <= Int(UInt32.max), "a line of \(range.count) bytes")
    return bounds.withUnsafeMutableBufferPointer { bounds in
      withText(bytes, range) { relax_split_words($0, $1, bounds.baseAddress, bounds.count / 2) }
    }
  }

  /// Appends the shortest text that reads back as `value`.
  public static func append(_ value: Double, to bytes: inout [UInt8]) {
    let short = withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 32) { text in
      guard let start = text.baseAddress else { return false }
      let length = relax_format_double(value, start)
      bytes.append(contentsOf: UnsafeBufferPointer(start: start, count: length))
      return length > 0
    }
    if !short { bytes.append(contentsOf: value.description.utf8) }
  }

  /// Appends the three components of `vector`, with a blank between them.
  public static func append(_ vector: Vector3, to bytes: inout [UInt8]) {
    withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 128) { text in
      guard let start = text.baseAddress else { return }
      var length = 0
      for component in 0..<3 {
        if component > 0 {
          start[length] = 32
          length += 1
        }
        let written = relax_format_double(vector[component], start + length)
        length += written
        if written == 0 {
          bytes.append(contentsOf: UnsafeBufferPointer(start: start, count: length))
          bytes.append(contentsOf: vector[component].description.utf8)
          length = 0
        }
      }
      bytes.append(contentsOf: UnsafeBufferPointer(start: start, count: length))
    }
  }

  /// Appends `value` in decimal.
  public static func append(_ value: Int, to bytes: inout [UInt8]) {
    withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 20) { text in
      var start = text.count
      var rest = value.magnitude
      repeat {
        start -= 1
        text[start] = UInt8(truncatingIfNeeded: 48 + rest % 10)
        rest /= 10
      } while rest > 0
      if value < 0 {
        start -= 1
        text[start] = 45
      }
      bytes.append(contentsOf: UnsafeBufferPointer(rebasing: text[start...]))
    }
  }

  private static func withText<Result>(
    _ bytes: [UInt8], _ range: Range<Int>, _ body: (UnsafePointer<UInt8>?, Int) -> Result
  ) -> Result {
    precondition(
      range.lowerBound >= 0 && range.upperBound <= bytes.count, "\(range) of \(bytes.count) bytes")
    return bytes.withUnsafeBufferPointer { all in
      body(all.baseAddress.map { $0 + range.lowerBound }, range.count)
    }
  }
}

extension [UInt8] {
  /// Index of the first line feed in `range`.
  public func firstLineFeed(in range: Range<Int>) -> Int? {
    precondition(range.lowerBound >= 0 && range.upperBound <= count, "\(range) of \(count) bytes")
    return withUnsafeBufferPointer { all in
      guard let start = all.baseAddress else { return nil }
      let found = relax_find_byte(start + range.lowerBound, range.count, 10)
      return found < range.count ? range.lowerBound + found : nil
    }
  }

  /// Moves `self[range]` to the front; what lay there is overwritten, the length stays.
  public mutating func moveToFront(_ range: Range<Int>) {
    precondition(range.lowerBound >= 0 && range.upperBound <= count, "\(range) of \(count) bytes")
    withUnsafeMutableBytes { all in
      let source = UnsafeRawBufferPointer(rebasing: all[range])
      UnsafeMutableRawBufferPointer(rebasing: all[..<range.count]).copyMemory(from: source)
    }
  }
}
