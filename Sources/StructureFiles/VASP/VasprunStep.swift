// SPDX-License-Identifier: MIT

import Files
import RelaxNumerics
import Structures

/// What a step of a run says, before it is a structure.
struct VasprunStep {
  var cell: Cell?
  var positions: [Vector3]?
  /// Whether a force or stress was too long for its column.
  var hasOverflow = false
  var forces: [Vector3]?
  var stress: [Vector3]?
  var electronicSteps = 0
  /// eV, of the step as a whole: the free energy and that extrapolated to zero width.
  var closingFree: Double?
  var closingZero: Double?
  /// eV, of the last electronic step.
  var lastFree: Double?
  var lastZero: Double?

  /// The structure, or what is wrong with it.
  func structure(
    _ elements: [Element], _ mask: MoveMask?, pressure: Double, most: Int?, fid: Int
  ) -> Result<Structure, DataError> {
    do throws(DataError) {
      return .success(try made(elements, mask, pressure: pressure, most: most, fid: fid))
    } catch { return .failure(error) }
  }

  private func made(
    _ elements: [Element], _ mask: MoveMask?, pressure: Double, most: Int?, fid: Int
  ) throws(DataError) -> Structure {
    guard let cell, let positions, !elements.isEmpty, positions.count == elements.count else {
      throw ASERow.unusable("it has no cell, or not one position for each of its atoms")
    }
    guard !hasOverflow else {
      throw ASERow.unusable(
        "a force or stress is no number; VASP writes stars where one is too long")
    }
    if let defect = cell.defect { throw ASERow.unusable("the cell is unusable: \(defect)") }
    guard positions.allSatisfy(\.isFinite) else {
      throw ASERow.unusable("a position is not finite")
    }
    guard mask == nil || mask?.freedoms.count == elements.count else {
      throw ASERow.unusable("it has not as many flags of selective dynamics as atoms")
    }
    var structure = Structure(
      elements: elements, positions: positions.map { cell.cartesian($0) }, cell: cell,
      moveMask: mask)
    if let forces {
      guard forces.count == elements.count else {
        throw ASERow.unusable("it has \(forces.count) forces for \(elements.count) atoms")
      }
      structure.forces = forces
    }
    if let free = freeEnergy(pressure, cell) {
      if let lastFree, let lastZero {
        structure.energy = free + (lastZero - lastFree)
      } else {
        structure.energy = closingZero
      }
      structure.attributes.append(Attribute(name: "free_energy", numbers: [free]))
    }
    if let stress, stress.count == 3 {
      structure.attributes.append(Attribute(name: "stress", numbers: VASPUnits.stress(stress)))
    }
    structure.attributes.append(Attribute(name: "fid", text: "\(fid)"))
    if let most, electronicSteps > 0 {
      let isConverged = electronicSteps < most
      structure.attributes.append(
        Attribute(name: "scf_converged", text: isConverged ? "T" : "F"))
    }
    return structure
  }

  /// The closing free energy holds p V, which is taken out.
  private func freeEnergy(_ pressure: Double, _ cell: Cell) -> Double? {
    closingFree.map { $0 - pressure * VASPUnits.kilobarVolume * cell.a.dot(cell.b.cross(cell.c)) }
  }
}
