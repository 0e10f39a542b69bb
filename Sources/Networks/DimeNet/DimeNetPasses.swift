// SPDX-License-Identifier: MIT

import Forces
import RelaxNumerics
import Structures

/// The passes of DimeNet++ over the edges of one geometry.
struct DimeNetPasses: Sendable {
  let network: DimeNet
  let memory: DimeNetMemory
  let edges: AngularSums.Edges
  let kindTargets: FloatMatrix
  let kindSources: FloatMatrix
  let workspaces: [DimeNetWorkspace]
  /// The derivative of the energy by each edge's length.
  let distanceSlopes: AlignedBuffer<Float>
  /// The atom that each edge goes to, and the kinds of both its atoms.
  private let targets: AlignedBuffer<Int32>
  private let targetKinds: AlignedBuffer<Int32>
  private let sourceKinds: AlignedBuffer<Int32>
  /// Atoms of each thread, with about as many edges to them.
  private let parts: [Range<Int>]
  private let energies: AlignedBuffer<Double>
  private let zeros: AlignedBuffer<Int32>
  private var kernels: KernelSet { network.kernels }

  init(
    network: DimeNet, memory: DimeNetMemory, edges: AngularSums.Edges, kindTargets: FloatMatrix,
    kindSources: FloatMatrix, kindOfAtom: [Int32], graph: EnergyGraph,
    workspaces: [DimeNetWorkspace]
  ) {
    (self.network, self.memory, self.edges) = (network, memory, edges)
    (self.kindTargets, self.kindSources, self.workspaces) = (kindTargets, kindSources, workspaces)
    distanceSlopes = AlignedBuffer(count: graph.count)
    targets = AlignedBuffer(graph.target)
    targetKinds = AlignedBuffer(graph.target.map { kindOfAtom[Int($0)] })
    sourceKinds = AlignedBuffer(graph.source.map { kindOfAtom[Int($0)] })
    energies = AlignedBuffer(count: kindOfAtom.count)
    zeros = AlignedBuffer(count: kindOfAtom.count)
    let atoms = kindOfAtom.count
    let starts = edges.byTarget.starts
    var bounds = [0]
    for worker in 1..<workspaces.count + 1 {
      let share = graph.count * worker / workspaces.count
      var atom = bounds[worker - 1]
      while atom < atoms && (worker == workspaces.count || Int(starts[atom + 1]) <= share) {
        atom += 1
      }
      bounds.append(atom)
    }
    parts = zip(bounds, bounds.dropFirst()).map { $0..<$1 }
  }

  /// Both passes.
  ///
  /// - Returns: the sum of the energies of atoms.
  func run(_ cancellation: Cancellation) throws(ForceError) -> Double {
    let last = network.blocks.count - 1
    each { atoms, workspace in
      memory.clearSums(atoms)
      tiles(atoms, workspace) { embed($0, workspace) }
      finish(atoms, workspace, output: 0)
    }
    try cancellation.check()
    for number in 0..<last {
      each { atoms, workspace in
        memory.clearSums(atoms)
        let kept = Kept(received: memory.received[number], first: 0)
        tiles(atoms, workspace) { receive($0, workspace, number, kept) }
        finish(atoms, workspace, output: number + 1)
      }
      try cancellation.check()
    }
    each { applyLastBlock($0, $1) }
    try cancellation.check()
    for number in network.blocks.indices.reversed() {
      each { atoms, workspace in
        for atom in atoms { returnSums(atom, workspace, number) }
        tiles(atoms, workspace) { rows in
          returnSent(rows, workspace, number)
          if number > 0 {
            let kept = Kept(received: memory.received[number - 1], first: 0)
            returnReceived(rows, workspace, number - 1, kept)
          } else {
            returnEmbedding(rows, workspace)
          }
        }
      }
      try cancellation.check()
    }
    return (0..<energies.count).reduce(0) { $0 + energies[$1] }
  }

