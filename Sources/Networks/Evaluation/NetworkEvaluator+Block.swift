// SPDX-License-Identifier: MIT

import RelaxNumerics

/// One round of messages.
extension NetworkEvaluator {
  /// Moves embeddings on through block `number`: those of the atoms `after`, from those of `before`.
  func pass(_ number: Int, _ edges: OrderedEdges, before: [Int32], after: [Int32]) {
    let block = network.blocks[number]
    let isFirst = number == 0
    project(block, isFirst, before: before, after: after)

    let pass = MessagePass(
      block: block, sumsFilters: block.groupsByElement(isFirst: isFirst), kernels: network.kernels,
      features: features, tables: tables, sums: sums[number], cancellation: cancellation)
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
    case .filtered(let ofSums) where block.groupsByElement(isFirst: number == 0):
      multiplyGroups(ofSums, sums, edges, targets)
    case .summed(let ofSums): layers([ofSums], sums, messages, adds: false)
    case .filtered, .filteredDirectly, .summedDirectly, .normalized: messages = sums
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

  /// Messages of the first block from sums over sources of one element: Σ v ⊙ (W S + b Σ α).
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
}
