// SPDX-License-Identifier: MIT

/// Some frames of a path that may be long, chosen while it is read: its first, its last, and others spread
/// evenly between them.
///
/// Once there are twice as many as wanted, every second one goes, so memory is bounded however long the path is.
struct ThinnedPath: Sendable {
  /// Most frames that are handed out.
  private(set) var most: Int
  private var kept: [GalleryFrame] = []
  /// The latest, if it is not among those kept.
  private var last: GalleryFrame?
  private var stride = 1
  /// How many frames there were.
  private(set) var seen = 0

  /// An empty path of which `most` frames are wanted, at least two.
  init(most: Int) {
    precondition(most > 1, "a path of \(most) frames has no first and last one")
    self.most = most
  }

  /// Adds the next frame.
  mutating func append(_ frame: GalleryFrame) {
    last = nil
    if seen % stride == 0 { kept.append(frame) } else { last = frame }
    seen += 1
    if kept.count >= 2 * most { halve() }
  }

  /// How many frames are kept in memory.
  var count: Int { kept.count + (last == nil ? 0 : 1) }

  /// Has no more than `most` frames from now on, at least two.
  mutating func thin(to most: Int) {
    self.most = max(2, most)
    while kept.count >= 2 * self.most { halve() }
  }

  /// Leaves out every second frame, but for the last one.
  private mutating func halve() {
    if last == nil, kept.count % 2 == 0 { last = kept.last }
    kept = kept.enumerated().filter { $0.offset % 2 == 0 }.map(\.element)
    stride *= 2
  }

  /// The frames that are shown, in the order of their steps.
  var frames: [GalleryFrame] { frames(most: most) }

  /// The same, but no more than `most`.
  func frames(most: Int) -> [GalleryFrame] {
    var all = kept + (last.map { [$0] } ?? [])
    // A file may hold steps in another order.
    if !zip(all, all.dropFirst()).allSatisfy({ ($0.step ?? 0) <= ($1.step ?? 0) }) {
      all = all.enumerated().sorted {
        ($0.element.step ?? 0, $0.offset) < ($1.element.step ?? 0, $1.offset)
      }.map(\.element)
    }
    guard all.count > most else { return all }
    return (0..<most).map { all[$0 * (all.count - 1) / (most - 1)] }
  }
}
