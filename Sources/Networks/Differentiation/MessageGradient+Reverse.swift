// SPDX-License-Identifier: MIT

import RelaxNumerics

extension MessageGradient {
  /// Adds all derivatives by weights and features, from `d`, those by T.
  ///
  /// - Returns: those by `round.embeddings`.
  func reverse(
    _ d: FloatMatrix, _ round: Round, _ workspaces: [MessageWorkspace], _ context: GradientContext
  ) -> FloatMatrix {
    let batch = round.batch
    for workspace in workspaces {
      workspace.begin(
        senders: round.embeddings.rows, features: round.basis.features.columns,
        hidden: max(0, before.count - 1))
    }
    if let normalization, case .normalizedEdges(let stage) = block.filter {
      let ofEdges = FloatMatrix(rows: batch.edges, columns: d.columns)
      inParallel(batch.parts.count) { [self] worker in
        reverseBundles(d, round, worker, workspaces[worker], context)
        workspaces[worker].forEachTile(batch.parts[worker]) { start, count in
          spread(round, start, count, into: .init(ofEdges, from: start), context)
        }
      }
      context.add(
        normalization.gradient(ofEdges, of: before[0], kernels: context.kernels),
        to: stage.affine)
      inParallel(batch.parts.count) { [self] worker in
        workspaces[worker].forEachTile(batch.parts[worker]) { start, count in
          reverseFirst(
            .init(ofEdges, from: start), round, start, count, workspaces[worker], context)
        }
      }
    } else {
      inParallel(batch.parts.count) { [self] worker in
        reverseBundles(d, round, worker, workspaces[worker], context)
        reverseFilters(round, worker, workspaces[worker], context)
      }
    }
    let sums = workspaces[0]
    for other in workspaces.dropFirst() { sums.add(other) }
    addOwnGradient(d, round, sums, context)
    addLayerGradients(round, sums, context)
    return nodeGradient(round, sums, context)
  }

  /// From T to S, whose derivatives replace G.
  private func reverseBundles(
    _ d: FloatMatrix, _ round: Round, _ worker: Int, _ workspace: MessageWorkspace,
    _ context: GradientContext
  ) {
    let (bundles, kernels) = (round.bundles, context.kernels)
    let width = d.columns
    let ofProducts = workspace.derivatives.0
    workspace.forEachTile(bundles.parts[worker]) { start, count in
      let upper = DenseLayer.Rows(d, bundles.target, from: start)
      if block.value == nil {
        RowCombination(upper).apply(
          count, columns: width, .store(.init(ofProducts)), kernels: kernels)
      } else {
        let source = DenseLayer.Rows(value, bundles.source, from: start)
        RowCombination(upper, times: source).apply(
          count, columns: width, .store(.init(ofProducts)), kernels: kernels)
        RowCombination(upper, times: .init(filtered, from: start)).apply(
          count, columns: width, .add(.init(workspace.value, bundles.source, from: start)),
          kernels: kernels)
      }
      let place = DenseLayer.Rows(filtered, from: start)
      if let layer = round.layers.lastReversed {
        workspace.last.addOuterProducts(
          count, .init(ofProducts), .init(sums, from: start), kernels: kernels)
        layer.apply(count, to: .init(ofProducts), .store(place), kernels: kernels)
      } else {
        RowCombination(.init(ofProducts)).apply(
          count, columns: width, .store(place), kernels: kernels)
      }
    }
  }

  /// Derivatives by A of edges, from those by S.
  private func spread(
    _ round: Round, _ start: Int, _ count: Int, into rows: DenseLayer.Rows,
    _ context: GradientContext
  ) {
    RowCombination(
      .init(filtered, round.bundles.ofEdge, from: start), scale: round.batch.weight,
      scaleStart: start
    ).apply(count, columns: block.first.outputs, .store(rows), kernels: context.kernels)
  }

  /// From S to U of the first layer, and on.
  private func reverseFilters(
    _ round: Round, _ worker: Int, _ workspace: MessageWorkspace, _ context: GradientContext
  ) {
    let kernels = context.kernels
    workspace.forEachTile(round.batch.parts[worker]) { start, count in
      switch block.filter {
      case .normalizedEdges: preconditionFailure("statistics come first")
      case .normalizedRows:
        applyFirst(round, start, count, into: .init(workspace.values), context)
        round.layers.normalizedSum?.gradient(
          count, of: .init(workspace.values),
          .init(filtered, round.bundles.ofEdge, from: start), into: workspace.derivatives.0,
          gainSums: workspace.gain, shiftSums: workspace.shift, kernels: kernels)
      case .activated(_, let activation):
        spread(round, start, count, into: .init(workspace.derivatives.0), context)
        let last = before.count - 1
        activation.kernel.differentiate(
          count, at: before[last], from: start, workspace.derivatives.0, kernels: kernels)
        for number in (0..<last).reversed() {
          let (upper, lower) = workspace.derivatives
          round.layers.hiddenReversed[number].apply(
            count, to: .init(upper), .store(.init(lower)), kernels: kernels)
          activation.kernel.differentiate(
            count, at: before[number], from: start, lower, values: workspace.values,
            kernels: kernels)
          workspace.hidden[number].weights.addOuterProducts(
            count, .init(upper), .init(workspace.values), kernels: kernels)
          RowCombination(.init(upper)).apply(
            count, columns: upper.columns,
            .add(.init(workspace.hidden[number].bias, workspace.zeros)), kernels: kernels)
          workspace.turn()
        }
      }
      reverseFirst(
        .init(workspace.derivatives.0), round, start, count, workspace, context)
    }
  }

