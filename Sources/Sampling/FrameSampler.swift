// SPDX-License-Identifier: MIT

import Forces
import RelaxNumerics
import Relaxation
import Structures

/// Makes the labelled frames of one structure.
///
/// What is drawn depends on the plan's seed and the structure's place alone. Positions are rounded to
/// 10⁻⁵ Å before they are evaluated, so that labels belong to what is written.
public struct FrameSampler: Sendable {
  /// Which frames are made.
  public let plan: SamplingPlan
  /// Where labels come from.
  public let provider: any ForceProvider

  /// A sampler of frames labelled by `provider`.
  public init(_ plan: SamplingPlan, provider: any ForceProvider) {
    precondition(plan.pathFrames >= 2 && plan.rattledFrames >= 0 && plan.dynamicsFrameInterval > 0)
    (self.plan, self.provider) = (plan, provider)
  }

  /// A frame and its number: its place on the path, or a count.
  public struct Sample: Sendable {
    /// With energy and raw forces.
    public var structure: Structure
    /// Step of the relaxation or of the dynamics, or the count of rattled frames; from 0.
    public var number: Int
  }

  /// All frames of a structure.
  public struct Samples: Sendable {
    /// How the relaxation ended.
    public var result: RelaxationResult
    /// Initial and relaxed structure, as they are.
    public var ends: (initial: Structure, relaxed: Structure)
    /// Some frames of the relaxation.
    public var path: [Sample] = []
    /// Frames of the path whose free atoms were displaced at random.
    public var rattled: [Sample] = []
    /// Those of molecular dynamics.
    public var dynamics: [Sample] = []
  }

  /// What random numbers are drawn for; each has a stream of its own.
  private enum Purpose: UInt64 {
    case path, rattling, velocities
  }

  /// The frames of structure number `place`.
  ///
  /// - Throws: also `ForceError.cancelled`, if that was asked for.
  /// - Returns: only the result, if the structure cannot be evaluated or its relaxation breaks down.
  public func samples(
    of structure: Structure, place: Int, cancellation: Cancellation = .never
  ) throws -> Samples {
    var path: [[Vector3]] = []
    var initial = structure.withoutStaleResults()
    let bare = initial
    var result = try Relaxation(plan.relaxation).run(
      structure, provider: provider, cancellation: cancellation
    ) { step in
      path.append(step.positions)
      guard path.count == 1 else { return }
      (initial.energy, initial.forces) = (step.energy, step.forces)
    }
    // Frames to train on have energies and forces only.
    result.stress = nil
    var samples = Samples(
      result: result, ends: (initial, result.frame(of: bare)))
    guard [.converged, .stepLimit, .stalled].contains(result.status) else { return samples }
    var evaluator = try provider.makeEvaluator(for: bare)
    func labelled(_ positions: [Vector3]) throws -> Structure {
      try label(positions, of: bare, &evaluator, cancellation)
    }

    var generator = generator(.path, place)
    for number in choose(plan.pathFrames, of: path.count, &generator) {
      samples.path.append(Sample(structure: try labelled(path[number]), number: number))
    }
    generator = self.generator(.rattling, place)
    for _ in 0..<plan.rattledFrames {
      let positions = rattled(path[generator.below(path.count)], of: bare, &generator)
      append(try labelled(positions), to: &samples.rattled)
    }
    if plan.dynamicsInterval > 0 && place % plan.dynamicsInterval == 0 {
      generator = self.generator(.velocities, place)
      var relaxed = bare
      relaxed.positions = result.positions
      var dynamics = try MolecularDynamics(
        relaxed,
        velocities: MolecularDynamics.velocities(
          of: relaxed, temperature: plan.temperature, &generator), provider: provider)
      for step in 1...max(1, plan.dynamicsSteps) where plan.dynamicsSteps > 0 {
        try dynamics.step(plan.timestep, cancellation: cancellation)
        guard step.isMultiple(of: plan.dynamicsFrameInterval) else { continue }
        append(try labelled(dynamics.positions), to: &samples.dynamics)
      }
    }
    return samples
  }

  private func generator(_ purpose: Purpose, _ place: Int) -> SeededGenerator {
    var own = SeededGenerator(seed: plan.seed, stream: purpose.rawValue)
    return SeededGenerator(seed: own.next(), stream: UInt64(place))
  }

  /// At most `wanted` numbers below `count`, ascending: the first, the last, and between them one by lot
  /// around each of the places that would divide the path evenly, up to half a division away.
  func choose(_ wanted: Int, of count: Int, _ generator: inout SeededGenerator) -> [Int] {
    guard count > wanted else { return Array(0..<count) }
    let division = Double(count - 1) / Double(wanted - 1)
    func start(_ place: Int) -> Int { Int(((Double(place) - 0.5) * division).rounded(.up)) }
    let chosen = (1..<wanted - 1).map { place in
      start(place) + generator.below(start(place + 1) - start(place))
    }
    return [0] + chosen + [count - 1]
  }

  private func rattled(
    _ positions: [Vector3], of structure: Structure, _ generator: inout SeededGenerator
  ) -> [Vector3] {
    let (low, high) = (plan.deviations.lowerBound, plan.deviations.upperBound)
    let deviation = generator.uniform(low, high)
    return zip(positions, structure.freedoms).map { position, freedom in
      position + freedom.masking(deviation * generator.normalVector())
    }
  }

  private func label(
    _ positions: [Vector3], of structure: Structure, _ evaluator: inout any Evaluator,
    _ cancellation: Cancellation
  ) throws -> Structure {
    try cancellation.check()
    var labelled = structure
    labelled.positions = positions.map(rounded)
    let evaluation = try evaluator.evaluate(
      Geometry(labelled), wanting: [.energy, .forces], cancellation: cancellation)
    labelled.energy = evaluation.energy
    labelled.forces = evaluation.forces.map(rounded)
    return labelled
  }

  /// To five decimals, as OC20 gives positions and forces.
  private func rounded(_ vector: Vector3) -> Vector3 {
    Vector3(
      (vector.x * 1e5).rounded() / 1e5, (vector.y * 1e5).rounded() / 1e5,
      (vector.z * 1e5).rounded() / 1e5)
  }

  /// Keeps a frame whose forces are not absurd.
  private func append(_ structure: Structure, to samples: inout [Sample]) {
    let forces = structure.forces ?? []
    let isSound = zip(structure.freedoms, forces).allSatisfy { freedom, force in
      let free = freedom.masking(force)
      return (force.x + force.y + force.z).isFinite
        && max(abs(free.x), abs(free.y), abs(free.z)) <= plan.largestForce
    }
    guard isSound else { return }
    samples.append(Sample(structure: structure, number: samples.count))
  }
}
