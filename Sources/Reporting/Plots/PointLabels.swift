// SPDX-License-Identifier: MIT

/// Finds places for the words beside points: inside the plot, off the points and off each other.
struct PointLabels {
  private let area: PlotBox
  private let format: PlotFormat
  private var taken: [PlotBox]

  /// An area of which only `taken` is taken.
  init(_ area: PlotBox, _ format: PlotFormat, taken: [PlotBox] = []) {
    (self.area, self.format, self.taken) = (area, format, taken)
  }

  /// Takes a place for words beside the point at `x`, `y`, as near as there is one: above it to the right, else
  /// below or to the left, else farther away.
  ///
  /// - Returns: the words, and whether they are so far from the point that a line must lead there; nil if there
  ///   is no place.
  mutating func take(_ words: String, besides x: Double, _ y: Double) -> (
    text: PlotText, isFar: Bool
  )? {
    for ring in 0..<4 {
      let gap = format.em(0.6 + 1.3 * Double(ring))
      for (anchor, foot) in [
        (PlotText.Anchor.start, y - gap), (.start, y + gap + format.em(0.75)), (.end, y - gap),
        (.end, y + gap + format.em(0.75)), (.start, y + format.em(0.3)), (.end, y + format.em(0.3)),
        (.middle, y - gap), (.middle, y + gap + format.em(0.75)),
      ] {
        let beside = anchor == .middle ? 0 : anchor == .start ? 1.0 : -1
        let text = PlotText(
          text: words, x: x + beside * format.em(0.55 + 0.5 * Double(ring)), y: foot,
          anchor: anchor,
          kind: "name")
        let box = text.box(format)
        guard box.lies(in: area), !taken.contains(where: { $0.overlaps(box) }) else { continue }
        taken.append(box)
        return (text, ring > 0)
      }
    }
    return nil
  }
}
