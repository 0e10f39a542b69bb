// SPDX-License-Identifier: MIT

import RelaxNumerics
import Structures

/// One geometry of a structure that a page shows, with what is known of that geometry and no other.
public struct GalleryFrame: Sendable {
  /// What a frame shows.
  public enum Stage: String, Sendable, CaseIterable {
    /// The structure that a relaxation began with.
    case initial
    /// A step of its path.
    case path
    /// What a relaxation ended with, where there is a reference to judge it by.
    case predicted
    /// What it is judged by.
    case reference
    /// What a relaxation ended with, where there is no reference.
    case relaxed
    /// A frame of a file, of which no more is known.
    case frame
  }

  /// What it shows.
  public var stage: Stage
  /// The step of the relaxation, from 0, if it is one.
  public var step: Int?
  /// Where the atoms are, in Å.
  public var positions: [Vector3]
  /// Its own energy in eV, if known.
  public var energy: Double?
  /// Its own largest force on a free atom in eV/Å, if known.
  public var fmax: Double?
  /// The largest force in eV/Å by the method that judges, if there is one: see ``StructureGallery/judge``.
  public var judgedForce: Double?
  /// Size of the force on each atom in eV/Å, if known; NaN where it is not.
  public var forces: [Float]?
  /// How far it is from the reference in Å, if there is one.
  public var distance: Double?
  /// What it is called in place of its stage, such as the run that ended so.
  public var label: String?
  /// Its cell, if that is another than the structure's.
  public var cell: Cell?

  /// A frame at `positions` (Å), with energy (eV) and largest force (eV/Å) of its own where there are some.
  public init(
    _ stage: Stage, step: Int? = nil, positions: [Vector3], energy: Double? = nil,
    fmax: Double? = nil, judgedForce: Double? = nil, forces: [Float]? = nil,
    distance: Double? = nil
  ) {
    (self.stage, self.step, self.positions) = (stage, step, positions)
    (self.energy, self.fmax, self.judgedForce) = (energy, fmax, judgedForce)
    (self.forces, self.distance) = (forces, distance)
  }

  /// A frame as `structure` is, with its energy and forces.
  ///
  /// The step is that given, else the structure's `fid`, else its `relax_steps`; the largest force is that of its
  /// forces, else its `relax_fmax`.
  public init(_ stage: Stage, of structure: Structure, step: Int? = nil) {
    func number<Value>(_ name: String, _ convert: (String) -> Value?) -> Value? {
      structure.attribute(name).flatMap { convert($0.unquoted) }
    }
    self.init(
      stage, step: step ?? number("fid") { Int($0) } ?? number("relax_steps") { Int($0) },
      positions: structure.positions, energy: structure.energy,
      fmax: structure.largestFreeForce ?? number("relax_fmax") { Double($0) },
      forces: structure.forceSizes)
    cell = structure.cell
  }

  /// A path and what it ends with: its last frame is left out if that is the end itself, which then has its step
  /// and whatever of energy and forces it lacks.
  public static func joined(path: [GalleryFrame], end: GalleryFrame?) -> [GalleryFrame] {
    guard var end else { return path }
    guard let last = path.last, last.isSameGeometry(as: end) else { return path + [end] }
    end.step = end.step ?? last.step
    end.energy = end.energy ?? last.energy
    end.fmax = end.fmax ?? last.fmax
    end.forces = end.forces ?? last.forces
    return path.dropLast() + [end]
  }

  /// Whether all atoms are where those of `other` are, as closely as files tell (1e-6 Å).
  private func isSameGeometry(as other: GalleryFrame) -> Bool {
    positions.count == other.positions.count
      && zip(positions, other.positions).allSatisfy { ($0 - $1).lengthSquared < 1e-12 }
  }
}

extension Structure {
  /// Size of the force on each atom in eV/Å, as it is in the file; NaN for atoms that are held, where only the
  /// forces on free ones were computed (`forces_on=free`).
  var forceSizes: [Float]? {
    guard let forces else { return nil }
    let freeOnly = attribute("forces_on")?.unquoted == "free"
    return zip(forces, freedoms).map { force, freedom in
      freeOnly && freedom == .fixed ? .nan : Float(force.length)
    }
  }
}
