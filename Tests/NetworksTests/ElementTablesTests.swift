// SPDX-License-Identifier: MIT

import Networks
import Structures
import TestSupport
import Testing

@Suite("Element tables")
struct ElementTablesTests {
  private struct Reference: Decodable {
    // swift-format-ignore: AlwaysUseLowerCamelCase
    var normalised_features_float32: [String: [Double?]]
    // swift-format-ignore: AlwaysUseLowerCamelCase
    var atomic_radius_pm: [String: Double?]
  }

  @Test(
    "every number equals the released code's, bit for bit")
  func released() throws {
    let reference = try ReferenceData.json("functions/atom_tables.json", as: Reference.self)
    var compared = 0
    for row in 1..<ElementTables.rowCount {
      let features = try #require(reference.normalised_features_float32["\(row)"])
      for column in 0..<ElementTables.propertyCount {
        let expected = column < features.count ? features[column].map { Float($0) } ?? .nan : .nan
        let found = ElementTables.atomMap.values[row * ElementTables.propertyCount + column]
        #expect(
          found == expected || found.isNaN && expected.isNaN, "row \(row), column \(column)")
        compared += found.isNaN ? 0 : 1
      }
      let radius = try #require(reference.atomic_radius_pm["\(row)"])
      #expect(
        ElementTables.atomRadii.values[row].bitPattern
          == (radius.map { Float($0) / 100 } ?? .nan).bitPattern, "radius \(row)")
    }
    #expect(compared == 94 * 9)
  }

  @Test("elements without data are known by name")
  func gaps() {
    let all = (1...118).compactMap { Element(atomicNumber: $0) }
    let withoutRadius = all.filter { ElementTables.radius(of: $0) == nil }
    #expect(
      withoutRadius.map(\.symbol).prefix(10).joined(separator: " ")
        == "Kr Xe At Rn Fr Cm Bk Cf Es Fm")
    #expect(withoutRadius.count == 28)
    let withoutProperties = all.filter { ElementTables.properties(of: $0) == nil }
    #expect(withoutProperties.map(\.symbol).prefix(6).joined(separator: " ") == "At Fr Bk Cf Es Fm")
    #expect(withoutProperties.count == 24)
    #expect(ElementTables.atomMap.values[..<9].allSatisfy { $0.isNaN }, "row 0 is no element")
  }

  @Test("properties span 0 to 1 and hydrogen is where it should be")
  func range() throws {
    for column in 0..<9 {
      let values = (1...100).map { ElementTables.atomMap.values[$0 * 9 + column] }
        .filter { !$0.isNaN }
      #expect(values.min() == 0)
      #expect(values.max() == 1)
    }
    let hydrogen = try #require(Element(symbol: "H"))
    #expect(ElementTables.radius(of: hydrogen) == 0.25)
    #expect(ElementTables.properties(of: hydrogen)?[2] == 1, "the most electronegative")
    #expect(ElementTables.plainAtomMap.values[29 * 9 + 4] == 0.29)
  }
}
