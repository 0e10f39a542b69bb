// SPDX-License-Identifier: MIT

import RelaxNumerics
import Scoring
import Structures

/// Structures with a reference: how far each frame is from it, and what the reference method says.
extension StructureGallery {
  /// An empty gallery of structures scored under `settings`.
  public init(judging settings: ScoringSettings) {
    switch settings.forces {
    case .none: self.init()
    case .labels: self.init(judge: "the reference method")
    case .provider(let specification): self.init(judge: specification)
    }
  }

  /// The order in which structures are to be shown: those with a prediction as they come, then the others,
  /// of which there is only the reference to be seen.
  public static func order(_ entries: [RelaxationScore.Entry]) -> [RelaxationScore.Entry] {
    entries.filter { $0.displacements != nil } + entries.filter { $0.displacements == nil }
  }

  /// Adds a structure with what is known of it: the initial one, its path, the predicted and the reference one.
  ///
  /// - Parameters:
  ///   - number: its place in the order of the references, from 0.
  ///   - settings: how distances from the reference are measured.
  public mutating func add(
    _ entry: RelaxationScore.Entry, number: Int, geometries: RelaxationScorer.Geometries,
    path: PathRecords.Path?, settings: ScoringSettings
  ) {
    let reference = geometries.reference
    var way = path?.galleryFrames ?? []
    if let initial = geometries.initial, way.first?.stage != .initial {
      way.insert(GalleryFrame(.initial, step: 0, positions: initial), at: 0)
    }
    var frames = GalleryFrame.joined(
      path: way,
      end: geometries.predicted.map {
        GalleryFrame(
          .predicted, step: entry.steps, positions: $0, energy: entry.energy,
          fmax: geometries.predictedForce, judgedForce: entry.fmax)
      })
    for index in frames.indices where frames[index].positions.count == reference.count {
      let distance = try? Displacements(
        of: frames[index].positions, to: reference, judged: settings.judged(reference),
        convention: settings.convention
      ).mean
      frames[index].distance = distance.flatMap { $0.isFinite ? $0 : nil }
    }
    frames.append(
      GalleryFrame(
        .reference, positions: reference.positions, energy: reference.energy,
        fmax: geometries.referenceForce, distance: 0))
    add(
      number: number, id: entry.id, structure: reference,
      status: StructureGallery.words(for: entry),
      frames: frames)
  }

  /// How the relaxation of `entry` ended.
  private static func words(for entry: RelaxationScore.Entry) -> String? {
    switch entry.verdict {
    case .missing: "missing: only the reference is there"
    case .failed(let reason): "\(entry.status?.rawValue ?? "failed"): \(reason)"
    case .scored: entry.status?.rawValue
    }
  }
}
