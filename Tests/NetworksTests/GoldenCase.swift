// SPDX-License-Identifier: MIT

import Foundation
import Networks
import RelaxNumerics
import StructureFiles
import Structures
import TestSupport

@testable import ReferenceNetworks

/// A network whose predictions were recorded from the released code.
struct GoldenCase {
  /// The predictions for one structure.
  struct Result: Decodable {
    var forces: [Vector3]
    var energy: Double?
    /// eV/Å; how far the released code in single precision is from itself in double precision.
    var singlePrecisionError: Double
    /// eV; the same of the energy.
    var singlePrecisionEnergyError: Double
    /// eV/Å; the true gradient of a network whose released forces are none.
    var fullForces: [Vector3]?

    enum CodingKeys: String, CodingKey {
      case forces = "forces_f64"
      case energy = "energy_f64"
      case fullForces = "forces_full_gradient_f64"
      case singlePrecisionForces = "forces_f32"
      case singlePrecisionEnergy = "energy_f32"
    }

    init(from decoder: any Decoder) throws {
      let values = try decoder.container(keyedBy: CodingKeys.self)
      forces = try values.decode([[Double]].self, forKey: .forces).map(Vector3.init(row:))
      energy = try values.decodeIfPresent(Double.self, forKey: .energy)
      singlePrecisionError = try values.decode([[Double]].self, forKey: .singlePrecisionForces)
        .map(Vector3.init(row:)).largestDifference(forces)
      fullForces = try values.decodeIfPresent([[Double]].self, forKey: .fullForces)?
        .map(Vector3.init(row:))
      let other = try values.decodeIfPresent(Double.self, forKey: .singlePrecisionEnergy)
      singlePrecisionEnergyError = abs((other ?? 0) - (energy ?? 0))
    }
  }

  private struct Recording: Decodable {
    var results: [String: Result]
  }

  var name: String
  var model: NetworkModel
  /// By the structure's name.
  var results: [String: Result]

  /// The case of that name in a folder of the reference data.
  init(_ name: String, folder: String = "models") throws {
    self.name = name
    let released = try ReferenceData.json("\(folder)/\(name).json", as: ReleasedConfiguration.self)
    results = try ReferenceData.json("\(folder)/\(name).json", as: Recording.self).results
    let tensors =
      name == FullSizeModel.name
      ? try FullSizeModel.tensors
      : try RecordedArrays(reference: "\(folder)/\(name).safetensors").tensors
    model = NetworkModel(architecture: try released.architecture, tensors: tensors)
  }

  /// Names of the small cases.
  static let names: [String] = {
    let files = (try? ReferenceData.names(in: "models")) ?? []
    return files.filter { $0.hasSuffix(".json") }.map { String($0.dropLast(5)) }
      .filter { $0 != FullSizeModel.name }
      .sorted()
  }()
}
