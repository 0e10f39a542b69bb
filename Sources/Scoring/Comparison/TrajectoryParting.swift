// SPDX-License-Identifier: MIT

import Files
import RelaxNumerics
import StructureFiles
import Structures

/// Where two relaxations of one structure go different ways.
///
/// Only steps that both trajectories have can be compared. A file that leaves out steps (`--frames ends`) may
/// hide a parting, or show it late: `isEveryStep` tells.
public struct TrajectoryParting: Hashable, Sendable {
  /// Id of the structure.
  public var id: String
  /// The first step at which an atom is farther than the tolerance from where it is in the other
  /// trajectory; nil if that never happens.
  public var step: Int?
  /// That atom, from 1: the farthest one at that step.
  public var atom: Int?
  /// How far it is then, in Å.
  public var distance: Double
  /// The last step that both have before `step`; nil if there is none, or no parting.
  ///
  /// They went apart after this step and not later than `step`.
  public var lastTogether: Int?
  /// Last step that both trajectories have.
  public var lastCommonStep: Int
  /// How many steps both trajectories have.
  public var commonSteps: Int
  /// Whether both have every step up to the last one of the shorter trajectory.
  public var isEveryStep: Bool

  /// Compares frames of two trajectories, which have the same atoms, step by step.
  ///
  /// - Parameters:
  ///   - tolerance: Å.
  /// - Returns: nil if they have no step in common or different atoms.
  /// - Complexity: O(steps · atoms).
  public init?(
    id: String, _ first: [Int: Structure], _ second: [Int: Structure], tolerance: Double
  ) {
    let common = first.keys.filter { second[$0] != nil }.sorted()
    guard let last = common.last else { return nil }
    (self.id, lastCommonStep, distance) = (id, last, 0)
    commonSteps = common.count
    let shorter = min(first.keys.max() ?? last, second.keys.max() ?? last)
    isEveryStep = common.count == shorter + 1
    var before: Int?
    for step in common {
      guard let a = first[step], let b = second[step] else { continue }
      guard a.elements == b.elements else { return nil }
      var farthest = (distance: 0.0, atom: 0)
      for atom in a.positions.indices {
        let length = a.cell.nearestImage(of: b.positions[atom] - a.positions[atom]).length
        // What is no number has parted as far as can be.
        let apart = length.isFinite ? length : .infinity
        if apart > farthest.distance { farthest = (apart, atom) }
      }
      distance = farthest.distance
      if farthest.distance > tolerance {
        (self.step, atom, lastTogether) = (step, farthest.atom + 1, before)
        return
      }
      before = step
    }
  }

  /// Compares all structures that two files of trajectories have in common, in the order in which the
  /// second of each pair ends.
  ///
  /// Both files are read side by side; in memory are only the trajectories whose partner has not come
  /// yet, so files in the same order take no more than the longest ones.
  ///
  /// - Throws: `FileError` for files that cannot be read.
  public static func all(
    _ first: String, _ second: String, tolerance: Double
  ) throws -> [TrajectoryParting] {
    var sources = [try TrajectoryReader(path: first), try TrajectoryReader(path: second)]
    var waiting: [[String: [Int: Structure]]] = [[:], [:]]
    var result: [TrajectoryParting] = []
    var isOpen = [true, true]
    while isOpen[0] || isOpen[1] {
      for side in 0..<2 where isOpen[side] {
        guard let (id, frames) = try sources[side].next() else {
          isOpen[side] = false
          continue
        }
        guard let partner = waiting[1 - side].removeValue(forKey: id) else {
          waiting[side][id] = frames
          continue
        }
        let (a, b) = side == 0 ? (frames, partner) : (partner, frames)
        if let parting = TrajectoryParting(id: id, a, b, tolerance: tolerance) {
          result.append(parting)
        }
      }
    }
    return result
  }
}

/// A file of trajectories, one structure after the other.
private struct TrajectoryReader {
  private let reader: StructureReader
  private var ahead: (id: String, step: Int, structure: Structure)?

  init(path: String) throws { reader = try StructureReader(path: path) }

  /// All frames of the next structure, by step; frames without a step, or unusable ones, are left out.
  mutating func next() throws -> (id: String, frames: [Int: Structure])? {
    if ahead == nil { ahead = try frame() }
    guard let first = ahead else { return nil }
    var frames = [first.step: first.structure]
    ahead = try frame()
    while let frame = ahead, frame.id == first.id {
      frames[frame.step] = frame.structure
      ahead = try self.frame()
    }
    return (first.id, frames)
  }

  private func frame() throws -> (id: String, step: Int, structure: Structure)? {
    while let frame = try reader.next() {
      guard case .success(let structure) = frame.content,
        let step = structure.attribute("fid").flatMap({ Int($0.unquoted) })
      else { continue }
      return (frame.identifier, step, structure)
    }
    return nil
  }
}
