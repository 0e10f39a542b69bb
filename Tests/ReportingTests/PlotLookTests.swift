// SPDX-License-Identifier: MIT

import RelaxNumerics
import Testing

@testable import Reporting

@Suite("Colours and shapes of series")
struct PlotLookTests {
  /// Relative luminance of a colour `#rrggbb` (WCAG 2).
  private static func luminance(_ color: String) throws -> Double {
    let number = try #require(Int(color.dropFirst(), radix: 16))
    let linear = [16, 8, 0].map { shift -> Double in
      let value = Double((number >> shift) & 255) / 255
      return value <= 0.04045 ? value / 12.92 : power((value + 0.055) / 1.055, 2.4)
    }
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
  }

  private static func power(_ base: Double, _ exponent: Double) -> Double {
    // e^(x ln b) by the series of both: no function of the system is needed for three digits.
    var (logarithm, term) = (0.0, (base - 1) / (base + 1))
    let square = term * term
    for odd in stride(from: 1.0, to: 400, by: 2) {
      logarithm += 2 * term / odd
      term *= square
    }
    var (sum, part) = (1.0, 1.0)
    for place in 1..<60 {
      part *= exponent * logarithm / Double(place)
      sum += part
    }
    return sum
  }

  private static func contrast(_ a: String, _ b: String) throws -> Double {
    let (x, y) = (try luminance(a), try luminance(b))
    return (max(x, y) + 0.05) / (min(x, y) + 0.05)
  }

  @Test("Every colour stands out from white and from dark pages")
  func contrast() throws {
    #expect(try abs(Self.contrast("#000000", "#ffffff") - 21) < 0.01)
    for color in PlotLook.colors + [PlotLook.grey] {
      #expect(try Self.contrast(color.light, "#ffffff") >= 3, "\(color)")
      #expect(try Self.contrast(color.dark, "#15191f") >= 3, "\(color)")
    }
  }

  @Test("Series differ without their colours: lines in their dashes, points in their shapes")
  func withoutColours() {
    let count = PlotLook.colors.count
    func dashes(_ index: Int) -> String {
      PlotLook(.line, index, .figure).stroke.components(separatedBy: "stroke-dasharray").last ?? ""
    }
    #expect(
      Set((0..<count).map { dashes($0).contains("stroke-width") ? "" : dashes($0) }).count == count)
    #expect(Set((0..<count).map { PlotMarker.of($0) }).count == count)
  }

  @Test("A page takes colours from its style sheet, a file has its own")
  func forms() {
    #expect(PlotLook(.line, 1, .page).color == "var(--series-1,\(PlotLook.colors[1].light))")
    #expect(PlotLook(.line, 1, .figure).color == PlotLook.colors[1].light)
    for index in PlotLook.colors.indices {
      #expect(
        PlotLook.variables(dark: true).contains(
          "--series-\(index): \(PlotLook.colors[index].dark);"))
    }
    #expect(PlotLook(.dotted, 0, .figure).color == PlotLook.grey.light)
  }
}
