// SPDX-License-Identifier: MIT

import RelaxNumerics
import Structures

/// The atoms and edges of all structures of a batch as one graph.
///
/// Edges are sorted by target, then the source's element, then source: so the edges whose messages have
/// one factor v_s stand together, in the first block (where v depends on elements only) as well as in
/// later ones.
package final class GradientBatch: @unchecked Sendable {
  package let atoms: Int
  package let edges: Int
  /// Where the atoms of each structure begin; one number more than there are structures.
  let starts: [Int]
  /// The distinct elements, ascending.
  let kinds: [Element]
  /// Which of `kinds` each atom is.
  let kindOfAtom: AlignedBuffer<Int32>
  /// Atoms that send and receive, and what they are.
  let source: AlignedBuffer<Int32>, target: AlignedBuffer<Int32>
  let sourceKind: AlignedBuffer<Int32>, targetKind: AlignedBuffer<Int32>
  /// α.
  let weight = AlignedBuffer<Float>()
  /// Features up to the first trained weight.
  let inputs: EdgeBasis.FixedInputs
  /// Edges of each thread; no target's edges are in two parts.
  let parts: [Range<Int>]
  /// By target; by target and the source's element; by target and source.
  let byTarget: Bundles, byKind: Bundles, bySource: Bundles

  /// Edges whose messages have one factor.
  struct Bundles: Sendable {
    /// Which one each edge is in.
    let ofEdge: AlignedBuffer<Int32>
    /// Row of v, and the atom that receives.
    let source: AlignedBuffer<Int32>, target: AlignedBuffer<Int32>
    /// Σ α of each.
    let weight: AlignedBuffer<Float>
    /// Bundles of each thread.
    let parts: [Range<Int>]

    var count: Int { source.count }

    init(source: [Int32]?, target: [Int32], weight: [Float], parts: [Range<Int>]) {
      var (sources, targets): ([Int32], [Int32]) = ([], [])
      var weights: [Float] = []
      var ofEdge = [Int32](repeating: 0, count: target.count)
      for edge in 0..<target.count {
        let row = source?[edge] ?? 0
        if edge == 0 || target[edge] != targets[targets.count - 1]
          || row != sources[sources.count - 1]
        {
          sources.append(row)
          targets.append(target[edge])
          weights.append(0)
        }
        weights[weights.count - 1] += weight[edge]
        ofEdge[edge] = Int32(sources.count - 1)
      }
      self.parts = parts.map {
        $0.isEmpty ? 0..<0 : Int(ofEdge[$0.lowerBound])..<Int(ofEdge[$0.upperBound - 1]) + 1
      }
      self.ofEdge = AlignedBuffer(ofEdge)
      (self.source, self.target) = (AlignedBuffer(sources), AlignedBuffer(targets))
      self.weight = AlignedBuffer(weights)
    }
  }

  /// - Throws: `TooDense`, naming the first structure with atoms that have too many neighbours.
  init(_ structures: [Structure], _ network: DifferentiableNetwork) throws(TooDense) {
    let plan = network.plan
    let elements = structures.flatMap(\.elements)
    let kinds = Set(elements).sorted()
    let kindOf = Dictionary(uniqueKeysWithValues: zip(kinds, Int32(0)...))
    let kindOfAtom = elements.map { kindOf[$0] ?? 0 }
    var lists = Lists(kindOfAtom)
    var first = 0
    for (number, structure) in structures.enumerated() {
      let graph: NeighborGraph
      do throws(TooManyNeighbors) {
        graph = try NeighborGraph(
          structure, cutoff: plan.cutoff, maximumNeighbors: plan.maximumNeighbors,
          kernels: network.kernels)
      } catch {
        throw TooDense(structure: number)
      }
      for atom in 0..<structure.count { lists.append(graph, edgesTo: atom, first: first) }
      first += structure.count
    }
    (atoms, edges, self.kinds) = (elements.count, lists.source.count, kinds)
    starts = structures.reduce(into: [0]) { $0.append($0[$0.count - 1] + $1.count) }
    self.kindOfAtom = AlignedBuffer(kindOfAtom)
    (source, target) = (AlignedBuffer(lists.source), AlignedBuffer(lists.target))
    let kindOfSource = lists.source.map { kindOfAtom[Int($0)] }
    sourceKind = AlignedBuffer(kindOfSource)
    targetKind = AlignedBuffer(lists.target.map { kindOfAtom[Int($0)] })
    network.basis.weights(lists.distance, into: weight)
    inputs = network.basis.fixedInputs(
      vectors: lists.vector, distances: lists.distance,
      elements: zip(lists.source, lists.target).map { (elements[Int($0)], elements[Int($1)]) },
      kernels: network.kernels)
    parts = lists.parts(network.threads)
    var weights = [Float](repeating: 0, count: edges)
    weight.copy(to: &weights)
    byTarget = Bundles(source: nil, target: lists.target, weight: weights, parts: parts)
    byKind = Bundles(source: kindOfSource, target: lists.target, weight: weights, parts: parts)
    bySource = Bundles(source: lists.source, target: lists.target, weight: weights, parts: parts)
  }

  /// Edges while they are gathered.
  private struct Lists {
    let kindOfAtom: [Int32]
    var source: [Int32] = [], target: [Int32] = []
    var vector: [Vector3] = []
    var distance: [Double] = []
    /// Places at which edges to another target begin.
    var boundaries: [Int] = []
    private var keys: [UInt64] = []

    init(_ kindOfAtom: [Int32]) { self.kindOfAtom = kindOfAtom }

    /// Appends the edges to `atom`, atoms being numbered from `first` on.
    mutating func append(_ graph: NeighborGraph, edgesTo atom: Int, first: Int) {
      boundaries.append(source.count)
      keys.removeAll(keepingCapacity: true)
      for edge in graph.starts[atom]..<graph.starts[atom + 1] {
        let kind = kindOfAtom[first + Int(graph.source[edge])]
        // Within an element edges are in the graph's order: by source, then offset.
        keys.append(UInt64(kind) << 32 | UInt64(edge))
      }
      keys.sort()
      for key in keys {
        let edge = Int(key & 0xFFFF_FFFF)
        source.append(Int32(first) + graph.source[edge])
        target.append(Int32(first + atom))
        vector.append(graph.vector[edge])
        distance.append(graph.distance[edge])
      }
    }

    /// About equal parts, one a thread.
    func parts(_ threads: Int) -> [Range<Int>] {
      var begin = 0
      return (1...threads).map { part in
        let wanted = source.count * part / threads
        let end = part == threads ? source.count : boundaries.last { $0 <= wanted } ?? 0
        defer { begin = max(begin, end) }
        return begin..<max(begin, end)
      }
    }
  }
}
