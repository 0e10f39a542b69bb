// SPDX-License-Identifier: MIT

import Forces
import RelaxNumerics
import Structures

/// The words of the i-PI protocol: twelve characters, padded with blanks.
enum IPIWord: String {
  // What the server says.
  case status = "STATUS"
  case initialize = "INIT"
  case positions = "POSDATA"
  case getForces = "GETFORCE"
  case exit = "EXIT"
  // What a driver answers.
  case needInit = "NEEDINIT"
  case ready = "READY"
  case haveData = "HAVEDATA"
  case forcesReady = "FORCEREADY"

  /// Bytes of a word.
  static let length = 12

  /// As it goes over the link.
  var bytes: [UInt8] {
    Array(rawValue.utf8) + Array(repeating: UInt8(ascii: " "), count: Self.length - rawValue.count)
  }

  /// The word that these bytes are, if they are one.
  init?(_ bytes: ArraySlice<UInt8>) { self.init(rawValue: IPIWord.text(bytes)) }

  /// What stands there, padding left out.
  static func text(_ bytes: ArraySlice<UInt8>) -> String {
    String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self).split(separator: " ").first
      .map(String.init) ?? ""
  }
}

/// The protocol's atomic units in ours, by the constants of CODATA 2014 as ASE has them.
enum IPIUnits {
  /// Å.
  static let bohr = 0.5291772105638411
  /// eV.
  static let hartree = 27.211386024367243
  /// eV/Å.
  static let force = hartree / bohr
}

extension Cell {
  /// The matrix h in Bohr, row by row, with the lattice vectors in its columns; zeros for those that lack.
  var ipiMatrix: [Double] {
    (0..<3).flatMap { row in [a, b, c].map { $0[row] / IPIUnits.bohr } }
  }

  /// The inverse of h in 1/Bohr, row by row.
  ///
  /// Where vectors lack it is the pseudo-inverse, whose rows for those are zero, so that the inverse of no cell is
  /// zero. Drivers that need it would do better to invert h: ASE sends the transpose.
  var ipiInverse: [Double] {
    let columns = (0..<3).map { column in
      var unit = Vector3.zero
      unit[column] = IPIUnits.bohr
      return fractional(unit)
    }
    return (0..<3).flatMap { row in
      [a, b, c][row] == .zero ? [0, 0, 0] : columns.map { $0[row] }
    }
  }

  /// The cell that h (Bohr, row by row) stands for.
  ///
  /// Along an axis without a vector it does not repeat, whatever `periodicity` says.
  init(ipiMatrix h: some Collection<Double>, periodicity: Periodicity) {
    let h = h.map { $0 * IPIUnits.bohr }
    let (a, b, c) = (
      Vector3(h[0], h[3], h[6]), Vector3(h[1], h[4], h[7]), Vector3(h[2], h[5], h[8])
    )
    self.init(
      a, b, c,
      periodicity: Periodicity(
        periodicity.a && a != .zero, periodicity.b && b != .zero, periodicity.c && c != .zero))
  }
}

extension Geometry {
  /// POSDATA: the word, h, its inverse, the number of atoms and their positions in Bohr.
  var ipiMessage: [UInt8] {
    IPIWord.positions.bytes + WireNumbers.bytes(cell.ipiMatrix) + WireNumbers.bytes(cell.ipiInverse)
      + WireNumbers.bytes(UInt32(positions.count))
      + WireNumbers.bytes(positions.flatMap { [$0.x, $0.y, $0.z] }.map { $0 / IPIUnits.bohr })
  }
}

/// What a driver says about a geometry, in atomic units as it goes over the link.
struct IPIForces {
  /// Hartree.
  var energy: Double
  /// Hartree/Bohr, three numbers an atom.
  var forces: [Double]
  /// Hartree, row by row: minus the volume times the stress.
  var virial: [Double]
  /// What else there is to say: JSON by convention.
  var extras: [UInt8]

  /// One that came over the link.
  init(energy: Double, forces: [Double], virial: [Double], extras: [UInt8]) {
    (self.energy, self.forces, self.virial, self.extras) = (energy, forces, virial, extras)
  }

  /// One that we say: NaN where there is no energy, zeros where there is no stress.
  init(_ evaluation: Evaluation, volume: Double, extras: [UInt8]) {
    energy = (evaluation.energy ?? .nan) / IPIUnits.hartree
    forces = evaluation.forces.flatMap { [$0.x, $0.y, $0.z] }.map { $0 / IPIUnits.force }
    if let s = evaluation.stress {
      let factor = -volume / IPIUnits.hartree
      virial = [s.xx, s.xy, s.xz, s.xy, s.yy, s.yz, s.xz, s.yz, s.zz].map { $0 * factor }
    } else {
      virial = Array(repeating: 0, count: 9)
    }
    self.extras = extras
  }

  /// The same in our units.
  func evaluation(in cell: Cell) -> Evaluation {
    Evaluation(
      energy: energy * IPIUnits.hartree,
      forces: WireNumbers.vectors(forces.map { $0 * IPIUnits.force }[...]),
      stress: tensor.flatMap { cell.stress(ofVirial: IPIUnits.hartree * $0) })
  }

  /// The virial in Hartree; nil where it is zero throughout, which says that the driver knows none.
  ///
  /// LAMMPS sends one half of it and zeros for the other.
  private var tensor: SymmetricTensor? {
    guard virial.contains(where: { $0 != 0 }) else { return nil }
    let (upper, lower) = ([virial[5], virial[2], virial[1]], [virial[7], virial[6], virial[3]])
    let halves: [Double]
    if lower.allSatisfy({ $0 == 0 }) {
      halves = upper
    } else if upper.allSatisfy({ $0 == 0 }) {
      halves = lower
    } else {
      halves = zip(upper, lower).map { 0.5 * ($0 + $1) }
    }
    return SymmetricTensor(
      xx: virial[0], yy: virial[4], zz: virial[8], yz: halves[0], xz: halves[1], xy: halves[2])
  }
}
