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
    /// Numbers of the recorded steps, from 0.
    public var steps: [Int] = []
    /// Energies in eV; NaN where there is none.
    public var energies: [Double] = []
    /// Largest forces on free atoms in eV/Å; NaN where there are none.
    public var forces: [Double] = []
    /// Frames that are shown, by step; empty unless asked for.
    ///
    /// That of step 0 is the initial structure.
    public var galleryFrames: [GalleryFrame] { frames.frames }

    fileprivate var frames = ThinnedPath(most: PathRecords.shown)
  }

  /// Relaxations by id.
  public private(set) var paths: [String: Path] = [:]

  /// Whether some relaxation has no frame of a step between its first and its last one.
  var hasGaps: Bool {
    paths.values.contains { path in
      zip(path.steps, path.steps.dropFirst()).contains { $1 - $0 > 1 }
    }
  }

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
    for id in paths.keys { paths[id]?.order() }
  }

  private mutating func add(_ structure: Structure, id: String, step: Int, keeps: Bool) {
    paths[id, default: Path()].steps.append(step)
    paths[id, default: Path()].energies.append(structure.energy ?? .nan)
    paths[id, default: Path()].forces.append(structure.largestFreeForce ?? .nan)
    if keeps {
      paths[id, default: Path()].frames.append(
        GalleryFrame(step == 0 ? .initial : .path, of: structure, step: step))
    }
  }

  /// The value of each relaxation at each step of `steps`, its last one afterwards.
  func values(_ values: KeyPath<Path, [Double]>, at steps: [Int]) -> [[Double]] {
    PathRecords.values(values, of: paths.sorted { $0.key < $1.key }.map(\.value), at: steps)
  }

  /// The value of each of `paths` at each step of `steps`, which ascend, its last one afterwards; what is
  /// not finite is left out.
  ///
  /// - Complexity: O(frames + steps · paths).
  static func values(
    _ values: KeyPath<Path, [Double]>, of paths: [Path], at steps: [Int]
  ) -> [[Double]] {
    var result = [[Double]](repeating: [], count: steps.count)
    for path in paths {
      let numbers = path[keyPath: values]
      var next = 0
      for (place, step) in steps.enumerated() {
        while next < path.steps.count, path.steps[next] <= step { next += 1 }
        if next > 0, numbers[next - 1].isFinite { result[place].append(numbers[next - 1]) }
      }
    }
    return result
  }

  /// Most steps at which relaxations are compared: as many as a plot has pixels across.
  private static let most = 600

  /// Steps that some relaxation has, ascending; of very many some, spread evenly.
  var steps: [Int] {
    let all = Set(paths.values.flatMap(\.steps)).sorted()
    guard all.count > PathRecords.most else { return all }
    return (0..<PathRecords.most).map { all[$0 * (all.count - 1) / (PathRecords.most - 1)] }
  }
}

extension PathRecords.Path {
  /// Brings frames that a file holds in another order into that of the steps.
  fileprivate mutating func order() {
    guard !zip(steps, steps.dropFirst()).allSatisfy({ $0 <= $1 }) else { return }
    let order = steps.indices.sorted { (steps[$0], $0) < (steps[$1], $1) }
    (steps, energies, forces) = (
      order.map { steps[$0] }, order.map { energies[$0] }, order.map { forces[$0] }
    )
  }
}
