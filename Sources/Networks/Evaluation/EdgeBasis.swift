// SPDX-License-Identifier: MIT

import CLibrary
import RelaxNumerics
import Structures

/// From an edge's vector and the radii of its atoms to B, the basis of its features, and to α.
struct EdgeBasis: Sendable {
  /// Width of B; 1, a zero, for a basis without any function, as of the odd degrees below 1.
  let width: Int
  private let cutoff: Double
  /// Slater radius of each atomic number in Å; NaN where there is none.
  private let radii: [Double]
  let plan: ForceCentricPlan.EdgeFeatures
  let program: Program

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

  /// Prepares that of a complete model.
  init(_ network: ForceCentricPlan, of model: NetworkModel) {
    plan = network.edges
    width = max(1, plan.width)
    cutoff = network.cutoff
    radii = model.values(network.radii)
    let distances = plan.distances
    func sines(_ table: TensorSpecification) -> SpreadFunctions {
      SpreadFunctions(.sines, parameters: model.parameters(table, features: distances))
    }
    program =
      switch plan.functions {
      case .alike(let basis): .features(FeatureBasis(basis, features: plan.rawWidth, of: model))
      case .beside(let harmonics, let table): .beside(harmonics, sines(table))
      case .mixtures(let harmonics, let table, let mixing):
        .mixtures(harmonics, sines(table), AffineMap(model, mixing).layer())
      case .distances(let harmonics): .distances(harmonics)
      }
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
        rawFeatures(vectors, distances, lists), width: plan.rawWidth, into: features,
        kernels: kernels)
    case .beside(let harmonics, let sines):
      let values = harmonics.evaluate(directions(vectors, distances))
      features.fill(values, width: harmonics.count)
      sines.evaluate(
        lists, width: plan.distances, into: features, column: harmonics.count, kernels: kernels)
    case .mixtures(let harmonics, let sines, let layer):
      let mixed = FloatMatrix(rows: vectors.count, columns: layer.outputs)
      // Some rows at a time: all sines of all edges would not stay in the cache.
      let spread = FloatMatrix(rows: 96, columns: layer.inputs)
      for start in stride(from: 0, to: vectors.count, by: spread.rows) {
        let rows = start..<min(start + spread.rows, vectors.count)
        sines.evaluate(lists, width: plan.distances, rows: rows, into: spread, kernels: kernels)
        layer.apply(
          rows.count, to: .init(spread), .store(.init(mixed, from: start)), kernels: kernels)
      }
      features.fillProducts(
        harmonics.evaluate(directions(vectors, distances)), width: harmonics.count, mixed)
    case .distances(let harmonics):
      let mixed = FloatMatrix(rows: vectors.count, columns: plan.distances)
      mixed.fill(lists, width: plan.distances)
      features.fillProducts(
        harmonics.evaluate(directions(vectors, distances)), width: harmonics.count, mixed)
    }
  }

  /// α of each distance: cos(π d / 2c), positive up to the cutoff; 1 where messages have no weight.
  func weights(_ distances: [Double], into weights: AlignedBuffer<Float>) {
    weights.resize(distances.count)
    for (edge, distance) in distances.enumerated() {
      weights[edge] = plan.isWeighted ? Float(cos(0.5 * distance * .pi / cutoff)) : 1
    }
  }

  /// In units of the cutoff, and never below 10⁻³ of it: d, d − a_s, d − a_t, d − a_s − a_t; or d alone.
  func distanceLists(
    _ distances: [Double], _ elements: [(source: Element, target: Element)]
  ) -> [Double] {
    var lists: [Double] = []
    lists.reserveCapacity(distances.count * plan.distances)
    for (distance, pair) in zip(distances, elements) {
      lists.append(max(distance / cutoff, 1e-3))
      guard plan.distances > 1 else { continue }
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
    guard plan.hasDirection else { return lists }
    var all: [Double] = []
    all.reserveCapacity(vectors.count * plan.rawWidth)
    for (edge, vector) in vectors.enumerated() {
      let direction = vector / distances[edge]
      for axis in 0..<3 {
        all.append(plan.squashesDirection ? (direction[axis] + 1) / 2 : direction[axis])
      }
      all += lists[edge * plan.distances..<(edge + 1) * plan.distances]
    }
    return all
  }
}
