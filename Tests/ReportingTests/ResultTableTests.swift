// SPDX-License-Identifier: MIT

import Testing

@testable import Reporting

struct ResultTableTests {
  private var table: ResultTable {
    var table = ResultTable(
      "splits", title: "Splits",
      columns: [
        .init("split", .left, key: "name"), .init("structures"), .init("ADwT", key: "adwt"),
      ])
    table.append(.name("val_id"), .count(50), .share(0.649321))
    table.append(.name("Å"), .count(1500), .share(nil))
    table.notes = ["strictly below"]
    return table
  }

  @Test("Words to the left, numbers to the right, characters counted as they are seen")
  func layout() {
    #expect(
      table.text() == """
        Splits

          split    structures      ADwT
          ──────   ──────────   ───────
          val_id           50   64.93 %
          Å              1500         –

          strictly below

        """)
  }

  @Test("Plain characters only, if asked")
  func ascii() {
    let text = table.text(style: .ascii)
    #expect(text.contains("  ------   ----------   -------\n"))
    // An id stays what it is; a dash of ours does not.
    #expect(text.contains("  Å              1500         -\n"))
  }

  @Test("Without title, headers and notes only rows are left, and no line ends in blanks")
  func bare() {
    var table = ResultTable(columns: [.init("", .left), .init("", .left)])
    table.append(.text("a"), .empty)
    table.append(.text("long\tname\u{1b}[31m"), .text("x"))
    #expect(table.text() == "  a\n  long?name?[31m   x\n")
    #expect(ResultTable(columns: [.init("x")]).text() == "  x\n  ─\n")
  }

  @Test(
    "Numbers for reading",
    arguments: [
      (0.05, 3, "0.050"), (-0.05, 1, "-0.1"), (-0.04, 1, "0.0"), (12.5, 0, "13"),
      (999.996, 2, "1000.00"),
      (0, 4, "0.0000"), (1e300, 2, "1e300"), (-1.23456789e22, 4, "-1.23457e22"),
      (9.9999999e30, 1, "1e31"), (.greatestFiniteMagnitude, 0, "1.79769e308"), (.nan, 2, "–"),
      (-.infinity, 2, "–"),
      (2.0 / 3, 12, "0.666666666667"),
    ])
  func decimals(value: Double, decimals: Int, text: String) {
    #expect(Decimals.fixed(value, decimals) == text)
  }

  @Test("Shares in percent, and what is not known")
  func percent() {
    #expect(Decimals.percent(0.314421768707483) == "31.44 %")
    #expect(Decimals.percent(1, 0) == "100 %")
    #expect(Decimals.percent(nil) == "–")
    #expect(Decimals.percent(.nan) == "–")
  }
}
