// SPDX-License-Identifier: MIT

import Forces
import RelaxNumerics
import Structures

/// How much predicted forces depend on how the structure is turned about the surface normal, z.
///
/// The structure and its cell are turned by random angles, the forces turned back. For every free
/// atom and component the standard deviation over the rotations (that of the rotations seen, not an
/// estimate for more) says how far the provider is from turning its forces along; it is 0 for one
/// that does (Hu et al., arXiv 2103.01436, table 1).
public struct RotationInstability: Hashable, Sendable {
  /// Random rotations of a structure.
  public struct Sampling: Hashable, Sendable {
    /// Rotations of each structure, at least 2.
    public var count: Int
    /// Decides the angles, together with the number of the frame alone.
    public var seed: Int

    /// `count` rotations of each structure, drawn from `seed`.
    public init(count: Int, seed: Int = 0) {
      precondition(count >= 2, "\(count) rotations have no spread")
      (self.count, self.seed) = (count, seed)
    }

    /// The angles in radians, of the interval [0, 2π), for frame number `frame`.
    ///
    /// They do not depend on other frames, and are the same whatever thread asks first.
    public func angles(frame: Int) -> [Double] {
      var generator = SeededGenerator(
        seed: UInt64(bitPattern: Int64(seed)), stream: UInt64(frame))
      return (0..<count).map { _ in generator.uniform(0, 2 * Double.pi) }
    }
  }

  private var deviations = 0.0
  private var components = 0

  /// Nothing seen yet.
  public init() {}

  /// Mean standard deviation over free atoms and components in eV/Å; NaN if none were seen.
  public var mean: Double { deviations / Double(components) }

  /// Adds all that `other` has seen.
  public mutating func add(_ other: RotationInstability) {
    deviations += other.deviations
    components += other.components
  }

  /// All that was added up, to be kept and read back to the last bit.
  var numbers: [Double] { [deviations, Double(components)] }

  /// From what `numbers` gave; nil for anything else.
  init?(numbers: ArraySlice<Double>) {
    guard numbers.count == 2, let first = numbers.first,
      let components = numbers.last.flatMap({ Int(exactly: $0) })
    else { return nil }
    (deviations, self.components) = (first, components)
  }

  /// Adds a structure, evaluating it at `angles` (radians).
  ///
  /// - Parameter unrotated: the forces on its atoms as it stands, in eV/Å; what is averaged are
  ///   deviations from them, which keeps digits.
  public mutating func add(
    _ structure: Structure, unrotated: [Vector3], angles: [Double],
    provider: any ForceProvider
  ) throws {
    let atoms = structure.freeAtoms
    let freedoms = structure.freedoms
    var means = [Vector3](repeating: .zero, count: atoms.count)
    var squares = means
    for (number, angle) in angles.enumerated() {
      let rotation = SurfaceRotation(radians: angle)
      let forces = try provider.evaluate(
        rotation(structure), wanting: .forcesOnFreeAtoms
      ).forces
      for (slot, atom) in atoms.enumerated() {
        let back = rotation.inverse(forces[atom])
        let deviation = freedoms[atom].masking(back - unrotated[atom])
        // Welford's recurrence: sums of squares alone would cancel for steady providers.
        let change = deviation - means[slot]
        means[slot] += change / Double(number + 1)
        squares[slot] += change * (deviation - means[slot])
      }
    }
    for (slot, atom) in atoms.enumerated() {
      let variance = squares[slot] / Double(angles.count)
      deviations += variance.squareRoot().sum()
      components += freedoms[atom].rawValue.nonzeroBitCount
    }
  }
}
