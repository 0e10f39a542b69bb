// SPDX-License-Identifier: MIT

import Foundation
import RelaxNumerics
import Testing

@testable import RelaxCommandLine

/// What is said of how a command gets on.
@Suite("Progress")
struct ProgressTests {
  /// 120 of so many done after 30 s, 3 of them not converged.
  private func line(of total: Int?, id: String = "slab17") -> ProgressLine {
    var line = ProgressLine(done: 120, of: total, "structures", seconds: 30)
    line.notes = ["3 not converged"]
    line.current = .init(id: id, step: 12, energy: -123.456789, fmax: 0.034567)
    return line
  }

  @Test("a line of a log")
  func sentence() {
    #expect(
      line(of: 10_000).sentence
        == "120 of 10000 structures, 3 not converged, 4.0/s, 41 min left")
    #expect(line(of: nil).sentence == "120 structures, 3 not converged, 4.0/s")
    var first = line(of: 10_000)
    (first.done, first.notes, first.rate) = (0, [], nil)
    #expect(
      first.sentence == "0 of 10000 structures, slab17: step 12, -123.4568 eV, 0.0346 eV/Å")
  }

  @Test(
    "slow work is counted by the minute or the hour",
    arguments: [
      (1, 20.0, "3.0/min, 3 min 00 s"), (1, 600.0, "6.0/h, 1 h 30 min"),
      (1, 3e5, "0.0/h, 31 d 6 h"),
    ])
  func slow(done: Int, seconds: Double, words: String) {
    let line = ProgressLine(done: done, of: 10, "structures", seconds: seconds)
    #expect(line.sentence == "1 of 10 structures, \(words) left")
  }

  @Test("what was done before does not count for the rate")
  func resumed() {
    let line = ProgressLine(done: 90, of: 100, "steps", seconds: 10, doneBefore: 80)
    #expect(line.sentence == "90 of 100 steps, 1.0/s, 10 s left")
    let begun = ProgressLine(done: 80, of: 100, "steps", seconds: 10, doneBefore: 80)
    #expect(begun.sentence == "80 of 100 steps")
  }

  @Test("a wide terminal shows everything, a narrow one what matters most")
  func widths() {
    let line = line(of: 10_000)
    #expect(
      line.text(within: 139)
        == "[........................] 120/10000 structures, 3 not converged, 4.0/s, 41 min left, slab17: step "
        + "12, -123.4568 eV, 0.0346 eV/Å")
    #expect(
      line.text(within: 79)
        == "120/10000, 4.0/s, 41 min left, slab17: step 12, -123.4568 eV, 0.0346 eV/Å")
    #expect(line.text(within: 44) == "120/10000, step 12, -123.46 eV, 0.0346 eV/Å")
    #expect(line.text(within: 39) == "slab17: step 12, -123.46 eV, 0.035 eV/Å")
    #expect(line.text(within: 10) == "0.035 eV/Å")
    #expect(line.text(within: 9) == "step 12")
    #expect(line.text(within: 0) == "")
  }

  @Test("at 40 columns step, energy and force of a hundred thousand atoms are there")
  func large() {
    var line = ProgressLine(done: 0, of: 1, "structures", seconds: 5)
    line.current = .init(id: "copper100000", step: 7, energy: -351_234.123, fmax: 0.5)
    #expect(line.text(within: 39) == "0/1, step 7, -351234.12 eV, 0.5000 eV/Å")
  }

  @Test(
    "no line is wider than the terminal, whatever the id",
    arguments: [
      "slab", "表面の構造を緩和する表面の構造を緩和する",
      "e\u{301}e\u{301}e\u{301}e\u{301}e\u{301}e\u{301}e\u{301}e\u{301}e\u{301}e\u{301}",
      "👩‍👩‍👧‍👦👍🏽❤️", "한글한글한글한글", "a\tb\u{1B}[31mc\nd", String(repeating: "x", count: 10_000),
    ])
  func neverWider(id: String) {
    for total in [nil, 7, 1_000_000] {
      for columns in 0...200 {
        let text = line(of: total, id: id).text(within: columns)
        #expect(DisplayWidth.of(text) <= columns)
        #expect(!text.unicodeScalars.contains { $0.value < 32 || $0.value == 127 })
      }
    }
  }

  @Test("a number that is none is shown as it is")
  func notFinite() {
    var line = line(of: nil)
    line.current = .init(id: "a", step: 3, energy: nil, fmax: .nan)
    #expect(line.text(within: 80).hasSuffix("a: step 3, nan eV/Å"))
  }

  @Test(
    "columns of text",
    arguments: [
      ("abc", 3), ("Å", 1), ("表面", 4), ("e\u{301}", 1), ("ﬁ", 1), ("한글", 4), ("Ａ", 2), ("👍", 2),
      ("…", 1), ("α", 1),
    ])
  func columns(text: String, columns: Int) { #expect(DisplayWidth.of(text) == columns) }

  @Test("text that is cut keeps its beginning and its end, and no half character")
  func cut() {
    #expect(DisplayWidth.cut("random902000002", to: 9) == "rand…0002")
    #expect(DisplayWidth.cut("random902000002", to: 15) == "random902000002")
    #expect(DisplayWidth.cut("表面構造", to: 6) == "表…造")
    #expect(DisplayWidth.cut("e\u{301}abc", to: 2) == "e\u{301}…")
    #expect(DisplayWidth.cut("abc", to: 0) == "")
  }

  @Test("a log gets a line now and then though nothing happens, and none after the end")
  func log() {
    let lines = Guarded<[String]>([])
    let display = ProgressDisplay(
      .log, interval: .milliseconds(1), log: { line in lines.withLock { $0.append(line) } },
      line: { ProgressLine(done: 3, of: 4, "frames", seconds: 1) })
    for _ in 0..<10_000 where lines.withLock({ $0.count }) < 3 { usleep(1000) }
    display.end()
    #expect(lines.withLock { $0.count } >= 3)
    #expect(lines.withLock { $0.first } == "relax: 3 of 4 frames, 3.0/s, 0 s left")
  }

  @Test("who asks for quiet is not even counted for")
  func quiet() {
    let asked = Guarded(false)
    let total = InputTotal {
      asked.withLock { $0 = true }
      return 3
    }
    let progress = CountProgress(quiet: true, "frames", of: total)
    progress.receive(2)
    progress.end()
    #expect(!asked.withLock { $0 })
    // Else it is, once.
    for _ in 0..<10_000 where total.value == nil { usleep(1000) }
    #expect(total.value == 3 && asked.withLock { $0 })
  }
}
