// SPDX-License-Identifier: MIT

import StructureFiles
import Structures
import TestSupport
import Testing

@testable import Scoring

/// Initial structures scored as if they were predictions: what a model that does nothing gets.
struct PublishedDataTests {
  /// Recorded with ASE 3.29.0 (`find_mic`) and NumPy on the same files.
  @Test(
    "Scores of unrelaxed structures agree with ASE's distances",
    arguments: [
      ("emt_mini/is2rs_val_id", 50, 0.6493061224489796, 0.18667192804386382),
      ("emt_mini/is2rs_val_ood_ads", 50, 0.48922448979591837, 0.2625992294340638),
      ("emt_mini/is2rs_val_ood_both", 50, 0.37118367346938774, 0.3489613670974338),
      ("emt_mini/is2rs_val_ood_cat", 50, 0.6027755102040816, 0.20560895101957402),
    ])
  func unrelaxed(file: String, count: Int, adwt: Double, meanDistance: Double) throws {
    try judge(ReferenceData.frames(file + ".extxyz"), count, adwt, meanDistance)
  }

  @Test(
    "so do scores of unrelaxed structures of OC20",
    .enabled(if: SharedData.isAvailable, "\(SharedData.skipMessage)"))
  func openCatalyst() throws {
    let reader = try StructureReader(path: SharedData.path("data/real/oc20/is2rs_pairs.extxyz.xz"))
    var frames: [Structure] = []
    while let frame = try reader.next() { frames.append(try frame.structure()) }
    try judge(frames, 15, 0.314421768707483, 0.45564869523851687)
  }

  private func judge(
    _ frames: [Structure], _ count: Int, _ adwt: Double, _ meanDistance: Double
  ) throws {
    let score = try Samples.score(
      frames.filter { $0.attribute("role")?.text == "initial" },
      against: frames.filter { $0.attribute("role")?.text == "relaxed" })
    #expect(score.structures.count == count && score.isComplete && score.curves == nil)
    #expect(abs(score.adwt - adwt) < 1e-12)
    #expect(abs((score.meanDistance ?? .nan) - meanDistance) < 1e-12)
  }

  @Test("Relaxed structures with their own forces as labels are at rest as far as the run went")
  func ownForces() throws {
    let frames = try ReferenceData.frames("emt_mini/is2rs_val_id.extxyz")
    let relaxed = frames.filter { $0.attribute("role")?.text == "relaxed" }
    let score = try Samples.score(relaxed, against: relaxed, labels: relaxed)
    #expect(score.adwt == 1)
    // The teacher stopped below 0.01 eV/Å or at 200 steps; the first limit is 0.01.
    let converged = score.structures.count { ($0.fmax ?? 1) < 0.01 }
    #expect(converged > 40)
    #expect((score.afbt ?? 0) >= Double(converged) / 50)
  }
}
