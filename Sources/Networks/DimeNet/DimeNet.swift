// SPDX-License-Identifier: MIT

import Forces
import RelaxNumerics
import Structures

/// DimeNet++ prepared for evaluation: what a ``DimeNetPlan`` says, in its symbols.
///
/// Radial functions are tabulated, and bases folded into what they are projected by. Pairs of edges are
/// never listed: sums over them are made by the addition theorem (``AngularSums``).
struct DimeNet: PreparedNetwork {
  let plan: DimeNetPlan
  let angles: DimeNetConfiguration.Angles
  /// e times d/c, and b without angles likewise: see ``RadialFunctions``.
  let sines: FunctionTable
  let bessels: FunctionTable
  let embedding: Embedding
  let outputs: [Output]
  let blocks: [Block]
  let targets: EnergyTargets
  let kernels: KernelSet
  /// Memory of evaluators that are gone, for those that come.
  let pool = Guarded<[DimeNetMemory]>([])

  /// x before the first block.
  struct Embedding: Sendable {
    /// What `mixing` makes of each element as target, its bias included, and as source.
    let target: ElementRows
    let source: ElementRows
    let radial: DenseLayer
    let radialWithoutBias: DenseLayer
    /// The rest of `mixing`.
    let mixing: DenseLayer
    let mixingBack: DenseLayer
  }

  /// An atom's energy.
  struct Output: Sendable {
    let radial: DenseLayer
    let up: DenseLayer
    let upBack: DenseLayer
    let hidden: [DenseLayer]
    let hiddenBack: [DenseLayer]
    let energy: EnergyLayer
  }

  /// One round of messages: layers, and what takes derivatives back through them.
  struct Block: Sendable {
    let radial: DenseLayer
    let angular: AngularSums
    let sender: DenseLayer
    let senderBack: DenseLayer
    let own: DenseLayer
    let ownBack: DenseLayer
    let down: DenseLayer
    let downBack: DenseLayer
    let up: DenseLayer
    let upBack: DenseLayer
    let before: [Residual]
    let skip: DenseLayer
    let skipBack: DenseLayer
    let after: [Residual]
  }

  /// h + f(second f(first h)).
  struct Residual: Sendable {
    let first: DenseLayer
    let firstBack: DenseLayer
    let second: DenseLayer
    let secondBack: DenseLayer

    init(
      _ residual: DimeNetPlan.Residual, _ activation: DenseActivation, of model: NetworkModel
    ) {
      let first = AffineMap(model, residual.first)
      let second = AffineMap(model, residual.second)
      (self.first, firstBack) = (first.layer(activation), first.transposed.layer())
      (self.second, secondBack) = (second.layer(activation), second.transposed.layer())
    }
  }

  /// Prepares a complete model of this plan.
  init(
    _ plan: DimeNetPlan, of model: NetworkModel, angles: DimeNetConfiguration.Angles,
    kernels: KernelSet
  ) {
    (self.plan, self.angles, self.kernels) = (plan, angles, kernels)
    let functions = RadialFunctions(plan, of: model)
    let knots = min(
      functions.spacing(plan.radials, functions.sines),
      functions.spacing(plan.degrees * plan.radials, functions.bessels))
    sines = FunctionTable(
      count: plan.radials, upTo: plan.cutoff, spacing: knots, jets: functions.sines)
    bessels = functions.besselTable(spacing: knots)
    let activation = plan.activation.kernel
    embedding = Embedding(
      plan.embedding, width: plan.width, activation, of: model, kernels: kernels)
    outputs = plan.outputs.map { Output($0, activation, of: model) }
    blocks = plan.blocks.map { Block($0, plan, activation, of: model) }
    targets = EnergyTargets(model)
  }

  var quantities: Quantities { targets.quantities }

  var isConservative: Bool { angles == .full && targets.isConservative }

  var reach: Double { plan.cutoff }

  var mostNeighbors: Int { plan.maximumNeighbors }

