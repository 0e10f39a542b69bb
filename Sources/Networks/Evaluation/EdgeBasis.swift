// SPDX-License-Identifier: MIT

import CLibrary
import RelaxNumerics
import Structures

/// From an edge's vector and the radii of its atoms to B, the basis of its features, and to α.
package struct EdgeBasis: Sendable {
  /// Width of B; 1, a zero, for a basis without any function, as of the odd degrees below 1.
  package let width: Int
  private let cutoff: Double
  /// Slater radius of each atomic number in Å; NaN where there is none.
  private let radii: [Double]
  let raw: RawFeatures
  let program: Program
  /// Whether messages are weighted by α; GNS' are not.
  let isWeighted: Bool

  /// What an edge's raw features are, in this order.
  struct RawFeatures {
    var hasDirection: Bool
    /// Direction cosines shifted from [−1, 1] to [0, 1].
    var squashesDirection: Bool
    var distances: Int
    var width: Int { (hasDirection ? 3 : 0) + distances }
  }

  enum Program: Sendable {
    /// Every raw feature alike.
    case features(FeatureBasis)
    /// Harmonics beside sines of the distances.
    case beside(SphericalHarmonics, SpreadFunctions)
    /// Harmonics times mixtures of sines of the distances.
    case mixtures(SphericalHarmonics, SpreadFunctions, DenseLayer)
    /// Harmonics times distances.
    case distances(SphericalHarmonics)
  }

  package init(forceNet model: NetworkModel, _ configuration: ForceNetConfiguration) {
    width = max(1, configuration.basisWidth)
    cutoff = configuration.cutoff
    radii = model.values("atom_radii")
    isWeighted = true
    let basis = configuration.edgeBasis
    raw = RawFeatures(
      hasDirection: configuration.ablation != .onlyDistances, squashesDirection: basis == .gaussian,
      distances: configuration.distanceCount)
    guard case .spherical(_, let radial) = basis, let harmonics = configuration.harmonics else {
      program = .features(
        FeatureBasis(
          basis, name: "basis_fun", width: raw.width, activation: configuration.activation.kernel,
          of: model))
      return
    }
    func sines() -> SpreadFunctions {
      .sines(model, "basis_fun.smearing_sine.freq_filter", width: configuration.distanceCount)
    }
    program =
      switch radial {
      case .concatenated: .beside(harmonics, sines())
      case .multiplied, .fortyMultiplied:
        .mixtures(harmonics, sines(), AffineMap(model, "basis_fun.lin").layer())
      case .bare: .distances(harmonics)
      }
  }

  package init(gns model: NetworkModel, cutoff: Double) {
    width = 7
    self.cutoff = cutoff
    radii = model.values("atom_radii")
    isWeighted = false
    raw = RawFeatures(hasDirection: true, squashesDirection: false, distances: 4)
    program = .features(.raw)
  }

  /// Features of edges, the rows of `features`.
  ///
  /// - Parameters:
  ///   - vectors: Å, from target to source.
  ///   - distances: their lengths.
  ///   - elements: of source and target.
  ///   - features: is given as many rows as there are edges.
  /// - Complexity: O(edges · `width`).
  func evaluate(
    vectors: [Vector3], distances: [Double], elements: [(source: Element, target: Element)],
    into features: FloatMatrix, kernels: KernelSet
  ) {
    features.resize(rows: vectors.count)
    guard !vectors.isEmpty else { return }
    let lists = distanceLists(distances, elements)
    switch program {
    case .mixtures(let harmonics, _, _) where harmonics.count == 0: features.clear()
    case .distances(let harmonics) where harmonics.count == 0: features.clear()
    case .features(let basis):
      basis.evaluate(
        rawFeatures(vectors, distances, lists), width: raw.width, into: features, kernels: kernels)
    case .beside(let harmonics, let sines):
      let values = harmonics.evaluate(directions(vectors, distances))
      features.fill(values, width: harmonics.count)
      sines.evaluate(
        lists, width: raw.distances, into: features, column: harmonics.count, kernels: kernels)
    case .mixtures(let harmonics, let sines, let layer):
      let mixed = FloatMatrix(rows: vectors.count, columns: layer.outputs)
      // Some rows at a time: all sines of all edges would not stay in the cache.
      let spread = FloatMatrix(rows: 96, columns: layer.inputs)
      for start in stride(from: 0, to: vectors.count, by: spread.rows) {
        let rows = start..<min(start + spread.rows, vectors.count)
        sines.evaluate(lists, width: raw.distances, rows: rows, into: spread, kernels: kernels)
        layer.apply(
          rows.count, to: .init(spread), .store(.init(mixed, from: start)), kernels: kernels)
      }
      features.fillProducts(
        harmonics.evaluate(directions(vectors, distances)), width: harmonics.count, mixed)
    case .distances(let harmonics):
      let mixed = FloatMatrix(rows: vectors.count, columns: raw.distances)
      mixed.fill(lists, width: raw.distances)
      features.fillProducts(
        harmonics.evaluate(directions(vectors, distances)), width: harmonics.count, mixed)
    }
  }

  /// α of each distance: cos(π d / 2c), positive up to the cutoff; 1 where messages have no weight.
  package func weights(_ distances: [Double], into weights: AlignedBuffer<Float>) {
    weights.resize(distances.count)
    for (edge, distance) in distances.enumerated() {
      weights[edge] = isWeighted ? Float(cos(0.5 * distance * .pi / cutoff)) : 1
    }
  }

  /// In units of the cutoff, and never below 10⁻³ of it: d, d − a_s, d − a_t, d − a_s − a_t; or d alone.
  func distanceLists(
    _ distances: [Double], _ elements: [(source: Element, target: Element)]
  ) -> [Double] {
    var lists: [Double] = []
    lists.reserveCapacity(distances.count * raw.distances)
    for (distance, pair) in zip(distances, elements) {
      lists.append(max(distance / cutoff, 1e-3))
      guard raw.distances > 1 else { continue }
      let source = radii[Int(pair.source.atomicNumber)]
      let target = radii[Int(pair.target.atomicNumber)]
      lists.append(max((distance - source) / cutoff, 1e-3))
      lists.append(max((distance - target) / cutoff, 1e-3))
      lists.append(max((distance - source - target) / cutoff, 1e-3))
    }
    return lists
  }

  func directions(_ vectors: [Vector3], _ distances: [Double]) -> [Vector3] {
    zip(vectors, distances).map { $0 / $1 }
  }

  func rawFeatures(
    _ vectors: [Vector3], _ distances: [Double], _ lists: [Double]
  ) -> [Double] {
    guard raw.hasDirection else { return lists }
    var all: [Double] = []
    all.reserveCapacity(vectors.count * raw.width)
    for (edge, vector) in vectors.enumerated() {
      let direction = vector / distances[edge]
      for axis in 0..<3 {
        all.append(raw.squashesDirection ? (direction[axis] + 1) / 2 : direction[axis])
      }
      all += lists[edge * raw.distances..<(edge + 1) * raw.distances]
    }
    return all
  }
}
