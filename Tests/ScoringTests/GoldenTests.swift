// SPDX-License-Identifier: MIT

import RelaxNumerics
import StructureFiles
import Structures
import TestSupport
import Testing

@testable import Scoring

/// Recorded results of the released evaluator (`ocpmodels`, in double precision).
struct GoldenTests {
  private struct Metric: Decodable { var metric: Double }

  private struct Relaxed: Decodable {
    struct Case: Decodable {
      var name: String
      var pbc: [Bool]
      var cells: [[[Double]]]
      var predicted: [[[Double]]]
      var target: [[[Double]]]
      var min_diff: [[[Double]]]
      var mean_distance: [Double]
      var metrics: [String: Metric]
    }
    var cases: [Case]
  }

  private static func vectors(_ rows: [[Double]]) -> [Vector3] {
    rows.map { Vector3($0[0], $0[1], $0[2]) }
  }

  @Test("The released arithmetic gives its displacements, distances and ADwT")
  func releasedDistances() throws {
    let golden = try ReferenceData.json("metrics/is2rs.json", as: Relaxed.self)
    #expect(golden.cases.count == 11)
    for recorded in golden.cases {
      var distances: [Double] = []
      for index in recorded.cells.indices {
        let rows = Self.vectors(recorded.cells[index])
        let cell = Cell(
          rows[0], rows[1], rows[2],
          periodicity: Periodicity(recorded.pbc[0], recorded.pbc[1], recorded.pbc[2]))
        let target = Self.vectors(recorded.target[index])
        let predicted = Self.vectors(recorded.predicted[index])
        let expected = Self.vectors(recorded.min_diff[index])
        for atom in target.indices {
          let found = try ScoringConvention.ocp.displacement(
            from: target[atom], to: predicted[atom], in: cell)
          #expect((found - expected[atom]).length < 1e-12, "\(recorded.name) \(index) \(atom)")
          // The true nearest image differs by whole lattice vectors and is never longer.
          let nearest = cell.nearestImage(of: predicted[atom] - target[atom])
          if recorded.pbc == [true, true, true] {
            #expect(nearest.length < found.length + 1e-12)
            let multiples = cell.fractional(nearest - found)
            for axis in 0..<3 {
              #expect(abs(multiples[axis] - multiples[axis].rounded()) < 1e-12)
            }
          }
        }
        let elements = [Element](
          repeating: try #require(Element(symbol: "Cu")), count: target.count)
        let reference = Structure(elements: elements, positions: target, cell: cell)
        let distance = try DistanceWithinThreshold.meanDistance(
          of: predicted, to: reference, convention: .ocp)
        #expect(abs(distance - recorded.mean_distance[index]) < 1e-12)
        distances.append(distance)
      }
      let expected = try #require(recorded.metrics["average_distance_within_threshold"])
      #expect(abs(DistanceWithinThreshold.average(distances) - expected.metric) < 1e-12)
    }
  }

  private struct AtRest: Decodable {
    struct Case: Decodable {
      var max_force_per_system: [Double]
      var afbt: Double
    }
    var cases: [Case]
  }

  @Test("AFbT of recorded forces")
  func forces() throws {
    let golden = try ReferenceData.json("metrics/afbt.json", as: AtRest.self)
    #expect(golden.cases.count == 4)
    for recorded in golden.cases {
      let found = ForcesBelowThreshold.average(recorded.max_force_per_system)
      #expect(abs(found - recorded.afbt) < 1e-12)
    }
  }

  private struct SinglePoints: Decodable {
    struct Case: Decodable {
      var natoms: [Int]
      var energy_predicted: [Double]
      var energy_target: [Double]
      var forces_predicted: [[Double]]
      var forces_target: [[Double]]
      var metrics: [String: Metric]
      var metrics_is2re: [String: Metric]
    }
    var cases: [Case]
  }

  @Test("Force and energy errors of recorded predictions")
  func errors() throws {
    let golden = try ReferenceData.json("metrics/s2ef.json", as: SinglePoints.self)
    #expect(golden.cases.count == 4)
    for recorded in golden.cases {
      var forceErrors = ForceErrors()
      var energyErrors = EnergyErrors()
      var start = 0
      for (index, count) in recorded.natoms.enumerated() {
        let predicted = Self.vectors(Array(recorded.forces_predicted[start..<start + count]))
        let target = Self.vectors(Array(recorded.forces_target[start..<start + count]))
        forceErrors.add(predicted: predicted, target: target)
        energyErrors.add(
          predicted: recorded.energy_predicted[index], target: recorded.energy_target[index],
          forces: predicted, targetForces: target)
        start += count
      }
      let axes = forceErrors.meanAbsoluteErrorByAxis
      let found = [
        "forcesx_mae": axes.x, "forcesy_mae": axes.y, "forcesz_mae": axes.z,
        "forces_mae": forceErrors.meanAbsoluteError, "forces_cos": forceErrors.meanCosine,
        "forces_magnitude": forceErrors.meanMagnitudeError,
        "energy_mae": energyErrors.meanAbsoluteError,
        "energy_force_within_threshold": energyErrors.shareWithinBothThresholds,
      ]
      for (name, value) in found {
        let expected = try #require(recorded.metrics[name]).metric
        #expect(abs(value - expected) < 1e-12, "\(name)")
      }
      let energies = [
        "energy_mae": energyErrors.meanAbsoluteError, "energy_mse": energyErrors.meanSquaredError,
        "energy_within_threshold": energyErrors.shareWithinThreshold,
      ]
      for (name, value) in energies {
        let expected = try #require(recorded.metrics_is2re[name]).metric
        #expect(abs(value - expected) < 1e-12, "\(name)")
      }
    }
  }

  @Test("The same from a file of frames, on several threads", arguments: [1, 3])
  func frames(threads: Int) throws {
    let golden = try ReferenceData.json("metrics/s2ef.json", as: SinglePoints.self)
    for recorded in golden.cases {
      let scratch = try Scratch()
      let writer = try StructureWriter(path: scratch.path("case.extxyz"), overwrite: false)
      var predicted: [[Vector3]] = []
      var start = 0
      for (index, count) in recorded.natoms.enumerated() {
        let rows = start..<start + count
        predicted.append(Self.vectors(Array(recorded.forces_predicted[rows])))
        try writer.write(
          Structure(
            elements: rows.map { _ in Samples.copper },
            positions: rows.map { Vector3(3 * Double($0), 0, 0) },
            energy: recorded.energy_target[index],
            forces: Self.vectors(Array(recorded.forces_target[rows])),
            attributes: [Attribute(name: "number", text: "\(index)")]))
        start += count
      }
      try writer.finish()
      let number: @Sendable (Structure) -> Int = {
        $0.attribute("number").flatMap { Int($0.unquoted) } ?? -1
      }
      let energies = recorded.energy_predicted
      let provider = Formula(energy: { energies[number($0)] }) { [predicted] in
        predicted[number($0)]
      }
      var evaluation = SplitJudge(FrameJudge(provider))
      evaluation.threads = threads
      let metrics = try evaluation.score(
        FrameCollection(path: scratch.path("case.extxyz")), name: "case"
      ).metrics
      let found = [
        "forcesx_mae": metrics.forceErrorByAxis.x, "forcesy_mae": metrics.forceErrorByAxis.y,
        "forcesz_mae": metrics.forceErrorByAxis.z, "forces_mae": metrics.forceError,
        "forces_cos": metrics.forceCosine, "forces_magnitude": metrics.forceMagnitudeError,
        "energy_mae": metrics.energyError,
        "energy_force_within_threshold": metrics.shareWithinBothThresholds,
      ]
      for (name, value) in found {
        let expected = try #require(recorded.metrics[name]).metric
        #expect(abs(value - expected) < 1e-12, "\(name)")
      }
    }
  }
}