  /// Goes through the last block and back through what receives in it, a few atoms at a time, so that little of
  /// it is kept.
  private func applyLastBlock(_ atoms: Range<Int>, _ workspace: DimeNetWorkspace) {
    let (last, starts) = (network.blocks.count - 1, edges.byTarget.starts)
    memory.clearSums(atoms)
    var atom = atoms.lowerBound
    while atom < atoms.upperBound {
      let (begin, first) = (atom, Int(starts[atom]))
      repeat {
        atom += 1
      } while atom < atoms.upperBound
        && Int(starts[atom + 1]) - first <= workspace.edgesReturned
      workspace.received.resize(edges: Int(starts[atom]) - first)
      let kept = Kept(received: workspace.received, first: first)
      tiles(begin..<atom, workspace) { receive($0, workspace, last, kept) }
      finish(begin..<atom, workspace, output: last + 1)
      tiles(begin..<atom, workspace) { returnReceived($0, workspace, last, kept) }
    }
  }

  /// What a block keeps where edges receive, of the edges from `first` on.
  private struct Kept {
    let received: DimeNetMemory.Received
    let first: Int
  }

  private func each(_ body: @escaping @Sendable (Range<Int>, DimeNetWorkspace) -> Void) {
    let (parts, workspaces) = (parts, workspaces)
    inParallel(workspaces.count) { body(parts[$0], workspaces[$0]) }
  }

  /// The edges to `atoms`, some at a time.
  private func tiles(
    _ atoms: Range<Int>, _ workspace: DimeNetWorkspace, _ body: (Range<Int>) -> Void
  ) {
    let end = Int(edges.byTarget.starts[atoms.upperBound])
    for first in stride(
      from: Int(edges.byTarget.starts[atoms.lowerBound]), to: end, by: workspace.rows)
    {
      body(first..<min(end, first + workspace.rows))
    }
  }

  // MARK: - Forward

  /// x before the first block, and what is done with any x.
  private func embed(_ rows: Range<Int>, _ workspace: DimeNetWorkspace) {
    let (first, count, a) = (rows.lowerBound, rows.count, workspace.a)
    network.embedding.radial.apply(
      count, to: .init(memory.sines, from: first), .store(.init(a)), kernels: kernels)
    network.embedding.mixing.apply(
      count, to: .init(a),
      adding: .both(
        .init(kindTargets, targetKinds, from: first),
        .init(kindSources, sourceKinds, from: first)),
      slopes: .init(memory.embedding, from: first), .store(.init(memory.x, from: first)),
      kernels: kernels)
    use(rows, workspace, 0)
  }

  /// From what edges gather to the next x.
  private func receive(
    _ rows: Range<Int>, _ workspace: DimeNetWorkspace, _ number: Int, _ kept: Kept
  ) {
    let (first, count, place) = (rows.lowerBound, rows.count, rows.lowerBound - kept.first)
    let (block, sent, kept) = (network.blocks[number], memory.blocks[number], kept.received)
    let h = DenseLayer.Rows(memory.h, from: first)
    let x = DenseLayer.Rows(memory.x, from: first)
    block.angular.gather(
      rows, edges, sent.y, sums: sent.sums, into: workspace.gathered, kernels: kernels)
    block.up.apply(
      count, to: .init(workspace.gathered), slopes: .init(kept.up, from: place), .add(h),
      kernels: kernels)
    for (layer, kept) in zip(block.before, kept.before) {
      residual(layer, kept, place, count, h, workspace)
    }
    block.skip.apply(
      count, to: h, slopes: .init(kept.skip, from: place), .add(x), kernels: kernels)
    for (layer, kept) in zip(block.after, kept.after) {
      residual(layer, kept, place, count, x, workspace)
    }
    use(rows, workspace, number + 1)
  }

  /// Adds x to what an atom's energy is read from, and makes what the next block begins with: its h, and y.
  private func use(_ rows: Range<Int>, _ workspace: DimeNetWorkspace, _ number: Int) {
    let (first, count, a) = (rows.lowerBound, rows.count, workspace.a)
    let x = DenseLayer.Rows(memory.x, from: first)
    let sines = DenseLayer.Rows(memory.sines, from: first)
    network.outputs[number].radial.apply(
      count, to: sines, times: x, .add(.init(memory.outputSums, targets, from: first)),
      kernels: kernels)
    guard number < network.blocks.count else { return }
    let (block, kept) = (network.blocks[number], memory.blocks[number])
    block.own.apply(
      count, to: x, slopes: .init(kept.own, from: first), .store(.init(memory.h, from: first)),
      kernels: kernels)
    let sent = DenseLayer.Rows(kept.senderValues, from: first)
    block.sender.apply(
      count, to: x, slopes: .init(kept.sender, from: first), .store(sent), kernels: kernels)
    block.radial.apply(count, to: sines, times: sent, .store(.init(a)), kernels: kernels)
    block.down.apply(
      count, to: .init(a), slopes: .init(kept.down, from: first),
      .store(.init(kept.y, from: first)), kernels: kernels)
  }

