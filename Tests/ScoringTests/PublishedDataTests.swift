// SPDX-License-Identifier: MIT

import StructureFiles
import Structures
import TestSupport
import Testing

@testable import Scoring

/// Initial structures scored as if they were predictions: what a model that does nothing gets.
@Suite(.enabled(if: SharedData.isAvailable, Comment(rawValue: SharedData.skipMessage)))
struct PublishedDataTests {
  /// Recorded with ASE 3.29.0 (`find_mic`) and NumPy on the same files.
  @Test(
    "Scores of unrelaxed structures agree with ASE's distances",
    arguments: [
      ("real/oc20/is2rs_pairs", 15, 0.314421768707483, 0.45564869523851687),
      ("emt_mini/is2rs_val_id", 50, 0.6493061224489796, 0.18667192804386382),
      ("emt_mini/is2rs_val_ood_ads", 50, 0.48922448979591837, 0.2625992294340638),
      ("emt_mini/is2rs_val_ood_both", 50, 0.37118367346938774, 0.3489613670974338),
      ("emt_mini/is2rs_val_ood_cat", 50, 0.6027755102040816, 0.20560895101957402),
    ])
  func unrelaxed(file: String, count: Int, adwt: Double, meanDistance: Double) throws {
    let frames = try read("data/\(file).extxyz.xz")
    let score = try Samples.score(
      frames.filter { $0.attribute("role")?.text == "initial" },
      against: frames.filter { $0.attribute("role")?.text == "relaxed" })
    #expect(score.structures.count == count && score.isComplete && score.curves == nil)
    #expect(abs(score.adwt - adwt) < 1e-12)
    #expect(abs((score.meanDistance ?? .nan) - meanDistance) < 1e-12)
  }

  @Test("Relaxed structures with their own forces as labels are at rest as far as the run went")
  func ownForces() throws {
    let frames = try read("data/emt_mini/is2rs_val_id.extxyz.xz")
    let relaxed = frames.filter { $0.attribute("role")?.text == "relaxed" }
    let score = try Samples.score(relaxed, against: relaxed, labels: relaxed)
    #expect(score.adwt == 1)
    // The teacher stopped below 0.01 eV/Å or at 200 steps; the first limit is 0.01.
    let converged = score.structures.count { ($0.fmax ?? 1) < 0.01 }
    #expect(converged > 40)
    #expect((score.afbt ?? 0) >= Double(converged) / 50)
  }

  private func read(_ path: String) throws -> [Structure] {
    let reader = try StructureReader(path: SharedData.path(path))
    var structures: [Structure] = []
    while let frame = try reader.next() { structures.append(try frame.structure()) }
    return structures
  }
}
