// SPDX-License-Identifier: MIT

import StructureFiles
import Structures

/// Frames of files gathered to structures to look at: those of one path belong together.
///
/// Memory is bounded: of long paths some frames are kept, the fewer the more there is to show.
public struct StructureAlbum: Sendable {
  /// A structure with its frames.
  struct Entry: Sendable {
    let id: String
    /// Its elements, cell, mask and tags.
    let structure: Structure
    var path: ThinnedPath
    /// What its path ends with, if a frame of its own says so.
    var end: GalleryFrame?
    var status: String?

    /// All frames in their order.
    var frames: [GalleryFrame] { GalleryFrame.joined(path: path.frames, end: end) }
  }

  private(set) var entries: [Entry] = []
  private var places: [String: Int] = [:]
  /// Positions that are kept.
  private var size = 0
  private var most: Int
  private let mostStructures: Int
  private let budget: Int
  /// Frames that were added.
  public private(set) var frameCount = 0

  /// An empty album.
  ///
  /// - Parameters:
  ///   - mostStructures: more are not taken.
  ///   - mostFrames: of longer paths some frames are left out.
  ///   - budget: how many atoms all kept frames may have together, about.
  public init(mostStructures: Int = 10_000, mostFrames: Int = 200, budget: Int = 4_000_000) {
    (self.mostStructures, most, self.budget) = (mostStructures, mostFrames, budget)
  }

  /// Whether there is nothing in it.
  public var isEmpty: Bool { entries.isEmpty }

  /// How many structures are in it.
  public var count: Int { entries.count }

  /// How many frames are to be seen.
  public var shownFrames: Int { entries.reduce(0) { $0 + $1.frames.count } }

  /// Adds a frame: to the structure of the same id if it says by `fid`, `role` or `relax_status` that it is one
  /// of several, else as a structure of its own.
  ///
  /// - Parameters:
  ///   - name: what to call the whole, where frames of one calculation have ids of their own.
  /// - Returns: false if it is not taken because the album is full.
  public mutating func add(_ structure: Structure, id: String, name: String? = nil) -> Bool {
    let id = name ?? id
    let role = structure.attribute("role")?.unquoted
    let status = structure.attribute("relax_status")?.unquoted
    let step = structure.attribute("fid").flatMap { Int($0.unquoted) }
    let isEnd = status != nil || role == "relaxed"
    let belongs = isEnd || step != nil || role == "initial"
    let stage: GalleryFrame.Stage =
      isEnd
      ? .relaxed : role == "initial" || step == 0 ? .initial : step != nil ? .path : .frame
    var frame = GalleryFrame(stage, of: structure, step: isEnd ? nil : step)
    if isEnd { frame.step = structure.attribute("relax_steps").flatMap { Int($0.unquoted) } }
    frameCount += 1
    if belongs, let place = places[id],
      entries[place].structure.elements == structure.elements,
      !(isEnd && entries[place].end != nil)
    {
      let before = entries[place].path.count
      if isEnd {
        entries[place].end = frame
        entries[place].status = status
        size += structure.count
      } else {
        entries[place].path.append(frame)
        size += (entries[place].path.count - before) * structure.count
      }
    } else {
      guard entries.count < mostStructures else { return false }
      if belongs { places[id] = entries.count }
      var bare = structure.withoutResults()
      bare.columns = []
      bare.attributes = []
      var entry = Entry(id: id, structure: bare, path: ThinnedPath(most: most), status: status)
      if isEnd { entry.end = frame } else { entry.path.append(frame) }
      entries.append(entry)
      size += structure.count
    }
    while size > budget, most > StructureAlbum.fewest { thin() }
    return size <= 4 * budget
  }

  /// Paths keep at least so many frames.
  private static let fewest = 8

  private mutating func thin() {
    most = max(StructureAlbum.fewest, most / 2)
    for place in entries.indices { entries[place].path.thin(to: most) }
    size = entries.reduce(0) { sum, entry in
      sum + (entry.path.count + (entry.end == nil ? 0 : 1)) * entry.structure.count
    }
  }
}