  /// h + f(second f(first h)) in place.
  private func residual(
    _ layer: DimeNet.Residual, _ kept: DimeNetMemory.Residual, _ place: Int, _ count: Int,
    _ h: DenseLayer.Rows, _ workspace: DimeNetWorkspace
  ) {
    let a = DenseLayer.Rows(workspace.a)
    layer.first.apply(
      count, to: h, slopes: .init(kept.first, from: place), .store(a), kernels: kernels)
    layer.second.apply(
      count, to: a, slopes: .init(kept.second, from: place), .add(h), kernels: kernels)
  }

  /// What is left to do when a thread's edges have a new x: sums for the next block, and the energies of
  /// atoms with their derivatives by x and distances.
  private func finish(_ atoms: Range<Int>, _ workspace: DimeNetWorkspace, output number: Int) {
    if number < network.blocks.count {
      let (block, kept) = (network.blocks[number], memory.blocks[number])
      for atom in atoms {
        block.angular.sum(to: atom, edges, kept.y, into: kept.sums, kernels: kernels)
      }
    }
    readEnergies(atoms, number)
    let slopes = memory.outputSlopes[number]
    tiles(atoms, workspace) { rows in
      network.outputs[number].radial.apply(
        rows.count, to: .init(memory.sineSlopes, from: rows.lowerBound),
        times: .init(memory.x, from: rows.lowerBound), .store(.init(workspace.a)),
        kernels: kernels)
      DenseLayer.Rows(workspace.a).addProducts(
        with: .init(slopes, targets, from: rows.lowerBound), to: rows, of: distanceSlopes,
        kernels: kernels)
    }
  }

  private func readEnergies(_ atoms: Range<Int>, _ number: Int) {
    let (output, first, count) = (network.outputs[number], atoms.lowerBound, atoms.count)
    var (now, next) = memory.hiddenValues
    output.up.apply(
      count, to: .init(memory.outputSums, from: first), .store(.init(now, from: first)),
      kernels: kernels)
    for (layer, slopes) in zip(output.hidden, memory.hidden) {
      layer.apply(
        count, to: .init(now, from: first), slopes: .init(slopes, from: first),
        .store(.init(next, from: first)), kernels: kernels)
      swap(&now, &next)
    }
    output.energy.read(
      atoms, now, slopes: memory.hidden.last, zeros, to: energies, kernels: kernels)
    for number in output.hidden.indices.reversed() {
      output.hiddenBack[number].apply(
        count, to: .init(now, from: first),
        times: number > 0 ? .init(memory.hidden[number - 1], from: first) : nil,
        .store(.init(next, from: first)), kernels: kernels)
      swap(&now, &next)
    }
    output.upBack.apply(
      count, to: .init(now, from: first),
      .store(.init(memory.outputSlopes[number], from: first)), kernels: kernels)
  }

  // MARK: - In reverse

  /// From derivatives by x behind a block, but for what its own output adds, to those by what edges
  /// gathered, and on through the skip connection.
  private func returnReceived(
    _ rows: Range<Int>, _ workspace: DimeNetWorkspace, _ number: Int, _ kept: Kept
  ) {
    let (first, count, place) = (rows.lowerBound, rows.count, rows.lowerBound - kept.first)
    let (block, own, kept) = (network.blocks[number], memory.blocks[number].own, kept.received)
    let (a, b) = (workspace.a, workspace.b)
    let slopes = DenseLayer.Rows(memory.slopes, from: first)
    returnOutput(rows, number + 1)
    for (layer, kept) in zip(block.after, kept.after).reversed() {
      returnResidual(layer, kept, place, count, slopes, workspace)
    }
    multiply(slopes, kept.skip, place, count, into: a)
    block.skipBack.apply(count, to: .init(a), .store(.init(b)), kernels: kernels)
    for (layer, kept) in zip(block.before, kept.before).reversed() {
      returnResidual(layer, kept, place, count, .init(b), workspace)
    }
    multiply(.init(b), kept.up, place, count, into: a)
    block.upBack.apply(
      count, to: .init(a), .store(.init(memory.gathered(number), from: first)),
      kernels: kernels)
    multiply(.init(b), own, first, count, into: a)
    block.ownBack.apply(count, to: .init(a), .add(slopes), kernels: kernels)
  }

