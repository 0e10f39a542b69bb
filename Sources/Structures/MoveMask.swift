// SPDX-License-Identifier: MIT

import RelaxNumerics

/// Cartesian components in which an atom may move.
public struct Freedom: OptionSet, Hashable, Sendable {
  /// Bits 1, 2 and 4 for x, y and z.
  public let rawValue: UInt8

  /// The components whose bits are set.
  public init(rawValue: UInt8) { self.rawValue = rawValue }

  /// May move along x.
  public static let x = Freedom(rawValue: 1)
  /// May move along y.
  public static let y = Freedom(rawValue: 2)
  /// May move along z.
  public static let z = Freedom(rawValue: 4)
  /// May move along x, y and z.
  public static let free: Freedom = [.x, .y, .z]
  /// Does not move at all.
  public static let fixed: Freedom = []

  /// `vector` with the components along which the atom may not move set to exactly zero.
  @inlinable public func masking(_ vector: Vector3) -> Vector3 {
    if self == .free { return vector }
    return Vector3(
      contains(.x) ? vector.x : 0, contains(.y) ? vector.y : 0, contains(.z) ? vector.z : 0)
  }
}

extension MoveMask {
  /// Whether a column of that name was probably meant as a mask, though nothing but `move_mask` is read as
  /// one.
  public static func isNearName(_ name: String) -> Bool {
    let letters = name.lowercased().filter(\.isLetter)
    return nearNames.contains(letters) || letters.hasPrefix("movemask")
  }

  private static let nearNames: Set<String> = [
    "movemask", "movmask", "mask", "masks", "move", "movable", "moveable", "mobile", "free",
    "isfree",
    "fix", "fixed", "isfixed", "fixatoms", "frozen", "freeze", "constraint", "constraints",
    "constrained",
    "selectivedynamics", "relaxmask",
  ]
}

/// Which atoms a relaxation may move: ASE's `FixAtoms` and `FixCartesian`, as the column
/// `move_mask` holds them (`T` = free).
public struct MoveMask: Hashable, Sendable {
  /// How the mask is spelled in files.
  public enum Form: Hashable, Sendable {
    /// One flag an atom, `move_mask:L:1`.
    case atoms
    /// One flag a Cartesian component, `move_mask:L:3`.
    case components
  }

  /// One entry an atom.
  public private(set) var freedoms: [Freedom]
  /// How the mask is spelled in files.
  public let form: Form

  /// A mask by whole atoms; `free[i]` says that atom *i* may move.
  public init(free: [Bool]) {
    freedoms = free.map { $0 ? .free : .fixed }
    form = .atoms
  }

  /// A mask by Cartesian components.
  public init(components: [Freedom]) {
    freedoms = components
    form = .components
  }
}