  /// From U of the first layer to features, P and Q.
  private func reverseFirst(
    _ d: DenseLayer.Rows, _ round: Round, _ start: Int, _ count: Int,
    _ workspace: MessageWorkspace, _ context: GradientContext
  ) {
    let kernels = context.kernels
    let features = round.basis.features
    workspace.first.addOuterProducts(count, d, .init(features, from: start), kernels: kernels)
    for (table, rows) in [(workspace.source, round.source), (workspace.target, round.target)] {
      RowCombination(d).apply(
        count, columns: table.columns, .add(.init(table, rows, from: start)), kernels: kernels)
    }
    if let derivative = round.basis.derivative {
      round.layers.firstReversed.apply(
        count, to: d, .add(.init(derivative, from: start)), kernels: kernels)
    }
  }

  private func addOwnGradient(
    _ d: FloatMatrix, _ round: Round, _ sums: MessageWorkspace, _ context: GradientContext
  ) {
    let (atoms, width) = (d.rows, d.columns)
    let list = AlignedBuffer<Int32>(count: atoms)
    switch block.own {
    case .none: break
    case .constant(let center): context.add(context.sum(d), to: center)
    case .scaled(let center):
      let ofCenter = FloatMatrix(rows: 1, columns: width)
      RowCombination(.init(d), times: .init(value, round.rowOfAtom)).apply(
        atoms, columns: width, .add(.init(ofCenter, list)), kernels: context.kernels)
      context.add(ofCenter, to: center)
      RowCombination(.init(d), times: .init(context.row(center), list)).apply(
        atoms, columns: width, .add(.init(sums.value, round.rowOfAtom)), kernels: context.kernels)
    }
  }

  /// Derivatives by the weights of edges' layers.
  private func addLayerGradients(
    _ round: Round, _ sums: MessageWorkspace, _ context: GradientContext
  ) {
    let width = block.first.outputs
    if let last = block.last {
      sums.last.add(
        to: &context.gradient, at: context.place(last.weight), step: last.inputs,
        columns: last.inputs)
      sums.last.add(
        column: last.inputs, to: &context.gradient, at: context.place(last.bias))
    }
    switch block.filter {
    case .normalizedEdges: break
    case .normalizedRows(let affine):
      context.add(sums.gain, to: affine.gain)
      context.add(sums.shift, to: affine.shift)
    case .activated(let layers, _):
      for (layer, found) in zip(layers, sums.hidden) {
        context.add(found.weights, to: layer.weight)
        context.add(found.bias, to: layer.bias)
      }
    }
    // Every edge has one target, so these sums are those over edges.
    let ofBias = context.sum(sums.target)
    // A batch normalisation takes this bias away again.
    if case .normalizedEdges = block.filter { ofBias.clear() }
    context.add(ofBias, to: block.first.bias)
    let place = context.place(block.first.weight) + block.inputs.edge.lowerBound
    guard let linear = block.projection, let (ofEdge, projection) = round.layers.projection else {
      sums.first.add(to: &context.gradient, at: place, step: block.first.inputs)
      return
    }
    // [F | b] = W_e [W_b | b_b].
    let features = sums.first.columns
    let ofProduct = FloatMatrix(rows: width, columns: features + 1)
    for row in 0..<width {
      for column in 0..<features { ofProduct[row, column] = sums.first[row, column] }
      ofProduct[row, features] = ofBias[0, row]
    }
    context.apply(DenseLayer(projection), to: ofProduct).add(
      to: &context.gradient, at: place, step: block.first.inputs)
    let ofProjection = context.outerProducts(ofEdge, ofProduct)
    if linear.inputs > 0 {
      ofProjection.add(
        to: &context.gradient, at: context.place(linear.weight), step: linear.inputs,
        columns: features)
    }
    ofProjection.add(
      column: features, to: &context.gradient, at: context.place(linear.bias))
  }

  /// Derivatives by the weights that make P, Q and v, and by embeddings.
  private func nodeGradient(
    _ round: Round, _ sums: MessageWorkspace, _ context: GradientContext
  ) -> FloatMatrix {
    let embeddings = round.embeddings
    let result = FloatMatrix(rows: embeddings.rows, columns: embeddings.columns)
    if let atoms = block.inputs.atoms {
      for (columns, d) in [(atoms.source, sums.source), (atoms.target, sums.target)] {
        result.add(context.reverse(block.first, columns: columns, d, at: embeddings))
      }
    }
    if let linear = block.value {
      context.addBias(linear, sums.value)
      result.add(
        context.reverse(linear, columns: 0..<linear.inputs, sums.value, at: embeddings))
    }
    return result
  }
}
