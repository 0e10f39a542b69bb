// SPDX-License-Identifier: MIT

/// Advice to someone who wrote a word that there is not.
public enum Spelling {
  /// What can be written instead of `word`, the nearest first if there is a near one.
  public static func hint(_ word: String, _ candidates: [String]) -> String {
    guard let near = nearest(to: word, among: candidates) else {
      return "; possible are \(list(candidates))"
    }
    return "; did you mean `\(near)`? Possible are \(list(candidates))"
  }

  /// The word that was probably meant, if one is near enough; the first of several.
  public static func nearest(to word: String, among candidates: [String]) -> String? {
    candidates.map { ($0, editDistance(word.lowercased(), $0)) }
      .filter { $0.1 <= max(1, $0.0.count / 3) }
      .min { $0.1 < $1.1 }?.0
  }

  /// Words in a sentence.
  public static func list(_ words: [String]) -> String { words.joined(separator: ", ") }

  /// Letters to insert, delete, replace or swap with their neighbour to get from `a` to `b`.
  private static func editDistance(_ a: String, _ b: String) -> Int {
    let (a, b) = (Array(a), Array(b))
    var table = [[Int]](repeating: Array(0...b.count), count: a.count + 1)
    for i in 0...a.count {
      table[i][0] = i
      guard i > 0 else { continue }
      for j in 1..<(b.count + 1) {
        var best = min(table[i - 1][j], table[i][j - 1]) + 1
        best = min(best, table[i - 1][j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1))
        if i > 1, j > 1, a[i - 1] == b[j - 2], a[i - 2] == b[j - 1] {
          best = min(best, table[i - 2][j - 2] + 1)
        }
        table[i][j] = best
      }
    }
    return table[a.count][b.count]
  }
}
