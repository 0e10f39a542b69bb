// SPDX-License-Identifier: MIT

import RelaxNumerics

/// One block's messages: forward, keeping what the reverse pass needs.
///
/// What is kept is U of the first and of every hidden layer, D numbers an edge each, so that nothing but
/// activations is computed twice. Edges are cut at targets into parts, one a thread; each has its own
/// sums of derivatives, which are added in the order of threads: results depend on their number, but on
/// nothing else.
final class MessageGradient: @unchecked Sendable {
  let block: ForceCentricPlan.Block
  /// U of each layer, a row an edge; none where it is cheaper to make again.
  private(set) var before: [FloatMatrix] = []
  /// S of bundles and Σ α in one more column; G.
  let sums: FloatMatrix, products: FloatMatrix
  /// P, Q and v.
  private(set) var source: FloatMatrix, target: FloatMatrix, value: FloatMatrix
  /// T of atoms.
  let messages = Table()
  /// Statistics of all edges.
  private(set) var normalization: BatchNormalization?

  /// A matrix that is made anew.
  final class Table: @unchecked Sendable {
    var matrix = FloatMatrix(rows: 0, columns: 1)
  }

  init(_ block: ForceCentricPlan.Block) {
    self.block = block
    let width = block.first.outputs
    func table(_ columns: Int) -> FloatMatrix { FloatMatrix(rows: 0, columns: columns) }
    let kept =
      switch block.filter {
      case .activated(let hidden, _): 1 + hidden.count
      case .normalizedEdges: 1
      case .normalizedRows: 0
      }
    before = (0..<kept).map { _ in table(width) }
    (sums, products) = (table(width + 1), table(width))
    (source, target, value) = (table(width), table(width), table(width))
  }

  /// What one round of messages is about.
  struct Round {
    let batch: GradientBatch
    let basis: EdgeBasisGradient
    let layers: MessageLayers
    let bundles: GradientBatch.Bundles
    /// Rows of senders and receivers in tables of embeddings, one an edge.
    let source: AlignedBuffer<Int32>, target: AlignedBuffer<Int32>
    /// Row of each atom in tables of embeddings; nil if it is the atom's own.
    let rowOfAtom: AlignedBuffer<Int32>?
    /// Embeddings that messages are made from: in the first block a row an element.
    let embeddings: FloatMatrix

    init(
      _ block: ForceCentricPlan.Block, isFirst: Bool, _ batch: GradientBatch,
      _ basis: EdgeBasisGradient, embeddings: FloatMatrix, _ context: GradientContext
    ) {
      (self.batch, self.basis, self.embeddings) = (batch, basis, embeddings)
      layers = MessageLayers(block, features: basis.features.columns, context)
      bundles =
        block.value == nil ? batch.byTarget : isFirst ? batch.byKind : batch.bySource
      source = isFirst ? batch.sourceKind : batch.source
      target = isFirst ? batch.targetKind : batch.target
      rowOfAtom = isFirst ? batch.kindOfAtom : nil
    }
  }

  /// T of all atoms.
  func forward(
    _ round: Round, _ workspaces: [MessageWorkspace], _ context: GradientContext
  ) -> FloatMatrix {
    let batch = round.batch
    let width = block.first.outputs
    for matrix in before { matrix.resize(rows: batch.edges) }
    sums.resize(rows: round.bundles.count)
    sums.clear()
    products.resize(rows: block.last == nil ? 0 : round.bundles.count)
    for (layer, isSource) in [(round.layers.source, true), (round.layers.target, false)] {
      guard let layer else { continue }
      let table = context.apply(layer, to: round.embeddings)
      if isSource { source = table } else { target = table }
    }
    if let layer = round.layers.value { value = context.apply(layer, to: round.embeddings) }
    messages.matrix = FloatMatrix(rows: batch.atoms, columns: width)

    inParallel(batch.parts.count) { [self] worker in
      makeFilters(round, worker, workspaces[worker], context)
      if case .normalizedEdges = block.filter { return }
      finishBundles(round, worker, workspaces[worker], context)
    }
    if case .normalizedEdges(let stage) = block.filter {
      let normalization = context.normalize(before[0], stage)
      self.normalization = normalization
      inParallel(batch.parts.count) { [self] worker in
        sumNormalized(round, worker, normalization, workspaces[worker], context)
        finishBundles(round, worker, workspaces[worker], context)
      }
    }
    addOwnMessages(round, context)
    return messages.matrix
  }

