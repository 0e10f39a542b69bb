// SPDX-License-Identifier: MIT

import Files
import RelaxNumerics

/// Sentences about text that is not the number it should be.
enum NumberComplaint {
  /// About text that is not a real number; `expected` continues the sentence.
  static func real(
    _ bytes: [UInt8], _ range: Range<Int>, _ defect: NumberText.Defect, _ expected: String
  ) -> String {
    let quoted = Excerpt.quote(bytes, range)
    if defect == .outOfRange { return "\(quoted) is too large for a 64-bit real; \(expected)" }
    // Fortran's exponent letter, which some programs read and others turn into text.
    if let d = range.first(where: { bytes[$0] | 0x20 == UInt8(ascii: "d") }) {
      var repaired = Array(bytes[range])
      repaired[d - range.lowerBound] = UInt8(ascii: "e")
      let all = 0..<repaired.count
      if (try? NumberText.double(in: repaired, all)) != nil {
        return "\(quoted) has a D exponent; \(expected), such as \(Excerpt.quote(repaired, all))"
      }
    }
    return "\(quoted) is not a number; \(expected)"
  }

  /// About text that is not an integer.
  static func integer(
    _ bytes: [UInt8], _ range: Range<Int>, _ defect: NumberText.Defect, _ expected: String
  ) -> String {
    let quoted = Excerpt.quote(bytes, range)
    return defect == .outOfRange
      ? "\(quoted) is too large for a 64-bit integer; \(expected)"
      : "\(quoted) is not a whole number; \(expected)"
  }
}
