// SPDX-License-Identifier: MIT

import Files
import RelaxNumerics
import Scoring
import StructureFiles
import Structures

/// What trajectories say: energy and largest force of every step, and the frames of some structures.
public struct PathRecords: Sendable {
  /// The numbers of one relaxation, step by step.
  public struct Path: Sendable {
    /// Steps.
    public var steps: [Int] = []
    /// Energies in eV; NaN where there is none.
    public var energies: [Double] = []
    /// Largest forces on free atoms in eV/Å; NaN where there are none.
    public var forces: [Double] = []
    /// Positions of frames that are shown, by step; empty unless asked for.
    public var frames: [(step: Int, positions: [Vector3])] = []
  }

  /// Relaxations by id.
  public private(set) var paths: [String: Path] = [:]

  /// Most frames of a relaxation that are kept to be shown.
  static let shown = 24

  /// Reads the trajectories in `files`.
  ///
  /// - Parameter isShown: ids whose frames are kept.
  /// - Throws: `FileError`.
  public init(files: [String], showing isShown: Set<String>) throws {
    for file in files {
      let reader = try StructureReader(path: file)
      while let frame = try reader.next() {
        guard case .success(let structure) = frame.content,
          let step = structure.attribute("fid").flatMap({ Int($0.unquoted) })
        else { continue }
        add(structure, id: frame.identifier, step: step, keeps: isShown.contains(frame.identifier))
      }
    }
    for id in isShown { paths[id]?.thin() }
  }

  private mutating func add(_ structure: Structure, id: String, step: Int, keeps: Bool) {
    let largest = structure.forces.map { forces in
      zip(forces, structure.freedoms).reduce(0) { max($0, $1.1.masking($1.0).length) }
    }
    paths[id, default: Path()].steps.append(step)
    paths[id, default: Path()].energies.append(structure.energy ?? .nan)
    paths[id, default: Path()].forces.append(largest ?? .nan)
    if keeps { paths[id, default: Path()].frames.append((step, structure.positions)) }
  }

  /// The value of each relaxation at each step of `steps`, its last one afterwards.
  func values(_ values: KeyPath<Path, [Double]>, at steps: [Int]) -> [[Double]] {
    let ordered = paths.sorted { $0.key < $1.key }.map(\.value)
    return steps.map { step in
      ordered.compactMap { path in
        path.steps.lastIndex { $0 <= step }.map { path[keyPath: values][$0] }
      }.filter(\.isFinite)
    }
  }

  /// Steps that some relaxation has.
  var steps: [Int] { Set(paths.values.flatMap(\.steps)).sorted() }
}

extension PathRecords.Path {
  /// Leaves as many frames as are shown: the first, the last, and between them every so manieth.
  fileprivate mutating func thin() {
    let wanted = PathRecords.shown
    guard frames.count > wanted else { return }
    frames = (0..<wanted).map { frames[$0 * (frames.count - 1) / (wanted - 1)] }
  }
}