  /// U and A of a thread's edges, and S where nothing else is needed for it.
  private func makeFilters(
    _ round: Round, _ worker: Int, _ workspace: MessageWorkspace, _ context: GradientContext
  ) {
    let kernels = context.kernels
    workspace.forEachTile(round.batch.parts[worker]) { start, count in
      switch block.filter {
      case .normalizedEdges:
        applyFirst(round, start, count, into: .init(before[0], from: start), context)
      case .normalizedRows:
        applyFirst(round, start, count, into: .init(workspace.values), context)
        round.layers.normalizedSum?.add(
          count, of: workspace.values, to: sums, rows: round.bundles.ofEdge, from: start,
          kernels: kernels)
      case .activated(_, let activation):
        applyFirst(round, start, count, into: .init(before[0], from: start), context)
        for (number, matrix) in before.enumerated() {
          if number > 0 {
            round.layers.hidden[number - 1].apply(
              count, to: .init(workspace.values), .store(.init(matrix, from: start)),
              kernels: kernels)
          }
          activation.kernel.apply(
            count, to: matrix, from: start, into: workspace.values, kernels: kernels)
        }
        addToBundles(round, start, count, workspace.values, kernels)
      }
    }
  }

  /// U = F B + P_s + Q_t.
  func applyFirst(
    _ round: Round, _ start: Int, _ count: Int, into rows: DenseLayer.Rows,
    _ context: GradientContext
  ) {
    let addition: DenseLayer.Addition =
      block.inputs.atoms == nil
      ? .none
      : .both(.init(source, round.source, from: start), .init(target, round.target, from: start))
    round.layers.first.apply(
      count, to: .init(round.basis.features, from: start), adding: addition, .store(rows),
      kernels: context.kernels)
  }

  private func sumNormalized(
    _ round: Round, _ worker: Int, _ normalization: BatchNormalization,
    _ workspace: MessageWorkspace, _ context: GradientContext
  ) {
    workspace.forEachTile(round.batch.parts[worker]) { start, count in
      normalization.apply(
        count, of: before[0], from: start, into: workspace.values, kernels: context.kernels)
      addToBundles(round, start, count, workspace.values, context.kernels)
    }
  }

  /// S += α A.
  private func addToBundles(
    _ round: Round, _ start: Int, _ count: Int, _ values: FloatMatrix, _ kernels: KernelSet
  ) {
    RowCombination(.init(values), scale: round.batch.weight, scaleStart: start).apply(
      count, columns: values.columns, .add(.init(sums, round.bundles.ofEdge, from: start)),
      kernels: kernels)
  }

  /// G, and what it adds to T.
  private func finishBundles(
    _ round: Round, _ worker: Int, _ workspace: MessageWorkspace, _ context: GradientContext
  ) {
    let (bundles, kernels) = (round.bundles, context.kernels)
    let width = block.first.outputs
    workspace.forEachTile(bundles.parts[worker]) { start, count in
      if let last = round.layers.last {
        // Kernels write whole vectors, so what is in the column now means nothing.
        for bundle in start..<start + count { sums[bundle, width] = bundles.weight[bundle] }
        last.apply(
          count, to: .init(sums, from: start), .store(.init(products, from: start)),
          kernels: kernels)
      }
      RowCombination(
        .init(filtered, from: start),
        times: block.value == nil ? nil : .init(value, bundles.source, from: start)
      ).apply(
        count, columns: width, .add(.init(messages.matrix, bundles.target, from: start)),
        kernels: kernels)
    }
  }

  /// G, which without a last layer is S.
  var filtered: FloatMatrix { block.last == nil ? sums : products }

  private func addOwnMessages(_ round: Round, _ context: GradientContext) {
    let atoms = round.batch.atoms
    let width = block.first.outputs
    let list = AlignedBuffer<Int32>(count: atoms)
    switch block.own {
    case .none: break
    case .constant(let center):
      RowCombination(.init(context.row(center), list)).apply(
        atoms, columns: width, .add(.init(messages.matrix)), kernels: context.kernels)
    case .scaled(let center):
      RowCombination(
        .init(context.row(center), list), times: .init(value, round.rowOfAtom)
      ).apply(
        atoms, columns: width, .add(.init(messages.matrix)), kernels: context.kernels)
    }
  }
}
