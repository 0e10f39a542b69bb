// SPDX-License-Identifier: MIT

/// How raw features are spread over basis functions before the first linear layer (section 2 and
/// appendix A of the paper), by its name in the released code.
public enum Basis: Hashable, Sendable {
  /// sin(1.1ᵏ x), k = 0 …: the paper's "sine".
  case powerSine
  /// cos(1.1ᵏ x).
  case powerCosine
  /// sin(k x).
  case fourierSine
  /// Gaussians on a grid from 0 to 1.
  case gaussian
  /// A trained linear layer and an activation: the paper's "linear+act".
  case linearActivation
  /// Raw features, projected to the hidden width: the paper's "identity".
  case raw
  /// Raw features, concatenated to the node embeddings as they are: the paper's "none".
  case concatenatedRaw
  /// Spherical harmonics of the direction combined with functions of the distances.
  case spherical(Degrees, Radial)

  /// Which degrees l < `max_n` of spherical harmonics are taken.
  public enum Degrees: String, CaseIterable, Hashable, Sendable {
    /// All.
    case all
    /// Odd ones only.
    case sine
    /// Even ones only.
    case cosine
  }

  /// How distances join the harmonics.
  public enum Radial: String, CaseIterable, Hashable, Sendable {
    /// Sines of the distances stand beside the harmonics.
    case concatenated = "cat"
    /// Harmonics times as many mixtures of the sines as there are distances: the paper's basis.
    case multiplied = "mul"
    /// Harmonics times forty mixtures of the sines.
    case fortyMultiplied = "m40"
    /// Harmonics times the bare distances.
    case bare = "nosine"
  }

  /// The basis with this name, if there is one.
  public init?(name: String) {
    guard let basis = Basis.all.first(where: { $0.name == name }) else { return nil }
    self = basis
  }

  /// Name in the released code, such as `sphallmul`.
  public var name: String {
    switch self {
    case .powerSine: "powersine"
    case .powerCosine: "powercosine"
    case .fourierSine: "fouriersine"
    case .gaussian: "gauss"
    case .linearActivation: "linact"
    case .raw: "raw"
    case .concatenatedRaw: "rawcat"
    case .spherical(let degrees, let radial): "sph\(degrees.rawValue)\(radial.rawValue)"
    }
  }

  /// Every basis of the released code, with every spherical and radial form.
  public static let all: [Basis] =
    [
      .powerSine, .powerCosine, .fourierSine, .gaussian, .linearActivation, .raw, .concatenatedRaw,
    ]
    + Degrees.allCases.flatMap { degrees in
      Radial.allCases.map { .spherical(degrees, $0) }
    }

  /// Whether directions enter through spherical harmonics.
  public var isSpherical: Bool { if case .spherical = self { true } else { false } }

  /// The basis of an atom's own features: harmonics make no sense there and give way to sines.
  public var ofNodes: Basis { isSpherical ? .powerSine : self }
}