  func memory(for structure: Structure, neighbors: Double) -> Double {
    func columns(_ count: Int) -> Double { Double(KernelTile.wholeColumns(count)) }
    let (d, i) = (columns(plan.width), columns(plan.tripletWidth))
    let harmonics = Double(plan.degrees * plan.degrees)
    let rounds = Double(blocks.count)
    let functions =
      2 * (columns(plan.radials) + columns(plan.radials * plan.degrees))
      + (angles == .full ? 3 : 1) * columns(plan.degrees * plan.degrees)
    let received = blocks.dropLast().reduce(0) { $0 + 2 + 2 * ($1.before.count + $1.after.count) }
    let edge =
      4 * (d * (3 + 3 * rounds + Double(received)) + i * (3 + 2 * rounds) + functions)
    let atom = 4 * (rounds * i * harmonics + 10 * d)
    // Buffers have room for a quarter more; places, vectors and lists of edges beside them.
    return Double(structure.count) * 1.25 * (atom + neighbors * (edge + 400))
  }

  func makeEvaluator(
    for structure: Structure, _ options: NetworkProvider.Options
  ) -> any Evaluator {
    DimeNetEvaluator(self, structure, options)
  }
}

extension DimeNet.Embedding {
  fileprivate init(
    _ embedding: DimeNetPlan.Embedding, width: Int, _ activation: DenseActivation,
    of model: NetworkModel, kernels: KernelSet
  ) {
    let elements = model.values(embedding.elements)
    let mixing = AffineMap(model, embedding.mixing)
    target = ElementRows(
      mixing.columns(0..<width).with(bias: mixing.bias), of: elements, kernels: kernels)
    source = ElementRows(
      mixing.columns(width..<2 * width), of: elements, kernels: kernels)
    let ofRadial = mixing.columns(2 * width..<3 * width)
    (self.mixing, mixingBack) = (ofRadial.layer(activation), ofRadial.transposed.layer())
    let radial = AffineMap(model, embedding.radial)
    self.radial = radial.layer(activation)
    radialWithoutBias = radial.with(bias: radial.bias.map { _ in 0 }).layer()
  }
}

extension DimeNet.Output {
  fileprivate init(
    _ output: DimeNetPlan.Output, _ activation: DenseActivation, of model: NetworkModel
  ) {
    radial = AffineMap(model, output.radial).layer()
    let up = AffineMap(model, output.up)
    (self.up, upBack) = (up.layer(), up.transposed.layer())
    let hidden = output.hidden.map { AffineMap(model, $0) }
    self.hidden = hidden.map { $0.layer(activation) }
    hiddenBack = hidden.map { $0.transposed.layer() }
    energy = EnergyLayer(model.values(output.energy.weight))
  }
}

extension DimeNet.Block {
  fileprivate init(
    _ block: DimeNetPlan.Block, _ plan: DimeNetPlan, _ activation: DenseActivation,
    of model: NetworkModel
  ) {
    func folded(_ factors: DimeNetPlan.Factors) -> AffineMap {
      AffineMap(model, factors.second).after(AffineMap(model, factors.first))
    }
    func both(_ map: AffineMap) -> (DenseLayer, DenseLayer) {
      (map.layer(activation), map.transposed.layer())
    }
    radial = folded(block.radial).layer()
    angular = AngularSums(
      degrees: plan.degrees, radials: plan.radials, columns: plan.tripletWidth,
      factors: folded(block.angular).weights)
    (sender, senderBack) = both(AffineMap(model, block.sender))
    (own, ownBack) = both(AffineMap(model, block.own))
    (down, downBack) = both(AffineMap(model, block.down))
    (up, upBack) = both(AffineMap(model, block.up))
    before = block.before.map { DimeNet.Residual($0, activation, of: model) }
    (skip, skipBack) = both(AffineMap(model, block.skip))
    after = block.after.map { DimeNet.Residual($0, activation, of: model) }
  }
}
