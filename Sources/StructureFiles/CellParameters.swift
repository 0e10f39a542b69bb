// SPDX-License-Identifier: MIT

import CLibrary
import RelaxNumerics
import Structures

extension Cell {
  /// Lattice vectors of these lengths (Å) with the angles α, β and γ (°) between them: the first along x, the second in
  /// the plane of x and y, as in ASE and CIF; nil if the angles span no volume.
  static func vectors(
    lengths: some Collection<Double>, angles: some Collection<Double>
  ) -> (a: Vector3, b: Vector3, c: Vector3)? {
    let (lengths, angles) = (Array(lengths), Array(angles))
    // Right angles are exactly right.
    let cosines = angles.map { abs(abs($0) - 90) < 2 * 90.0.ulp ? 0 : cos($0 * .pi / 180) }
    let sine = cosines[2] == 0 ? 1 : sin(angles[2] * .pi / 180)
    let y = (cosines[0] - cosines[1] * cosines[2]) / sine
    let rest = 1 - cosines[1] * cosines[1] - y * y
    guard rest > 0, sine > 0 else { return nil }
    return (
      Vector3(lengths[0], 0, 0), Vector3(lengths[1] * cosines[2], lengths[1] * sine, 0),
      Vector3(lengths[2] * cosines[1], lengths[2] * y, lengths[2] * rest.squareRoot())
    )
  }
}
