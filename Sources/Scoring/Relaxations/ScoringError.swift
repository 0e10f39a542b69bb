// SPDX-License-Identifier: MIT

import Files
import Structures

/// What a structure is to a score.
public enum ScoringRole: String, Hashable, Sendable {
  /// Says where the atoms should be.
  case reference
  /// Is what a relaxation began with.
  case initial = "initial structure"
  /// The structure that is judged.
  case prediction
  /// Carries the reference method's forces at the predicted positions.
  case label
}

/// Why structures cannot be scored against each other.
///
/// These are mistakes in the files that would make a score meaningless. What went wrong in a single
/// relaxation is not among them: it is counted as a failure and listed in the score.
public enum ScoringError: Error, Equatable, CustomStringConvertible {
  /// A frame (counted from 1) has neither `sid` nor `id`.
  case missingIdentifier(ScoringRole, frame: Int)
  /// There is nothing to score against.
  case noReferences
  /// Two references, or two labels, have the same id.
  case repeated(ScoringRole, id: String)
  /// Two references have the same id; `selection`, an entry of the second, may tell the frames apart.
  case repeatedReference(id: String, selection: String?)
  /// A second prediction has the same id, and no `fid` says which of them is the last.
  case repeatedPrediction(id: String)
  /// Two frames of a predicted trajectory have the same `fid`.
  case repeatedStep(id: String, fid: Int)
  /// A reference that nothing can be compared with.
  case unusableReference(id: String, reason: String)
  /// `relax_status` has a value of no known meaning.
  case unknownStatus(id: String, status: String)
  /// Not as many atoms as in the reference.
  case differentCount(ScoringRole, id: String, found: Int, expected: Int)
  /// An atom (counted from 1) is of another element than in the reference.
  case differentElement(
    ScoringRole, id: String, atom: Int, found: Element, expected: Element)
  /// An atom (counted from 1) may move in the prediction and not in the reference, or the reverse.
  case differentMask(id: String, atom: Int)
  /// Lattice vectors differ from the reference's by this many Å.
  case differentCell(ScoringRole, id: String, by: Double)
  /// A cell that is a whole unit of length away from the reference's: `factor` times as large.
  case differentUnit(ScoringRole, id: String, factor: Double)
  /// Two scores that are not of the same references in the same way.
  case differentReferences
  /// A structure without a cell, which a POSCAR needs.
  case withoutCell(id: String)
  /// A label without forces.
  case labelWithoutForces(id: String)
  /// A label whose atom (counted from 1) is this many Å from where it was predicted.
  case labelElsewhere(id: String, atom: Int, distance: Double)

  /// What is wrong, with which structure, and what is expected.
  public var description: String {
    switch self {
    case .missingIdentifier(let role, let frame):
      return "\(role.rawValue) frame \(frame) has no `sid` or `id`, by which structures are matched"
    case .noReferences:
      return "the reference holds no structures"
    case .repeatedReference(let id, let selection):
      return
        "the reference holds `\(Excerpt.name(id))` more than once; "
        + (selection.map { "keep one frame of each structure, for example with --select \($0)" }
          ?? "give each structure a `sid` of its own, or keep one frame of each")
    case .repeated(let role, let id):
      return "there is more than one \(role.rawValue) for `\(Excerpt.name(id))`"
    case .repeatedPrediction(let id):
      return
        "`\(Excerpt.name(id))` is predicted more than once; only frames with a `fid` form a trajectory"
    case .repeatedStep(let id, let fid):
      return "`\(Excerpt.name(id))` is predicted more than once for fid=\(fid)"
    case .unusableReference(let id, let reason):
      return "the reference `\(Excerpt.name(id))` cannot be scored against: \(reason)"
    case .unknownStatus(let id, let status):
      let known = PredictionStatus.allCases.map(\.rawValue).joined(separator: ", ")
      return
        "the prediction `\(Excerpt.name(id))` has relax_status=\(Excerpt.name(status)), which is none of \(known)"
    case .differentCount(let role, let id, let found, let expected):
      return
        "the \(role.rawValue) `\(Excerpt.name(id))` has \(found) atoms, the reference \(expected)"
    case .differentElement(let role, let id, let atom, let found, let expected):
      return
        "atom \(atom) of the \(role.rawValue) `\(Excerpt.name(id))` is \(found), in the reference \(expected);"
        + " atoms must be in the same order (ASE's Vasp calculator sorts them by element)"
    case .differentMask(let id, let atom):
      return
        "the mask of the prediction `\(Excerpt.name(id))` differs from the reference's at atom \(atom); where one of them "
        + "lacks a mask, `relax convert FILE NEW.traj --fix 'z<5'` gives it one"
    case .differentCell(let role, let id, let difference):
      return
        "the cell of the \(role.rawValue) `\(Excerpt.name(id))` differs from the reference's by "
        + "\(rounded(difference)) Å"
    case .differentReferences:
      return "only scores of the same references under the same settings can be compared"
    case .withoutCell(let id):
      return
        "`\(Excerpt.name(id))` has no cell, which a POSCAR needs; export it with --format extxyz"
    case .differentUnit(let role, let id, let factor):
      return
        "the cell of the \(role.rawValue) `\(Excerpt.name(id))` is \(rounded(factor)) times the reference's: is one "
        + "of them in nm or Bohr? All lengths must be in Å"
    case .labelWithoutForces(let id):
      return "the label `\(Excerpt.name(id))` has no forces"
    case .labelElsewhere(let id, let atom, let distance):
      return
        "atom \(atom) of the label `\(Excerpt.name(id))` is \(rounded(distance)) Å from its predicted "
        + "position; forces must be those at the predicted positions (within 0.001 Å)"
    }
  }

  /// A length for reading: six decimals are below every tolerance used here.
  private func rounded(_ length: Double) -> String {
    length < 1e9 ? "\(max((length * 1e6).rounded() / 1e6, 1e-6))" : "\(length)"
  }
}
