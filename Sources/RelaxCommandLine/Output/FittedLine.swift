// SPDX-License-Identifier: MIT

/// A line of parts of which as many are shown as there is room for, the more important ones first.
struct FittedLine {
  /// A piece of the line.
  struct Part {
    /// Its texts, the longest first: the first one that fits is taken.
    var forms: [String]
    /// 0 for what is shown before everything else.
    var rank: Int
    /// What stands between it and the part that follows.
    var ending = ", "
  }

  /// From left to right.
  var parts: [Part] = []

  mutating func append(_ forms: String..., rank: Int, ending: String = ", ") {
    parts.append(Part(forms: forms, rank: rank, ending: ending))
  }

  /// What fits into `columns`.
  ///
  /// All parts that fit in their shortest form are there before any of them is longer.
  func text(within columns: Int) -> String {
    var chosen: [Int: String] = [:]
    let order = parts.indices.sorted { (parts[$0].rank, $0) < (parts[$1].rank, $1) }
    func fits(_ form: String, at index: Int) -> Bool {
      DisplayWidth.of(joined(chosen.merging([index: form]) { $1 })) <= columns
    }
    for index in order {
      if let shortest = parts[index].forms.last, fits(shortest, at: index) {
        chosen[index] = shortest
      }
    }
    for index in order where chosen[index] != nil {
      if let form = parts[index].forms.first(where: { fits($0, at: index) }) {
        chosen[index] = form
      }
    }
    return joined(chosen)
  }

  private func joined(_ chosen: [Int: String]) -> String {
    var text = ""
    var ending = ""
    for (index, part) in parts.enumerated() {
      guard let form = chosen[index] else { continue }
      text += ending + form
      ending = part.ending
    }
    return text
  }
}
