// SPDX-License-Identifier: MIT

import RelaxNumerics
import Structures
import TestSupport
import Testing

@testable import Scoring

struct DistanceTests {
  @Test("The distance is the mean length over free atoms only")
  func mean() throws {
    let reference = Samples.reference("a")
    var predicted = reference.positions
    predicted[0] += Vector3(1, 0, 0)  // fixed: does not count
    predicted[1] += Vector3(0.3, 0, 0.4)
    predicted[4] += Vector3(0, -0.1, 0)
    let distance = try DistanceWithinThreshold.meanDistance(of: predicted, to: reference)
    #expect(abs(distance - 0.6 / 4) < 1e-15)
  }

  @Test("A position that is not finite leaves no distance", arguments: ScoringConvention.allCases)
  func notFinite(convention: ScoringConvention) throws {
    let reference = Samples.reference("a")
    for value in [Double.nan, .infinity] {
      var predicted = reference.positions
      predicted[2].y = value
      let distance = try DistanceWithinThreshold.meanDistance(
        of: predicted, to: reference, convention: convention)
      #expect(distance.isNaN)
    }
  }

  /// Cells from slightly to very skewed; images up to 6 cells away are searched by plain loops,
  /// far enough for displacements within the cell.
  @Test(
    "Distances in skewed cells are to the nearest image, where the released arithmetic misses it",
    arguments: [
      (Cell(Vector3(8, 0, 0), Vector3(-4, 6.9, 0), Vector3(0, 0, 20)), true),
      (Cell(Vector3(5, 0, 0), Vector3(12, 4, 0), Vector3(-3, 7, 6)), true),
      (Cell(Vector3(4, 0, 0), Vector3(0, 5, 0), Vector3(0, 0, 6)), false),
    ])
  func bruteForce(cell: Cell, misses: Bool) throws {
    var missed = 0
    for i in 0..<7 {
      for j in 0..<7 {
        for k in 0..<7 {
          let displacement = cell.cartesian(Vector3(Double(i), Double(j), Double(k)) / 7)
          var shortest = Double.infinity
          for a in -6...6 {
            for b in -6...6 {
              for c in -6...6 {
                let image =
                  displacement + cell.translation(CellOffset(Int32(a), Int32(b), Int32(c)))
                shortest = min(shortest, image.length)
              }
            }
          }
          let nearest = try ScoringConvention.nearestImage.displacement(
            from: .zero, to: displacement, in: cell)
          let released = try ScoringConvention.ocp.displacement(
            from: .zero, to: displacement, in: cell)
          // Rounding of vectors of some 50 Å.
          #expect(abs(nearest.length - shortest) < 1e-12)
          if released.length > shortest + 1e-6 { missed += 1 }
        }
      }
    }
    #expect((missed > 0) == misses, "missed \(missed) of 343")
  }

  @Test("The released arithmetic wraps along an axis that does not repeat")
  func releasedWrap() throws {
    let cell = Cell(
      Vector3(4, 0, 0), Vector3(0, 4, 0), Vector3(0, 0, 10),
      periodicity: Periodicity(true, true, false))
    let far = Vector3(0, 0, 6)
    let released = try ScoringConvention.ocp.displacement(from: .zero, to: far, in: cell)
    let nearest = try ScoringConvention.nearestImage.displacement(from: .zero, to: far, in: cell)
    #expect((released - Vector3(0, 0, -4)).length < 1e-14)
    #expect((nearest - far).length < 1e-14)
  }

  @Test("An atom that flew off into the vacuum has a distance, found at once")
  func flownOff() {
    let cell = Cell(
      Vector3(4, 0, 0.5), Vector3(1, 4, 0), Vector3(3, 2, 10),
      periodicity: Periodicity(true, true, false))
    let normal = cell.vector(0).cross(cell.vector(1))
    let up = normal / normal.length
    for height in [1e2, 1e6, 1e12] {
      let image = cell.nearestImage(of: height * up + 3 * cell.vector(0))
      #expect(abs(image.length / height - 1) < 1e-12)
    }
    #expect(cell.nearestImage(of: 1e300 * up).isFinite)
    let wire = cell.with(periodicity: Periodicity(false, true, false))
    #expect(wire.nearestImage(of: Vector3(1e9, -1e9, 1e9)).isFinite)
    #expect(cell.nearestImage(of: Vector3(.nan, 0, 0)).x.isNaN)
    #expect(cell.nearestImage(of: Vector3(0, .infinity, 0)).length.isFinite == false)
  }

  @Test("The largest force is over free atoms and free components, and NaN is not small")
  func largestForce() {
    var reference = Samples.reference("a")
    var forces = [Vector3](repeating: Vector3(0.03, 0, 0.04), count: 5)
    forces[0] = Vector3(9, 9, 9)  // fixed
    #expect(ForcesBelowThreshold.largestForce(forces, in: reference) == 0.05)
    reference.moveMask = MoveMask(components: [.fixed, .free, .free, .z, .free])
    forces[3] = Vector3(5, 5, 0.06)
    #expect(ForcesBelowThreshold.largestForce(forces, in: reference) == 0.06)
    forces[2].x = .nan
    #expect(ForcesBelowThreshold.largestForce(forces, in: reference).isNaN)
  }

  @Test("Errors of a zero force and of no force at all")
  func zeroForces() {
    var errors = ForceErrors()
    errors.add(predicted: [.zero, Vector3(2, 0, 0)], target: [Vector3(0, 3, 4), Vector3(1, 0, 0)])
    #expect(errors.meanCosine == 0.5)
    #expect(errors.meanMagnitudeError == 3)
    #expect(errors.meanAbsoluteError == 8.0 / 6)
    #expect(errors.meanAbsoluteErrorByAxis == Vector3(0.5, 1.5, 2))
    #expect(ForceErrors().meanAbsoluteError.isNaN)
  }
}
