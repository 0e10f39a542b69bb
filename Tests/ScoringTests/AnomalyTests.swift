// SPDX-License-Identifier: MIT

import RelaxNumerics
import Structures
import TestSupport
import Testing

@testable import Scoring

/// A two-layer slab with CO, changed by hand, and recorded slabs, changed at random.
@Suite("Anomalies")
struct AnomalyTests {
  private static let cell = Cell(
    Vector3(7.65, 0, 0), Vector3(0, 7.65, 0), Vector3(0, 0, 25),
    periodicity: Periodicity(true, true, false))

  private static func slab() -> Structure {
    var elements: [Element] = [], positions: [Vector3] = [], tags: [Int] = []
    for layer in 0..<2 {
      for i in 0..<3 {
        for j in 0..<3 {
          let shift = layer == 0 ? 0.0 : 1.275
          elements.append(Samples.copper)
          positions.append(
            Vector3(2.55 * Double(i) + shift, 2.55 * Double(j) + shift, 5 + 1.8 * Double(layer)))
          tags.append(layer)
        }
      }
    }
    elements += [Samples.element("C"), Samples.oxygen]
    positions += [Vector3(3.825, 3.825, 8.6), Vector3(3.825, 3.825, 9.75)]
    return Structure(elements: elements, positions: positions, cell: cell, tags: tags + [2, 2])
  }

  private static func anomalies(_ change: (inout Structure) -> Void) -> Set<Anomaly>? {
    var final = slab()
    change(&final)
    return AnomalyDetector().anomalies(of: final, initial: slab())
  }

  @Test("Each class by the smallest change that makes it, and not by less")
  func classes() {
    #expect(Self.anomalies { _ in } == [])
    // C–O is bonded below 0.76 + 0.66 + 0.6 = 2.02 Å.
    #expect(Self.anomalies { $0.positions[19].z = 8.6 + 2.01 } == [])
    #expect(Self.anomalies { $0.positions[19].z = 8.6 + 2.03 } == [.dissociated])
    // C–Cu generously below 1.5 · 2.08 + 0.6 = 3.72 Å, and C stands on the copper at z = 6.8 Å.
    func lifted(_ height: Double) -> Set<Anomaly>? {
      Self.anomalies {
        $0.positions[18].z = 6.8 + height
        $0.positions[19].z = 6.8 + height + 1.15
      }
    }
    #expect(lifted(3.71) == [] && lifted(3.73) == [.desorbed])
    #expect(
      Self.anomalies {
        $0.positions[18].z -= 1.7
        $0.positions[19].z -= 1.7
      } == [.intercalated])
    func moved(_ distance: Double) -> Set<Anomaly>? {
      Self.anomalies {
        for atom in 18...19 { $0.positions[atom] += Vector3(distance, 0.1, 0) }
      }
    }
    #expect(moved(1.4) == [] && moved(1.6) == [.migrated])
    // Wrapped into the neighbouring cell it has not gone anywhere.
    #expect(Self.anomalies { $0.positions[18].x += 7.65 } == [])
    // A copper atom out of the surface.
    #expect(Self.anomalies { $0.positions[13].z += 2.9 }?.contains(.reconstructed) == true)
  }

  /// Two changes of each of 200 slabs, judged by the public definition with ASE's neighbour list.
  @Test("400 of 400 random changes have the anomalies that ASE finds")
  func recorded() throws {
    let frames = try ReferenceData.frames("anomalies/changed.extxyz")
    try #require(frames.count == 600)
    var counts: [Anomaly: Int] = [:]
    for start in stride(from: 0, to: frames.count, by: 3) {
      for final in frames[start + 1...start + 2] {
        let names = try #require(final.attribute("anomalies")).unquoted
        let expected = try Set(
          names.split(separator: ",").map { try #require(Anomaly(rawValue: String($0))) })
        let found = try #require(
          AnomalyDetector().anomalies(of: final, initial: frames[start]))
        // The public detector does not know how far an adsorbate may go along the surface.
        #expect(
          found.subtracting([.migrated]) == expected, "\(final.attribute("sid")?.unquoted ?? "")")
        for anomaly in expected { counts[anomaly, default: 0] += 1 }
      }
    }
    // Each is met often enough to say something.
    for anomaly in Anomaly.allCases where anomaly != .migrated {
      #expect(counts[anomaly, default: 0] >= 20)
    }
  }

  @Test("Without tags or an initial structure nothing is said")
  func unknown() throws {
    var untagged = Self.slab()
    untagged.tags = nil
    #expect(AnomalyDetector().anomalies(of: untagged, initial: untagged) == nil)
    var settings = ScoringSettings()
    settings.anomalies = AnomalyLimits()
    let sample = Samples.with(Self.slab(), "sid", "a")
    var scorer = RelaxationScorer(settings)
    try scorer.add(reference: sample)
    try scorer.add(prediction: sample)
    let score = try scorer.finish()
    #expect(score.structures[0].anomalies == nil && score.normal == nil)
  }

  @Test("A relaxed frame that has kept fid=0 is not its own initial structure")
  func single() throws {
    let reference = Samples.with(Self.slab(), "sid", "a")
    var settings = ScoringSettings()
    settings.anomalies = AnomalyLimits()
    var scorer = RelaxationScorer(settings)
    try scorer.add(reference: reference)
    try scorer.add(prediction: Samples.with(reference, "fid", "0"))
    #expect(try scorer.finish().structures[0].anomalies == nil)
  }

  @Test("The first frame of a trajectory is an initial structure, unless one is given")
  func initial() throws {
    let reference = Samples.with(Self.slab(), "sid", "a")
    var far = reference
    for atom in 18...19 { far.positions[atom].x += 2 }
    func score(given: Bool) throws -> RelaxationScore {
      var settings = ScoringSettings()
      settings.anomalies = AnomalyLimits()
      var scorer = RelaxationScorer(settings)
      try scorer.add(reference: reference)
      if given { try scorer.add(initial: reference) }
      try scorer.add(prediction: Samples.with(far, "fid", "0"))
      try scorer.add(prediction: Samples.with(reference, "fid", "7"))
      return try scorer.finish()
    }
    let byPath = try score(given: false)
    #expect(byPath.structures[0].anomalies == [.migrated] && byPath.normal?.counts.references == 0)
    let byFile = try score(given: true)
    #expect(byFile.structures[0].anomalies == [] && byFile.normal?.adwt == 1)
    #expect(byFile.anomalyCounts.allSatisfy { $0.count == 0 })
  }
}
