// SPDX-License-Identifier: MIT

/// Widths and depths that follow from a configuration.
extension ForceNetConfiguration {
  /// Basis of edge features: where directions are left out, harmonics give way to sines.
  ///
  /// The released code intends the same, but ends with an error.
  public var edgeBasis: Basis {
    ablation == .onlyDistances && basis.isSpherical ? .powerSine : basis
  }

  /// Distances among an edge's raw features: d, d − a_s, d − a_t, d − a_s − a_t, or d alone.
  public var distanceCount: Int { ablation == .noDistanceList ? 1 : 4 }

  /// Raw features of an edge: three of direction, unless left out, then distances.
  public var edgeFeatureCount: Int {
    ablation == .onlyDistances ? distanceCount : 3 + distanceCount
  }

  /// Degree and order of each spherical harmonic; empty if the basis has none.
  public var harmonics: SphericalHarmonics? {
    guard case .spherical(let which, _) = edgeBasis else { return nil }
    return SphericalHarmonics(degrees: degrees, which: which)
  }

  /// Mixtures of radial functions that multiply each harmonic: the width of `basis_fun.lin`, or of
  /// the bare distances; 0 for bases without such a product.
  public var radialCount: Int {
    guard case .spherical(_, let radial) = edgeBasis else { return 0 }
    return switch radial {
    case .concatenated: 0
    case .multiplied, .bare: distanceCount
    case .fortyMultiplied: 40
    }
  }

  /// B, width of the basis of an edge's features.
  public var basisWidth: Int {
    switch edgeBasis {
    case .raw, .concatenatedRaw: edgeFeatureCount
    case .spherical(_, .concatenated): (harmonics?.count ?? 0) + distanceCount * frequencies
    case .spherical: (harmonics?.count ?? 0) * radialCount
    default: edgeFeatureCount * frequencies
    }
  }

  /// Hidden layers of the filter network; none if it is linear.
  public var filterDepth: Int { ablation == .linearEdges ? 0 : edgeDepth }

  /// Hidden layers of the node update; none if it is linear.
  public var updateDepth: Int { ablation == .linearNodes ? 0 : nodeDepth }

  /// Whether filters see node embeddings.
  public var isConditional: Bool { ablation != .noConditioning }
}
