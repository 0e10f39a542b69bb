// SPDX-License-Identifier: MIT

import Files
import RelaxNumerics
import Scoring
import StructureFiles
import Structures

/// Structures to look at in three dimensions: for each the initial one, some of its path, the predicted
/// and the reference one, as a data set of the viewer chemiscope.
///
/// In the list of frames the stages of a structure follow each other, so that playing it shows the path.
public struct StructureGallery: Sendable {
  /// What a frame shows.
  enum Stage: String {
    case initial, path, predicted, reference
  }

  private struct Frame {
    var id: String
    var stage: Stage
    var step: Int?
    var reference: Structure
    var positions: [Vector3]
    var entry: RelaxationScore.Entry
  }

  private var frames: [Frame] = []
  /// Frames that are left out because an atom is absurdly far away: all others would be specks.
  private(set) var absurd = 0
  private let settings: ScoringSettings

  /// An empty gallery of structures scored under `settings`.
  public init(_ settings: ScoringSettings) { self.settings = settings }

  /// Whether there is anything to see.
  public var isEmpty: Bool { frames.isEmpty }

  /// The order in which structures are to be shown: those with a prediction as they come, then the others,
  /// of which there is only the reference to be seen.
  ///
  /// The viewer gives symbols to stages in the order in which it meets them, so they mean the same on every
  /// page only if the first structure has all stages.
  public static func order(_ entries: [RelaxationScore.Entry]) -> [RelaxationScore.Entry] {
    entries.filter { $0.displacements != nil } + entries.filter { $0.displacements == nil }
  }

  /// Adds a structure with what is known of it.
  public mutating func add(
    _ entry: RelaxationScore.Entry, reference: Structure, initial: [Vector3]?,
    predicted: [Vector3]?, path: PathRecords.Path?
  ) {
    func append(_ stage: Stage, _ positions: [Vector3]?, step: Int? = nil) {
      guard let positions, positions.count == reference.count else { return }
      guard PositionBounds.contain(positions) else {
        absurd += 1
        return
      }
      frames.append(
        Frame(
          id: Excerpt.name(entry.id), stage: stage, step: step, reference: reference,
          positions: positions,
          entry: entry))
    }
    append(.initial, initial, step: 0)
    for frame in path?.frames ?? [] {
      let isInitial = initial == nil && frame.step == 0
      append(isInitial ? .initial : .path, frame.positions, step: frame.step)
    }
    append(.predicted, predicted, step: entry.steps)
    append(.reference, reference.positions)
  }

  /// The data set, as chemiscope reads it.
  func dataSet(name: String) -> JSONText {
    let distances = frames.map { frame -> Double? in
      let mean = try? Displacements(
        of: frame.positions, to: frame.reference, judged: frame.reference.freedoms,
        convention: settings.convention
      ).mean
      return mean.flatMap { $0.isFinite ? $0 : nil }
    }
    func property(_ values: [JSONText], _ description: String, units: String? = nil) -> JSONText {
      var members: [JSONText.Member] = [
        .init("target", "structure"), .init("values", .array(values)),
        .init("description", .string(description)),
      ]
      if let units { members.append(.init("units", .string(units))) }
      return .object(members)
    }
    var properties: [JSONText.Member] = [
      .init("id", property(frames.map { .string($0.id) }, "id of the structure")),
      .init("stage", property(frames.map { .string($0.stage.rawValue) }, "what is shown")),
      .init(
        "distance",
        property(
          distances.map { .number($0 ?? 0) }, "mean distance from the reference", units: "Å")),
      .init(
        "structure number",
        property(numbers.map { .integer($0) }, "in the order of the list, the farthest first")),
      .init(
        "step", property(frames.map { .integer($0.step ?? 0) }, "of the relaxation")),
    ]
    if settings.forces != .none {
      properties.append(
        .init(
          "largest force",
          property(
            frames.map { .number($0.entry.fmax ?? 0) },
            "by the reference method, of the predicted structure", units: "eV/Å")))
    }
    return [
      "meta": ["name": .string(name)],
      "structures": .array(frames.map(described)),
      "properties": .object(properties),
      "shapes": ["fixed atoms": fixedAtoms],
      "settings": settingsOfViewer,
    ]
  }

  /// Which structure each frame belongs to, from 1.
  private var numbers: [Int] {
    var (number, last) = (0, "")
    return frames.map { frame in
      if frame.id != last || number == 0 { (number, last) = (number + 1, frame.id) }
      return number
    }
  }

  private func described(_ frame: Frame) -> JSONText {
    func column(_ axis: Int) -> JSONText {
      .array(frame.positions.map { .number(rounded($0[axis])) })
    }
    let cell = frame.reference.cell
    var members: [JSONText.Member] = [
      .init("size", .integer(frame.positions.count)),
      .init("names", JSONText(frame.reference.elements.map(\.symbol))),
      .init("x", column(0)), .init("y", column(1)), .init("z", column(2)),
    ]
    if cell.a != .zero && cell.b != .zero && cell.c != .zero {
      let numbers = [cell.a, cell.b, cell.c].flatMap { [$0.x, $0.y, $0.z] }
      members.append(.init("cell", .array(numbers.map { .number(rounded($0)) })))
    }
    return .object(members)
  }

  /// Grey spheres around the atoms that may not move.
  private var fixedAtoms: JSONText {
    let shapes = frames.map { frame -> JSONText in
      let fixed = zip(frame.positions, frame.reference.freedoms).filter { $0.1 == .fixed }
      return [
        "centers": .array(
          fixed.map { position, _ in
            .array((0..<3).map { .number(rounded(position[$0])) })
          })
      ]
    }
    return [
      "kind": "spheres",
      "parameters": [
        "global": ["radii": 0.55, "colors": "#9aa3ad"], "structure": .array(shapes),
      ],
    ]
  }

  private var settingsOfViewer: JSONText {
    [
      "target": "structure",
      "map": [
        "x": ["property": "structure number"], "y": ["property": "distance"],
        "color": ["property": "distance"], "symbol": "stage",
      ],
      "structure": [
        [
          "bonds": true, "unitCell": true, "keepOrientation": true, "spaceFilling": false,
          "shape": ["fixed atoms"], "playbackDelay": 120,
        ]
      ],
    ]
  }

  private func rounded(_ value: Double) -> Double { (value * 1000).rounded() / 1000 }
}
