// SPDX-License-Identifier: MIT

/// What an evaluation is asked for, and what a provider has at all.
///
/// An evaluator gives what it is asked for as far as its provider has it, and may give more where that
/// costs nothing. What it gives is the same to the last bit whatever else was asked for.
public struct Quantities: OptionSet, Hashable, Sendable {
  /// Bits of the single quantities.
  public let rawValue: UInt8

  /// The quantities whose bits are set.
  public init(rawValue: UInt8) { self.rawValue = rawValue }

  /// The energy, eV.
  public static let energy = Quantities(rawValue: 1)
  /// Forces on the atoms that the structure's mask lets move, eV/Å.
  public static let forcesOnFreeAtoms = Quantities(rawValue: 2)
  /// Forces on all atoms, fixed ones included, eV/Å.
  public static let forces = Quantities(rawValue: 2 | 4)
  /// The stress, eV/Å³.
  public static let stress = Quantities(rawValue: 8)
}
