// SPDX-License-Identifier: MIT

import TestSupport
import Testing

@testable import Scoring

struct ThresholdsTests {
  private struct Golden: Decodable {
    struct Values: Decodable { var values: [Double] }
    var thresholds: Values
  }

  @Test(
    "Thresholds are those of NumPy's arange, bit for bit",
    arguments: [
      ("metrics/is2rs.json", Thresholds.distance),
      ("metrics/afbt.json", Thresholds.force),
    ])
  func bits(file: String, thresholds: Thresholds) throws {
    let golden = try ReferenceData.json(file, as: Golden.self).thresholds.values
    #expect(thresholds.values.map(\.bitPattern) == golden.map(\.bitPattern))
  }

  @Test("There are 490 distance and 390 force thresholds, ends excluded")
  func counts() {
    #expect(Thresholds.distance.count == 490)
    #expect(Thresholds.force.count == 390)
    #expect(abs(Thresholds.distance.last - 0.499) < 1e-15)
    #expect(abs(Thresholds.force.last - 0.399) < 1e-15)
  }

  /// Worked by hand: limits above d, of 490.
  ///
  /// 0.05 passes index 41 on, for index 40 is 0.04999999999999997.
  @Test(
    "One structure's share follows from its distance",
    arguments: [
      (0.0, 490), (0.01, 489), (0.05, 449), (0.2, 299), (0.4989, 1), (0.499, 0), (0.5, 0), (7, 0),
      (.nan, 0), (.infinity, 0),
    ])
  func single(distance: Double, passed: Int) {
    #expect(Thresholds.distance.passed(by: distance) == passed)
    #expect(DistanceWithinThreshold.average([distance]) == Double(passed) / 490)
  }

  @Test("The search agrees with counting")
  func search() {
    for step in -10...5200 {
      let value = Double(step) * 1e-4
      let counted = Thresholds.distance.values.count { value < $0 }
      #expect(Thresholds.distance.passed(by: value) == counted)
    }
    for value in Thresholds.force.values {
      let counted = Thresholds.force.values.count { value < $0 }
      #expect(Thresholds.force.passed(by: value) == counted)
    }
  }

  @Test("Structures without a value stay in the denominator")
  func failures() {
    #expect(Thresholds.distance.meanShare(of: [0, nil, .nan, 0]) == 0.5)
    #expect(Thresholds.distance.meanShare(of: [Double?]()) == 0)
  }

  @Test("The curve's mean is the average, and it never falls")
  func curve() {
    let values: [Double?] = [0, 0.0104, 0.05, 0.2, 0.31, 0.4985, 0.6, nil, .nan]
    let shares = Thresholds.distance.shares(of: values)
    #expect(shares.count == 490)
    for (limit, share) in zip(Thresholds.distance.values, shares) {
      #expect(share == Double(values.count { ($0 ?? .nan) < limit }) / 9)
    }
    let mean = shares.reduce(0, +) / 490
    #expect(abs(mean - Thresholds.distance.meanShare(of: values)) < 1e-14)
  }
}
