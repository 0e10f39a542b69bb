// SPDX-License-Identifier: MIT

import Forces
import Numerics
import Structures

/// A network at work on one structure.
///
/// The forces on an atom are the same to the last bit whether all atoms are evaluated or the free
/// ones only, whatever is remembered from earlier evaluations, and for any number of threads.
final class NetworkEvaluator: Evaluator {
  private let network: CompiledNetwork
  private let options: NetworkProvider.Options
  private let cell: Cell
  private let elements: [Element]
  private let isFixed: [Bool]
  private let free: [Int32]
  /// The distinct elements, and which of them each atom is.
  private let kinds: [Element]
  private let kindOfAtom: [Int32]
  /// Embeddings of `kinds` before the first block.
  private let kindEmbeddings: FloatMatrix

  private let tables: NodeTables
  private let workspaces: [TileWorkspace]
  private let features: FloatMatrix
  private let weights = AlignedBuffer<Float>()
  private let batch = EdgeBatch()
  /// Sums of each block that are not over D columns, one a target or one a target and element.
  private var sums: [FloatMatrix]
  private var constants: [ConstantSums]
  /// Where the fixed atoms were when `constants` were made.
  private var fixedPositions: [Vector3] = []

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
      maximumNeighbors: network.maximumNeighbors)
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

  // MARK: - One block

  private func pass(_ number: Int, _ edges: OrderedEdges, before: [Int32], after: [Int32]) {
    let block = network.blocks[number]
    let isFirst = number == 0
    project(block, isFirst, before: before, after: after)

    let pass = MessagePass(
      block: block, sumsFilters: block.groupsByElement(isFirst: isFirst), kernels: network.kernels,
      features: features, tables: tables, sums: sums[number])
    addMessages(pass, number, edges, to: after)
    if block.countsMessages(isFirst: isFirst) {
      countMessages(number, edges, to: after)
    }
    finish(block, number, edges, of: after)
  }

  /// P, Q and v: before the first block a row an element, then a row an atom.
  private func project(
    _ block: CompiledNetwork.Block, _ isFirst: Bool, before: [Int32], after: [Int32]
  ) {
    let senders = NodeRows(isFirst ? kinds.indices.map { Int32($0) } : before)
    let receivers = isFirst ? senders : NodeRows(after)
    let input = isFirst ? kindEmbeddings : tables.embeddings
    for (layer, rows, table) in [
      (block.source, senders, tables.source), (block.target, receivers, tables.target),
      (block.value, senders, tables.value),
    ] {
      guard let layer else { continue }
      rows.apply(
        [layer], from: input, to: table, scratch: tables.scratch, threads: options.threads,
        kernels: network.kernels)
    }
  }

  private func addMessages(
    _ pass: MessagePass, _ number: Int, _ edges: OrderedEdges, to targets: [Int32]
  ) {
    let constant = constants[number]
    let groups = network.blocks[number].groups(isFirst: number == 0, kinds: kinds.count)
    func rows(_ target: Int32) -> Range<Int> {
      Int(target) * groups..<(Int(target) + 1) * groups
    }
    // Constant sums that are not at hand, then everything else.
    var renewed = false
    batch.begin(capacity: edges.count)
    for target in targets {
      let range = edges.constantEdges(to: Int(target), in: number)
      if range.isEmpty || constant.holds(Int(target), range, of: edges) { continue }
      renewed = true
      constant.remember(Int(target), range, of: edges)
      for row in rows(target) { constant.sums.clear(row: row) }
      append(range, to: target, groups, number == 0, edges)
    }
    if renewed {
      // Later blocks' sums rest on embeddings that these may have changed.
      for later in constants[(number + 1)...] { later.forget() }
      pass.with(sums: constant.sums).run(batch, workspaces)
    }
    batch.begin(capacity: edges.count)
    for target in targets {
      let range = edges.constantEdges(to: Int(target), in: number)
      for row in rows(target) {
        if range.isEmpty {
          pass.sums.clear(row: row)
        } else {
          pass.sums.copy(row: row, from: constant.sums)
        }
      }
      append(
        range.upperBound..<edges.edges(to: Int(target)).upperBound, to: target, groups,
        number == 0, edges)
    }
    pass.run(batch, workspaces)
  }

  private func append(
    _ range: Range<Int>, to target: Int32, _ groups: Int, _ isFirst: Bool, _ edges: OrderedEdges
  ) {
    let targetRow = isFirst ? kindOfAtom[Int(target)] : target
    for edge in range {
      let source = edges.source[edge]
      let kind = kindOfAtom[Int(source)]
      batch.append(
        features: edge, source: isFirst ? kind : source, target: targetRow,
        sum: target * Int32(groups) + (groups > 1 ? kind : 0), weight: weights[edge])
    }
    batch.endTarget()
  }

  /// Σ α, or the number of messages, in the last column of sums.
  private func countMessages(_ number: Int, _ edges: OrderedEdges, to targets: [Int32]) {
    let groups = network.blocks[number].groups(isFirst: number == 0, kinds: kinds.count)
    var counts = [Float](repeating: 0, count: groups)
    for target in targets {
      for group in counts.indices { counts[group] = 0 }
      for edge in edges.edges(to: Int(target)) {
        counts[groups > 1 ? Int(kindOfAtom[Int(edges.source[edge])]) : 0] += weights[edge]
      }
      for group in counts.indices {
        sums[number][Int(target) * groups + group, network.width] = counts[group]
      }
    }
  }

  /// From sums to embeddings.
  private func finish(
    _ block: CompiledNetwork.Block, _ number: Int, _ edges: OrderedEdges, of targets: [Int32]
  ) {
    let sums = self.sums[number]
    let rows = NodeRows(targets)
    let threads = options.threads
    let kernels = network.kernels
    func layers(_ layers: [DenseLayer], _ input: FloatMatrix, _ output: FloatMatrix, adds: Bool) {
      rows.apply(
        layers, from: input, to: output, adds: adds, scratch: tables.scratch, threads: threads,
        kernels: kernels)
    }
    var messages = tables.messages
    switch block.reduction {
    case .normalized(_, let ofSums):
      return layers([ofSums], sums, tables.embeddings, adds: true)
    case .filtered(let ofSums) where block.groupsByElement(isFirst: number == 0):
      multiplyGroups(ofSums, sums, edges, targets)
    case .summed(let ofSums): layers([ofSums], sums, messages, adds: false)
    case .filtered, .filteredDirectly, .summedDirectly: messages = sums
    }
    for target in targets {
      let row = Int(target)
      switch block.own {
      case .none: break
      case .scaled(let center):
        messages.addProduct(
          row: row, center, row: 0, tables.value,
          row: number == 0 ? Int(kindOfAtom[row]) : row, kernels: kernels)
      case .constant(let center): messages.add(row: row, center, row: 0)
      }
    }
    layers(block.update, messages, tables.embeddings, adds: true)
  }

  /// Messages of the first block from sums over sources of one element: Σ v ⊙ (W Σ α g + b Σ α).
  private func multiplyGroups(
    _ layer: DenseLayer, _ sums: FloatMatrix, _ edges: OrderedEdges, _ targets: [Int32]
  ) {
    let groups = kinds.count
    var used: [Int32] = []
    for target in targets {
      var isUsed = [Bool](repeating: false, count: groups)
      for edge in edges.edges(to: Int(target)) {
        isUsed[Int(kindOfAtom[Int(edges.source[edge])])] = true
      }
      for group in 0..<groups where isUsed[group] {
        used.append(target * Int32(groups) + Int32(group))
      }
      tables.messages.clear(row: Int(target))
    }
    let products = FloatMatrix(rows: sums.rows, columns: network.width)
    NodeRows(used).apply(
      [layer], from: sums, to: products, scratch: tables.scratch, threads: options.threads,
      kernels: network.kernels)
    for row in used {
      tables.messages.addProduct(
        row: Int(row) / groups, tables.value, row: Int(row) % groups, products, row: Int(row),
        kernels: network.kernels)
    }
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
