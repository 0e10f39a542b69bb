// SPDX-License-Identifier: MIT

import Forces
import RelaxNumerics
import Structures

/// A network at work on one structure.
///
/// The forces on an atom are the same to the last bit whether all atoms are evaluated or the free
/// ones only, whatever is remembered from earlier evaluations, and for any number of threads.
final class NetworkEvaluator: Evaluator {
  let network: CompiledNetwork
  let options: NetworkProvider.Options
  let elements: [Element]
  let isFixed: [Bool]
  let free: [Int32]
  /// The distinct elements, and which of them each atom is.
  let kinds: [Element]
  let kindOfAtom: [Int32]
  /// Embeddings of `kinds` before the first block.
  let kindEmbeddings: FloatMatrix

  let tables: NodeTables
  let workspaces: [TileWorkspace]
  let features: FloatMatrix
  let weights = AlignedBuffer<Float>()
  let batch = EdgeBatch()
  /// Sums of each block that are not over D columns, one a target or one a target and element.
  var sums: [FloatMatrix]
  var constants: [ConstantSums]
  /// Where the fixed atoms were when `constants` were made, and in which cell.
  var fixedAtoms: Geometry
  /// Looked at between tiles of messages.
  var cancellation = Cancellation.never

  init(_ network: CompiledNetwork, _ structure: Structure, _ options: NetworkProvider.Options) {
    (self.network, self.options) = (network, options)
    fixedAtoms = Geometry(positions: [], cell: structure.cell)
    elements = structure.elements
    let freedoms = structure.freedoms
    isFixed = freedoms.map { $0 == .fixed }
    free = freedoms.indices.filter { freedoms[$0] != .fixed }.map { Int32($0) }
    let elementKinds = ElementKinds(structure)
    let kinds = elementKinds.kinds
    (self.kinds, kindOfAtom) = (kinds, elementKinds.ofAtoms)
    kindEmbeddings = network.embedding.rows(
      of: kinds, width: network.width, kernels: network.kernels)
    let atoms = max(structure.count, kinds.count)
    tables = NodeTables(atoms: atoms, width: network.width, widest: network.widestLayer)
    let width = network.width
    workspaces = (0..<options.workers).map { _ in TileWorkspace(width: width) }
    features = FloatMatrix(rows: 0, columns: network.basis.width)
    sums = network.blocks.indices.map { index in
      let columns = network.blocks[index].countsMessages(isFirst: index == 0) ? width + 1 : width
      let groups = network.blocks[index].groups(isFirst: index == 0, kinds: kinds.count)
      return FloatMatrix(rows: structure.count * groups, columns: columns)
    }
    constants = sums.map {
      ConstantSums(atoms: structure.count, rows: $0.rows, columns: $0.columns)
    }
  }

  func evaluate(
    _ geometry: Geometry, wanting: Quantities, cancellation: Cancellation
  ) throws(ForceError) -> Evaluation {
    try geometry.requireSound()
    self.cancellation = cancellation
    let wantsEnergy = wanting.contains(.energy) && network.energy != nil
    let leavesOut =
      options.usesShortcuts && free.count < elements.count && !wantsEnergy
      && !wanting.contains(.forces)
    do throws(ForceError) {
      return try evaluate(
        geometry, leavesOut ? free : (0..<Int32(elements.count)).map { $0 })
    } catch {
      // What was being summed up is not complete.
      for sums in constants { sums.forget() }
      throw error
    }
  }

  /// Forces on the atoms `wanted`, ascending; the energy if these are all.
  private func evaluate(
    _ geometry: Geometry, _ wanted: [Int32]
  ) throws(ForceError) -> Evaluation {
    try cancellation.check()
    let graph = try NeighborGraph(
      ofNetwork: geometry, cutoff: network.cutoff, maximumNeighbors: network.maximumNeighbors,
      kernels: network.kernels)
    try cancellation.check()
    let edges = OrderedEdges(graph, isFixed: isFixed, blocks: network.blocks.count)
    try cancellation.check()
    network.basis.evaluate(
      vectors: edges.vector, distances: edges.distance, elements: elementPairs(edges),
      into: features, kernels: network.kernels)
    try cancellation.check()
    network.basis.weights(edges.distance, into: weights)
    forgetIfFixedAtomsMoved(geometry)

    let field = ReceptiveField(
      of: wanted, edges: edges, blocks: network.blocks.count, atomCount: elements.count)
    for atom in elements.indices {
      tables.embeddings.copy(row: atom, from: kindEmbeddings, row: Int(kindOfAtom[atom]))
    }
    for number in network.blocks.indices {
      pass(number, edges, before: field.atoms[number], after: field.atoms[number + 1])
      try cancellation.check()
    }
    return read(wanted)
  }

  private func elementPairs(_ edges: OrderedEdges) -> [(source: Element, target: Element)] {
    var pairs: [(source: Element, target: Element)] = []
    pairs.reserveCapacity(edges.count)
    for target in elements.indices {
      for edge in edges.edges(to: target) {
        pairs.append((elements[Int(edges.source[edge])], elements[target]))
      }
    }
    return pairs
  }

  private func forgetIfFixedAtomsMoved(_ geometry: Geometry) {
    let fixed = Geometry(
      positions: isFixed.indices.filter { isFixed[$0] }.map { geometry.positions[$0] },
      cell: geometry.cell)
    guard fixed != fixedAtoms || !options.usesShortcuts else { return }
    fixedAtoms = fixed
    for sums in constants { sums.forget() }
  }

  // MARK: - Reading out

  private func read(_ wanted: [Int32]) -> Evaluation {
    var evaluation = Evaluation(
      forces: [Vector3](repeating: .zero, count: elements.count),
      coverage: wanted.count == elements.count ? .all : .free)
    let rows = NodeRows(wanted)
    var embeddings = tables.embeddings
    if let last = network.readout.last {
      let read = FloatMatrix(rows: embeddings.rows, columns: last.outputs)
      rows.apply(
        network.readout, from: embeddings, to: read, scratch: tables.scratch,
        threads: options.threads, kernels: network.kernels)
      embeddings = read
    }
    let predictions = FloatMatrix(rows: embeddings.rows, columns: 3)
    rows.apply(
      network.output, from: embeddings, to: predictions, scratch: tables.scratch,
      threads: options.threads, kernels: network.kernels)
    let normalization = network.normalization
    for atom in wanted {
      let row = Int(atom)
      for axis in 0..<3 {
        evaluation.forces[row][axis] =
          Double(predictions[row, axis]) * normalization.forceScale + normalization.forceMean
      }
    }
    guard let energy = network.energy, evaluation.coverage == .all else { return evaluation }
    var sum = energy.bias[0]
    for column in 0..<energy.inputs {
      var total = 0.0
      for atom in wanted { total += Double(embeddings[Int(atom), column]) }
      sum += energy.weights[column] * total
    }
    evaluation.energy = sum * normalization.energyScale + normalization.energyShift(of: elements)
    return evaluation
  }
}
