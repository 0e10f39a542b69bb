// SPDX-License-Identifier: MIT

import Files
import StructureFiles
import Structures

/// Frames of the inputs that are steps of one path: of the same id, each with its `fid`.
///
/// Runs take every frame for a structure of its own, which is seldom meant of the ionic steps of a calculation.
struct PathSteps {
  /// How many frames have a step, by id.
  private var frames: [String: Int] = [:]
  /// The first id that has several.
  private var first: String?
  /// Whether there may be more than were counted.
  private var isCut = false

  /// Nothing seen yet.
  init() {}

  /// Looks at the frames of `reader`, for no longer than `time`: no more than the numbers is at stake.
  init(_ reader: JoinedReader, within time: Duration) {
    let end = ContinuousClock.now + time
    // What is wrong with a file its reader says where it is used.
    while let frame = try? reader.next() {
      if case .success(let structure) = frame.content { add(structure, id: frame.identifier) }
      isCut = ContinuousClock.now >= end
      if isCut { return }
    }
  }

  /// Takes note of a frame.
  mutating func add(_ structure: Structure, id: String) {
    guard structure.attribute("fid") != nil else { return }
    frames[id, default: 0] += 1
    if first == nil, frames[id] == 2 { first = id }
  }

  /// How many there are and how to take one of each; nil if there are none.
  var remark: String? {
    guard let first else { return nil }
    let several = frames.values.filter { $0 > 1 }
    let count = several.reduce(0, +)
    return "\(isCut ? "more than " : "")\(count) frames are steps of "
      + (several.count == 1 ? "one path" : "\(several.count) paths")
      + " (one id, several `fid`: \(Excerpt.name(first))), and each counts as a structure of its own; "
      + "--select fid=0 takes the first of each path, --select fid=last the last"
  }
}
