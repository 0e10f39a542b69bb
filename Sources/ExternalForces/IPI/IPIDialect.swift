// SPDX-License-Identifier: MIT

import Files
import Forces
import RelaxNumerics
import Structures

/// How a driver and its server put things into the messages of i-PI.
public enum IPIDialect: Hashable, Sendable {
  /// As everybody does: atomic units, and no word for what fails.
  case plain
  /// So that not a bit is lost, for a server that wants what `relax predict` would write (`relax serve --exact`, the
  /// Python package): the messages are the same, but
  ///
  /// - lengths are in Å, energies in eV, forces in eV/Å;
  /// - axes repeat as the structure says, also without a vector, which is then refused in words;
  /// - the JSON of INIT may also have `tags`, `fixed` (truth values) and `info`, one entry an atom each but for the
  ///   last; `batch_size` means nothing;
  /// - each geometry is evaluated as if it were the first one;
  /// - the place of the virial holds the stress in eV/Å³;
  /// - extras are JSON: `{"relax": {…}}` with `energy` and `stress`, whether there is one, `free_energy` (eV)
  ///   where there is one, or `error` alone: why there are no numbers. The conversation goes on after that.
  case exact

  /// What POSDATA says: h and positions as they came.
  func geometry(_ h: [Double], _ positions: [Double], _ periodicity: Periodicity) -> Geometry {
    switch self {
    case .plain:
      return Geometry(
        positions: WireNumbers.vectors(positions.map { $0 * IPIUnits.bohr }[...]),
        cell: Cell(ipiMatrix: h, periodicity: periodicity))
    case .exact:
      return Geometry(
        positions: WireNumbers.vectors(positions[...]),
        cell: Cell(
          Vector3(h[0], h[3], h[6]), Vector3(h[1], h[4], h[7]), Vector3(h[2], h[5], h[8]),
          periodicity: periodicity))
    }
  }
}

extension IPIForces {
  /// An answer in the exact dialect.
  init(exactly evaluation: Evaluation) {
    if let defect = evaluation.defect {
      self.init(failure: ForceError.failed(defect).description, atoms: evaluation.forces.count)
      return
    }
    var members: [JSONText.Member] = [
      .init("energy", .boolean(evaluation.energy != nil)),
      .init("stress", .boolean(evaluation.stress != nil)),
    ]
    if let free = evaluation.freeEnergy { members.append(.init("free_energy", .number(free))) }
    let s = evaluation.stress ?? .zero
    self.init(
      energy: evaluation.energy ?? .nan,
      forces: evaluation.forces.flatMap { [$0.x, $0.y, $0.z] },
      virial: [s.xx, s.xy, s.xz, s.xy, s.yy, s.yz, s.xz, s.yz, s.zz],
      extras: IPIForces.extras(members))
  }

  /// That there is no answer, and why, in the exact dialect.
  init(failure reason: String, atoms: Int) {
    self.init(
      energy: .nan, forces: Array(repeating: .nan, count: 3 * atoms),
      virial: Array(repeating: 0, count: 9),
      extras: IPIForces.extras([.init("error", .string(reason))]))
  }

  private static func extras(_ members: [JSONText.Member]) -> [UInt8] {
    Array(JSONText.object([.init("relax", .object(members))]).text(.oneLine).utf8)
  }
}
