// SPDX-License-Identifier: MIT

import Files

/// What one tensor of a network is: an entry of ``NetworkModel/Architecture/catalogue``.
public struct TensorSpecification: Hashable, Sendable {
  /// Name in the released code.
  public let name: String
  /// Length along each dimension; empty for a single number.
  public let shape: [Int]
  /// What it is there for.
  public let role: Role

  /// What a tensor is there for, and where its first values come from.
  public enum Role: Hashable, Sendable {
    /// It is trained.
    case trained(Initialization)
    /// Running means of columns, which follow the data while training goes on; 0 at first.
    case runningMean
    /// Running variances, likewise; 1 at first.
    case runningVariance
    /// It counts batches: a whole number that nothing is computed from.
    case counter
    /// It follows from the configuration and never changes.
    case constant(ConstantTable)
    /// It is another tensor under a second name: in files, but not in memory.
    case copy(of: String)
  }

  init(_ name: String, _ shape: [Int], _ role: Role) {
    (self.name, self.shape, self.role) = (name, shape, role)
  }

  /// Radii of elements.
  static let atomRadii = TensorSpecification(
    "atom_radii", [ElementTables.rowCount], .constant(.atomRadii))

  /// Properties of elements.
  static func properties(_ table: ConstantTable) -> TensorSpecification {
    TensorSpecification(
      "atom_map", [ElementTables.rowCount, ElementTables.propertyCount], .constant(table))
  }

  /// A row of `count` constants.
  static func table(_ name: String, _ count: Int, _ table: ConstantTable) -> TensorSpecification {
    TensorSpecification(name, [1, count], .constant(table))
  }

  /// How many numbers it has.
  public var count: Int { shape.reduce(1, *) }

  /// Whether it is trained.
  public var isTrained: Bool { if case .trained = role { true } else { false } }

  /// Whether it is a table that follows from the configuration.
  public var isConstant: Bool { if case .constant = role { true } else { false } }

  /// Whether it may hold NaN: the rows of elements without data in the tables of elements.
  var mayHaveGaps: Bool {
    switch role {
    case .constant(.atomMap), .constant(.plainAtomMap), .constant(.atomRadii): true
    default: false
    }
  }

  /// Its values, if it is a table that follows from the configuration.
  public var table: Tensor? {
    guard case .constant(let table) = role else { return nil }
    return Tensor(shape: shape, values: table.values(count: count))
  }
}

/// What a trained tensor begins with.
public enum Initialization: Hashable, Sendable {
  /// Uniform within ±√(6/(columns + rows)) of a matrix (Glorot and Bengio 2010).
  case xavier
  /// Uniform within ±1/√`inputs`: what the released code's library does by itself.
  case inputs(Int)
  /// Uniform within ± a number.
  case uniform(Double)
  /// A matrix with orthogonal columns, or rows where these are fewer, its numbers scaled to the variance
  /// 2/(columns + rows).
  case orthogonal
  /// π, 2π, 3π, …
  case multiplesOfPi
  /// The same number everywhere.
  case constant(Float)
  /// Normal with mean 0 and variance 1.
  case normal
}

/// A table that follows from the configuration.
public enum ConstantTable: Hashable, Sendable {
  /// ``ElementTables/atomMap``.
  case atomMap
  /// ``ElementTables/plainAtomMap``.
  case plainAtomMap
  /// ``ElementTables/atomRadii``.
  case atomRadii
  /// 1.1ᵏ, each for as many features.
  case powers(features: Int)
  /// k, each for as many features.
  case integers(features: Int)
  /// Points from 0 to 1, each for as many features.
  case grid(features: Int)
  /// Points from 0 to a length in Å.
  case lengths(upTo: Double)

  func values(count: Int) -> [Float] {
    switch self {
    case .atomMap: return ElementTables.atomMap.values
    case .plainAtomMap: return ElementTables.plainAtomMap.values
    case .atomRadii: return ElementTables.atomRadii.values
    case .powers(let features):
      // The base is 1.1 in single precision; its powers are rounded once.
      var power = 1.0
      return (0..<count / features).flatMap { k in
        if k > 0 { power *= Double(Float(1.1)) }
        return Array(repeating: Float(power), count: features)
      }
    case .integers(let features):
      return (0..<count).map { Float($0 / features) }
    case .grid(let features):
      return (0..<count).map {
        ElementTables.linearGrid($0 / features, count: count / features)
      }
    case .lengths(let last):
      return (0..<count).map { ElementTables.linearGrid($0, count: count, upTo: Float(last)) }
    }
  }
}