  /// Adds the derivatives of an output by x; those of the last one are the first.
  private func returnOutput(_ rows: Range<Int>, _ number: Int) {
    let slopes = DenseLayer.Rows(memory.slopes, from: rows.lowerBound)
    network.outputs[number].radial.apply(
      rows.count, to: .init(memory.sines, from: rows.lowerBound),
      times: .init(memory.outputSlopes[number], targets, from: rows.lowerBound),
      number == network.blocks.count ? .store(slopes) : .add(slopes), kernels: kernels)
  }

  private func returnResidual(
    _ layer: DimeNet.Residual, _ kept: DimeNetMemory.Residual, _ place: Int, _ count: Int,
    _ slopes: DenseLayer.Rows, _ workspace: DimeNetWorkspace
  ) {
    let (a, c) = (workspace.a, workspace.c)
    multiply(slopes, kept.second, place, count, into: a)
    layer.secondBack.apply(
      count, to: .init(a), times: .init(kept.first, from: place), .store(.init(c)),
      kernels: kernels)
    layer.firstBack.apply(count, to: .init(c), .add(slopes), kernels: kernels)
  }

  private func returnSums(_ atom: Int, _ workspace: DimeNetWorkspace, _ number: Int) {
    let kept = memory.blocks[number]
    network.blocks[number].angular.reverse(
      around: atom, edges, kept.y, sums: kept.sums, from: memory.gathered(number),
      into: memory.sent, scratch: workspace.sums, distanceSlopes: distanceSlopes,
      harmonicSlopes: memory.harmonicSlopes, kernels: kernels)
  }

  /// From derivatives by y to those by x before a block, and by distances.
  private func returnSent(_ rows: Range<Int>, _ workspace: DimeNetWorkspace, _ number: Int) {
    let (first, count) = (rows.lowerBound, rows.count)
    let (block, kept) = (network.blocks[number], memory.blocks[number])
    let (a, b, c) = (workspace.a, workspace.b, workspace.c)
    multiply(.init(memory.sent, from: first), kept.down, first, count, into: workspace.gathered)
    block.downBack.apply(
      count, to: .init(workspace.gathered), .store(.init(b)), kernels: kernels)
    block.radial.apply(
      count, to: .init(memory.sineSlopes, from: first),
      times: .init(kept.senderValues, from: first), .store(.init(c)), kernels: kernels)
    DenseLayer.Rows(b).addProducts(with: .init(c), to: rows, of: distanceSlopes, kernels: kernels)
    block.radial.apply(
      count, to: .init(memory.sines, from: first), times: .init(b), .store(.init(c)),
      kernels: kernels)
    multiply(.init(c), kept.sender, first, count, into: a)
    block.senderBack.apply(
      count, to: .init(a), .add(.init(memory.slopes, from: first)), kernels: kernels)
  }

  private func returnEmbedding(_ rows: Range<Int>, _ workspace: DimeNetWorkspace) {
    let (first, count) = (rows.lowerBound, rows.count)
    let (a, b, c) = (workspace.a, workspace.b, workspace.c)
    returnOutput(rows, 0)
    network.embedding.radial.apply(
      count, to: .init(memory.sines, from: first), slopes: .init(c), .store(.init(a)),
      kernels: kernels)
    multiply(.init(memory.slopes, from: first), memory.embedding, first, count, into: a)
    network.embedding.mixingBack.apply(
      count, to: .init(a), times: .init(c), .store(.init(b)), kernels: kernels)
    network.embedding.radialWithoutBias.apply(
      count, to: .init(memory.sineSlopes, from: first), .store(.init(c)), kernels: kernels)
    DenseLayer.Rows(b).addProducts(with: .init(c), to: rows, of: distanceSlopes, kernels: kernels)
  }

  /// out = d ⊙ the rows of f′ from `first` on.
  private func multiply(
    _ d: DenseLayer.Rows, _ slopes: FloatMatrix, _ first: Int, _ count: Int,
    into out: FloatMatrix
  ) {
    RowCombination(d, times: .init(slopes, from: first)).apply(
      count, columns: out.columns, .store(.init(out)), kernels: kernels)
  }
}
