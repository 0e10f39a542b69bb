// SPDX-License-Identifier: MIT

import Files
import Forces
import RelaxNumerics

/// How well a provider reproduces the forces and energies of one set of labelled frames.
public struct SplitScore: Sendable {
  /// A frame that counts in no mean, with the reason.
  public struct Failure: Hashable, Sendable {
    /// Name of the frame.
    public var id: String
    /// Which frame of the set, from 0.
    public var frame: Int
    /// Why there is nothing to compare.
    public var reason: String

    /// Frame number `frame`, called `id`, left out for `reason`.
    public init(id: String, frame: Int, reason: String) {
      (self.id, self.frame, self.reason) = (id, frame, reason)
    }
  }

  /// What the set is called.
  public let name: String
  /// The file or folder that it was read from.
  public let path: String
  /// How many files of frames that were.
  public let files: Int
  /// What is to be known of its files, for example that labels were left out.
  public internal(set) var warnings: [FileError] = []
  /// What the energies of its files are, where their formats say so.
  public internal(set) var energyMeanings: [String] = []
  /// Frames taken of the set, those of other shards included.
  public internal(set) var framesOfAll = 0
  /// Frames that the means are over.
  public private(set) var frames = 0
  /// Frames in which no atom may move; they are in no mean.
  public private(set) var framesWithoutFreeAtoms = 0
  /// Frames for which the provider has no usable answer; they are in no mean.
  public private(set) var failures: [Failure] = []
  /// Errors of forces on free atoms.
  public private(set) var forces = ForceErrors()
  /// Errors of energies, of the frames that have one.
  public private(set) var energies = EnergyErrors()
  /// Dependence on rotations, if it was asked for.
  public private(set) var rotations: RotationInstability?
  /// What two constants would come to on the same free atoms.
  public private(set) var baselines = ConstantForceBaselines()
  private var within = 0

  /// Nothing seen yet of the set `name` in `path`, which consists of `files` files of frames.
  public init(name: String, path: String, files: Int = 1) {
    (self.name, self.path, self.files) = (name, path, files)
  }

  /// Adds what came of the next frame, which is called `id` and has this number in the set, from 0.
  ///
  /// Sums depend on the order to the last bit, so frames come in that of the files.
  public mutating func add(_ outcome: FrameOutcome, id: String, frame: Int) {
    switch outcome {
    case .withoutFreeAtoms: framesWithoutFreeAtoms += 1
    case .failed(let reason):
      failures.append(Failure(id: id, frame: frame, reason: reason))
    case .scored(let errors):
      frames += 1
      forces.add(errors.forces)
      energies.add(errors.energies)
      baselines.add(errors.targets)
      if errors.largestForceError < EnergyErrors.forceThreshold { within += 1 }
      if let seen = errors.rotations {
        var sum = rotations ?? RotationInstability()
        sum.add(seen)
        rotations = sum
      }
    }
  }

  /// Ends the set: what needs all of it is computed.
  mutating func finish() { baselines.finish() }

  /// Frames met, in whatever way they ended.
  public var framesMet: Int { frames + framesWithoutFreeAtoms + failures.count }

  /// What the frames so far come to: means over atoms, components and frames.
  public var metrics: SplitMetrics {
    SplitMetrics(
      forceError: forces.meanAbsoluteError, forceErrorByAxis: forces.meanAbsoluteErrorByAxis,
      forceCosine: forces.meanCosine, forceMagnitudeError: forces.meanMagnitudeError,
      forceShareWithinThreshold: Double(within) / Double(frames),
      energyError: energies.meanAbsoluteError, energySquaredError: energies.meanSquaredError,
      energyShareWithinThreshold: energies.shareWithinThreshold,
      shareWithinBothThresholds: energies.shareWithinBothThresholds,
      zeroBaseline: baselines.zeroError, medianBaseline: baselines.medianError,
      rotationInstability: rotations?.mean ?? .nan)
  }
}

/// The means of one set, or their averages over several; NaN where there is nothing to average.
public struct SplitMetrics: Hashable, Sendable {
  /// Mean absolute error of forces over free atoms and components, in eV/Å.
  public var forceError: Double
  /// The same along x, y and z.
  public var forceErrorByAxis: Vector3
  /// Mean cosine between predicted and true forces.
  public var forceCosine: Double
  /// Mean absolute difference of force norms, in eV/Å.
  public var forceMagnitudeError: Double
  /// Share of frames whose every force component is within its threshold, 0–1.
  public var forceShareWithinThreshold: Double
  /// Mean absolute error of energies in eV.
  public var energyError: Double
  /// Mean squared error of energies in eV².
  public var energySquaredError: Double
  /// Share of frames whose energy is within its threshold (EwT), 0–1.
  public var energyShareWithinThreshold: Double
  /// Share whose energy and forces are within theirs (EFwT), 0–1.
  public var shareWithinBothThresholds: Double
  /// Error of always predicting no force, in eV/Å.
  public var zeroBaseline: Double
  /// Error of always predicting the median along each axis, in eV/Å.
  public var medianBaseline: Double
  /// Mean standard deviation of forces over rotations, in eV/Å.
  public var rotationInstability: Double

  /// Plain means over sets, each of equal weight as in the paper's tables.
  ///
  /// What one set lacks has no average: means over different sets could not be compared.
  public static func average(of sets: [SplitMetrics]) -> SplitMetrics {
    func mean(_ value: (SplitMetrics) -> Double) -> Double {
      sets.reduce(0) { $0 + value($1) } / Double(sets.count)
    }
    return SplitMetrics(
      forceError: mean(\.forceError),
      forceErrorByAxis: Vector3(
        mean(\.forceErrorByAxis.x), mean(\.forceErrorByAxis.y), mean(\.forceErrorByAxis.z)),
      forceCosine: mean(\.forceCosine), forceMagnitudeError: mean(\.forceMagnitudeError),
      forceShareWithinThreshold: mean(\.forceShareWithinThreshold),
      energyError: mean(\.energyError), energySquaredError: mean(\.energySquaredError),
      energyShareWithinThreshold: mean(\.energyShareWithinThreshold),
      shareWithinBothThresholds: mean(\.shareWithinBothThresholds),
      zeroBaseline: mean(\.zeroBaseline), medianBaseline: mean(\.medianBaseline),
      rotationInstability: mean(\.rotationInstability))
  }
}
