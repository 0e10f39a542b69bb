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
  let cell: Cell
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
  /// Where the fixed atoms were when `constants` were made.
  var fixedPositions: [Vector3] = []

  init(_ network: CompiledNetwork, _ structure: Structure, _ options: NetworkProvider.Options) {
    (self.network, self.options) = (network, options)
    cell = structure.cell
    elements = structure.elements
    let freedoms = structure.freedoms
    isFixed = freedoms.map { $0 == .fixed }
    free = freedoms.indices.filter { freedoms[$0] != .fixed }.map { Int32($0) }
    let kinds = Set(structure.elements).sorted()
    self.kinds = kinds
    kindOfAtom = structure.elements.map { Int32(kinds.firstIndex(of: $0) ?? 0) }
    kindEmbeddings = network.embedding.rows(
      of: kinds, width: network.width, kernels: network.kernels)
    let atoms = max(structure.count, kinds.count)
    let layers = network.blocks.flatMap(\.update) + network.readout + network.decoder
    tables = NodeTables(
      atoms: atoms, width: network.width,
      widest: layers.map(\.outputs).max() ?? network.width)
    let width = network.width
    workspaces = (0..<max(1, options.threads)).map { _ in TileWorkspace(width: width) }
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

  var leavesOutFixedAtoms: Bool { options.usesShortcuts && free.count < elements.count }

  func evaluate(_ positions: [Vector3], forces: inout [Vector3]) -> Double? {
    evaluate(positions, wanted: (0..<Int32(elements.count)).map { $0 }, &forces)
  }

  func evaluateFreeAtoms(_ positions: [Vector3], forces: inout [Vector3]) -> Double? {
    guard leavesOutFixedAtoms else { return evaluate(positions, forces: &forces) }
    return evaluate(positions, wanted: free, &forces)
  }

  private func evaluate(
    _ positions: [Vector3], wanted: [Int32], _ forces: inout [Vector3]
  ) -> Double? {
    for atom in forces.indices { forces[atom] = .zero }
    guard VerletList.accepts(positions) else {
      for atom in wanted { forces[Int(atom)] = Vector3(repeating: .nan) }
      return .nan
    }
    let graph = NeighborGraph(
      positions: positions, cell: cell, cutoff: network.cutoff,
      maximumNeighbors: network.maximumNeighbors, kernels: network.kernels)
    let edges = OrderedEdges(graph, isFixed: isFixed, blocks: network.blocks.count)
    network.basis.evaluate(
      vectors: edges.vector, distances: edges.distance, elements: elementPairs(edges),
      into: features, kernels: network.kernels)
    network.basis.weights(edges.distance, into: weights)
    forgetIfFixedAtomsMoved(positions)

    let field = ReceptiveField(
      of: wanted, edges: edges, blocks: network.blocks.count, atomCount: elements.count)
    for atom in elements.indices {
      tables.embeddings.copy(row: atom, from: kindEmbeddings, row: Int(kindOfAtom[atom]))
    }
    for number in network.blocks.indices {
      pass(number, edges, before: field.atoms[number], after: field.atoms[number + 1])
    }
    return read(wanted, &forces)
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

  private func forgetIfFixedAtomsMoved(_ positions: [Vector3]) {
    let fixed = isFixed.indices.filter { isFixed[$0] }.map { positions[$0] }
    guard fixed != fixedPositions || !options.usesShortcuts else { return }
    fixedPositions = fixed
    for sums in constants { sums.forget() }
  }

  // MARK: - Reading out

  private func read(_ wanted: [Int32], _ forces: inout [Vector3]) -> Double? {
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
      network.decoder, from: embeddings, to: predictions, scratch: tables.scratch,
      threads: options.threads, kernels: network.kernels)
    let normalization = network.normalization
    for atom in wanted {
      let row = Int(atom)
      for axis in 0..<3 {
        forces[row][axis] =
          Double(predictions[row, axis]) * normalization.forceScale + normalization.forceMean
      }
    }
    guard let energy = network.energy, wanted.count == elements.count else { return nil }
    var sum = energy.bias[0]
    for column in 0..<energy.inputs {
      var total = 0.0
      for atom in wanted { total += Double(embeddings[Int(atom), column]) }
      sum += energy.weights[column] * total
    }
    return sum * normalization.energyScale + normalization.energyMean
  }
}
