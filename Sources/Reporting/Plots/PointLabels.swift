// SPDX-License-Identifier: MIT

/// Finds a place for the words beside each point: inside the plot, and where there is one, free of others.
struct PointLabels {
  /// Where words stand.
  struct Place: Hashable {
    /// Pixels from the left edge of the plot, to the begin or the end of the words.
    var x: Double
    /// Pixels from the top of the plot to their foot.
    var y: Double
    /// Whether `x` is where they end.
    var endsThere: Bool
  }

  private struct Box {
    var (left, right, top, bottom): (Double, Double, Double, Double)

    func overlaps(_ other: Box) -> Bool {
      left < other.right && other.left < right && top < other.bottom && other.top < bottom
    }

    func lies(in other: Box) -> Bool {
      left >= other.left && right <= other.right && top >= other.top && bottom <= other.bottom
    }
  }

  private let area: Box
  private var taken: [Box] = []

  /// An area of which nothing is taken yet; its edges in pixels.
  init(left: Double, right: Double, top: Double, bottom: Double) {
    area = Box(left: left, right: right, top: top, bottom: bottom)
  }

  /// Takes a place for words of so many letters beside the point at `x`, `y`: above it to the right, else
  /// below or to the left.
  mutating func take(letters: Int, besides x: Double, _ y: Double) -> Place {
    let width = PlotFrame.letter * Double(letters)
    let choices = [(y - 8, false), (y + 18, false), (y - 8, true), (y + 18, true)].map {
      foot, endsThere in
      let place = Place(x: endsThere ? x - 8 : x + 8, y: foot, endsThere: endsThere)
      let left = endsThere ? place.x - width : place.x
      return (place, Box(left: left, right: left + width, top: foot - 11, bottom: foot + 4))
    }
    let inside = choices.filter { $0.1.lies(in: area) }
    let best =
      inside.first { choice in !taken.contains { $0.overlaps(choice.1) } } ?? inside.first
      ?? choices[0]
    taken.append(best.1)
    return best.0
  }
}
