// SPDX-License-Identifier: MIT

import Files
import Networks
import RelaxNumerics
import StructureFiles
import Structures

/// All frames of a training, in memory: files are read and decompressed once.
public struct TrainingData: Sendable {
  /// Frames to learn from, one set after the other.
  public private(set) var frames = FrameStore()
  /// Number of frames and weight of each set.
  public private(set) var sets: [(count: Int, weight: Double)] = []
  /// What their energies are relative to; nil if none are learned.
  public private(set) var energyReference: EnergyReference?
  /// What is to be known of the files.
  public private(set) var cautions: [String] = []
  /// Frames to judge by.
  public private(set) var validation: [ValidationSet] = []

  /// Frames that are there already.
  init(frames: FrameStore, validation: [ValidationSet] = []) {
    (self.frames, self.validation) = (frames, validation)
    sets = [(frames.count, 1)]
  }

  /// Reads all sets of `configuration`, on as many threads as it trains on.
  ///
  /// - Parameters:
  ///   - knownElements: those that the network has features for.
  ///   - report: receives the number of frames read, from any of the threads.
  /// - Throws: `FileError` with file and line, for a frame without usable forces or of an
  ///   unknown element; `TrainingError.data`.
  public init(
    _ configuration: TrainingConfiguration, knownElements: Set<Element>,
    learnsEnergies: Bool = false, report: @escaping @Sendable (Int) -> Void = { _ in }
  ) throws {
    let settings = configuration.settings
    let reader = FrameReader(
      knownElements: knownElements, threads: settings.threads,
      energies: (learnsEnergies, configuration.energies), report: report)
    var held = FrameStore()
    for source in configuration.train {
      let frames = try reader.frames(of: source)
      if settings.atomWeights.fixed == 0 && frames.freeAtoms == 0 && !frames.hasEnergies {
        throw TrainingError.data(
          "no frame of \(source.path) has a free atom, and training.fixed_atom_weight is 0: there "
            + "is nothing to learn")
      }
      if settings.atomWeights.adsorbate != 1 && frames.adsorbateAtoms == 0 {
        throw TrainingError.data(
          "no atom of \(source.path) is tagged as adsorbate (2 in a column tags:I:1), as "
            + "training.adsorbate_weight needs")
      }
      guard let share = configuration.holdout else {
        sets.append((frames.count, source.weight))
        self.frames.append(frames)
        continue
      }
      let isHeld = TrainingData.holdout(frames, share: share, seed: settings.seed)
      let kept = frames.indices.filter { !isHeld[$0] }
      guard !kept.isEmpty else {
        throw TrainingError.data(
          "data.holdout \(share) leaves no frame of \(source.path) to learn from")
      }
      sets.append((kept.count, source.weight))
      self.frames.append(frames, frames: kept)
      held.append(frames, frames: frames.indices.filter { isHeld[$0] })
    }
    for source in configuration.validation {
      try add(ValidationSet(name: source.name, frames: try reader.frames(of: source)), source.path)
    }
    energyReference = try reader.reference()
    cautions = reader.cautions
    if held.count > 0 { try add(ValidationSet(name: "holdout", frames: held), "data.holdout") }
  }

  private mutating func add(_ set: ValidationSet, _ place: String) throws(TrainingError) {
    guard set.frames.freeAtoms > 0 else {
      throw .data("no frame of \(place) has a free atom: nothing to judge by")
    }
    guard !validation.contains(where: { $0.name == set.name }) else {
      throw .data("data.holdout makes a validation set `holdout`; give the other one another name")
    }
    validation.append(set)
  }

  /// Which frames to keep for judging: whole systems, since frames of one relaxation are alike.
  private static func holdout(_ frames: FrameStore, share: Double, seed: UInt64) -> [Bool] {
    var systems: [String] = []
    var seen: Set<String> = []
    for index in frames.indices where seen.insert(frames.system(index)).inserted {
      systems.append(frames.system(index))
    }
    var generator = RandomPurpose.holdout.generator(seed: seed, stream: 0)
    generator.shuffle(&systems)
    let count = max(1, Int((Double(systems.count) * share).rounded()))
    let held = Set(systems.prefix(count))
    return frames.indices.map { held.contains(frames.system($0)) }
  }
}
