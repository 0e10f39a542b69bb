// SPDX-License-Identifier: MIT

/// Finds places for the words beside points: inside the plot, off the points and off each other, and so that nobody
/// takes them for those of another point.
struct PointLabels {
  /// A line from a point to its words.
  struct Leader: Hashable {
    var from: SIMD2<Double>
    var to: SIMD2<Double>
  }

  private let area: PlotBox
  private let format: PlotFormat
  private let points: [(place: SIMD2<Double>, size: Double)]
  private var words: [PlotBox] = []
  private var leaders: [Leader] = []

  /// An area in which there are `points`, of this size about their places, and nothing else yet.
  init(
    _ area: PlotBox, _ format: PlotFormat, points: [(place: SIMD2<Double>, size: Double)] = []
  ) {
    (self.area, self.format, self.points) = (area, format, points)
  }

  /// Takes a place for the words of the point at `index`, as near as there is one: above it to the right, else
  /// below or to the left, else farther away.
  ///
  /// Beside the point no other is nearly as near to them; farther away, or where points crowd, a line leads there.
  ///
  /// - Returns: the words, and the line if there must be one; nil if there is no place.
  mutating func take(_ words: String, of index: Int) -> (text: PlotText, leader: Leader?)? {
    for ring in 0..<6 {
      for text in candidates(words, about: points[index].place, ring) {
        let box = text.box(format)
        guard box.lies(in: area), isFree(box) else { continue }
        if ring == 0 {
          guard isOwn(box, index) else { continue }
          self.words.append(box)
          return (text, nil)
        }
        let leader = leader(to: box, from: points[index].place)
        guard isFree(leader, of: index), isOnOwnSide(box, index) else { continue }
        self.words.append(box)
        leaders.append(leader)
        return (text, leader)
      }
    }
    return nil
  }

  /// Places about a point, farther away in every ring.
  private func candidates(_ words: String, about point: SIMD2<Double>, _ ring: Int) -> [PlotText] {
    let gap = format.em(0.6 + 1.3 * Double(ring))
    let (above, below) = (point.y - gap, point.y + gap + format.em(0.75))
    let level = point.y + format.em(0.3)
    let places: [(PlotText.Anchor, Double)] = [
      (.start, above), (.start, below), (.end, above), (.end, below), (.start, level),
      (.end, level), (.middle, above), (.middle, below),
    ]
    return places.map { anchor, foot in
      let beside = anchor == .middle ? 0 : anchor == .start ? 1.0 : -1
      return PlotText(
        text: words, x: point.x + beside * format.em(0.55 + 0.5 * Double(ring)), y: foot,
        anchor: anchor, kind: "name")
    }
  }

  /// Whether nothing that is there lies in `box`.
  private func isFree(_ box: PlotBox) -> Bool {
    !words.contains { $0.overlaps(box) }
      && !points.contains { PlotBox(about: $0.place, $0.size).overlaps(box) }
      && !leaders.contains { box.meets(from: $0.from, to: $0.to) }
  }

  /// Whether a line goes past all words and other points, but for those on which its own lies.
  private func isFree(_ leader: Leader, of index: Int) -> Bool {
    !words.contains { $0.meets(from: leader.from, to: leader.to) }
      && !points.contains {
        let box = PlotBox(about: $0.place, $0.size)
        return box.distance(to: points[index].place) > 0
          && box.meets(from: leader.from, to: leader.to)
      }
  }

  /// Whether words in `box` lie on that side of points that lie on each other on which theirs is.
  private func isOnOwnSide(_ box: PlotBox, _ index: Int) -> Bool {
    let own = points[index].place
    return points.enumerated().allSatisfy { other, point in
      other == index || PlotBox(about: point.place, point.size).distance(to: own) > 0
        || box.distance(to: point.place) > box.distance(to: own) + format.em(0.05)
    }
  }

  /// Whether words in `box` are clearly those of the point at `index`: others are twice as far away, or far.
  private func isOwn(_ box: PlotBox, _ index: Int) -> Bool {
    let own = box.distance(to: points[index].place)
    return points.enumerated().allSatisfy { other, point in
      other == index || box.distance(to: point.place) >= max(2 * own, format.em(1.2))
    }
  }

  private func leader(to box: PlotBox, from point: SIMD2<Double>) -> Leader {
    // To the nearest place of the words: straight up or down where they are long.
    let x = max(box.left, min(point.x, box.right))
    let y = max(box.top, min(point.y, box.bottom))
    return Leader(from: point, to: SIMD2(x, y))
  }
}
