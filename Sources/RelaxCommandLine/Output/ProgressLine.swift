// SPDX-License-Identifier: MIT

import Files
import Reporting

/// How far a command is: what its line says, on a terminal and in a log.
struct ProgressLine: Sendable {
  /// A structure that is being relaxed.
  struct Current: Sendable {
    var id: String
    /// Displacements made so far.
    var step: Int
    /// eV, if there is one.
    var energy: Double?
    /// Largest force on a free atom, eV/Å.
    var fmax: Double
  }

  /// Things that are done, and how many there are, once that is known.
  var done: Int
  var total: Int?
  /// What is counted, in the plural.
  var things: String
  /// Things a second; nil before it is known.
  var rate: Double?
  /// Further clauses, the most important first.
  var notes: [String] = []
  /// What is at work now.
  var current: Current?

  init(done: Int, of total: Int?, _ things: String, seconds: Double, doneBefore: Int = 0) {
    (self.done, self.total, self.things) = (done, total, things)
    if done > doneBefore { rate = Double(done - doneBefore) / max(seconds, 1e-3) }
  }

  // MARK: - In a log

  /// For a log: `120 of 10000 structures, 3 not converged, 4.1/s, 40 min left`.
  ///
  /// While nothing is done it says what is at work.
  var sentence: String {
    var clauses = [(total.map { "\(done) of \($0) " } ?? "\(done) ") + things] + notes
    if let speed { clauses.append(speed) }
    if let left { clauses.append(left) }
    if done == 0, let current {
      let energy = current.energy.map { "\(ProgressLine.fixed($0, 4)) eV, " } ?? ""
      clauses.append(
        "\(Excerpt.name(current.id)): step \(current.step), \(energy)"
          + "\(ProgressLine.fixed(current.fmax, 4)) eV/Å")
    }
    return clauses.joined(separator: ", ")
  }

  // MARK: - On a terminal

  /// For a terminal: a bar first, once it is known how much there is; no wider than `columns`.
  func text(within columns: Int) -> String {
    var line = FittedLine()
    if let total, total > 0 {
      let bars = [24, 16, 10].map { width in
        let filled = min(width, width * done / total)
        return "[" + String(repeating: "#", count: filled)
          + String(repeating: ".", count: width - filled) + "]"
      }
      line.parts.append(.init(forms: bars, rank: 9, ending: " "))
      line.append("\(done)/\(total) \(things)", "\(done)/\(total)", rank: 3)
    } else {
      line.append("\(done) \(things)", rank: 3)
    }
    for (place, note) in notes.enumerated() { line.append(note, rank: place == 0 ? 6 : 8) }
    if let speed { line.append(speed, rank: 7) }
    if let left { line.append(left, rank: 5) }
    if let current { append(current, to: &line) }
    return line.text(within: columns)
  }

  private func append(_ current: Current, to line: inout FittedLine) {
    let id = Excerpt.name(current.id)
    let width = DisplayWidth.of(id)
    line.parts.append(
      .init(
        forms: stride(from: min(width, 24), through: min(width, 8), by: -1)
          .map { DisplayWidth.cut(id, to: $0) },
        rank: 4, ending: ": "))
    line.append("step \(current.step)", rank: 1)
    if let energy = current.energy {
      line.append(
        "\(ProgressLine.fixed(energy, 4)) eV", "\(ProgressLine.fixed(energy, 2)) eV", rank: 2)
    }
    line.append(
      "\(ProgressLine.fixed(current.fmax, 4)) eV/Å", "\(ProgressLine.fixed(current.fmax, 3)) eV/Å",
      rank: 0)
  }

  // MARK: - Numbers

  private var speed: String? {
    guard let rate, rate > 0 else { return nil }
    if rate >= 1 { return "\(Decimals.fixed(rate, 1))/s" }
    if rate * 60 >= 1 { return "\(Decimals.fixed(rate * 60, 1))/min" }
    return "\(Decimals.fixed(rate * 3600, 1))/h"
  }

  private var left: String? {
    guard let rate, let total, rate > 0 else { return nil }
    return "\(ProgressLine.duration(Double(max(total - done, 0)) / rate)) left"
  }

  private static func fixed(_ number: Double, _ decimals: Int) -> String {
    number.isFinite ? Decimals.fixed(number, decimals) : "\(number)"
  }

  /// A time span for people: `42 s`, `3 min 05 s`, `40 min`, `2 h 10 min`, `3 d 4 h`.
  static func duration(_ seconds: Double) -> String {
    guard seconds < 1e9 else { return "years" }
    let whole = Int(seconds.rounded())
    if whole < 60 { return "\(whole) s" }
    if whole < 600 { return "\(whole / 60) min \(whole % 60 < 10 ? "0" : "")\(whole % 60) s" }
    if whole < 3600 { return "\(whole / 60) min" }
    if whole < 86_400 { return "\(whole / 3600) h \(whole % 3600 / 60) min" }
    return "\(whole / 86_400) d \(whole % 86_400 / 3600) h"
  }
}
