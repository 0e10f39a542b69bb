// SPDX-License-Identifier: MIT

/// What the error on an atom counts in the loss; on a free atom of the slab it counts 1.
public struct AtomWeights: Hashable, Sendable {
  /// On atoms that may not move in any component, whatever they belong to.
  public var fixed = 0.05
  /// On free atoms tagged as adsorbate.
  ///
  /// Metal atoms of a slab are many and easily learned; where an adsorbate goes is decided by weak
  /// forces on few atoms.
  public var adsorbate = 1.0

  /// The paper's: 0.05 on fixed atoms, 1 on all others.
  public init() {}

  func weight(isFixed: Bool, isAdsorbate: Bool) -> Double {
    isFixed ? fixed : isAdsorbate ? adsorbate : 1
  }
}
