// SPDX-License-Identifier: MIT

import RelaxNumerics
import TestSupport
import Testing

@testable import Reporting

/// One table as CSV, LaTeX and HTML, whatever ids hold.
@Suite("Tables in every form")
struct TableFormsTests {
  static let hostile = [
    "plain", "a,b", "say \"hi\"", "two\nlines", "cr\rlf\r\n", "=cmd()", "'=cmd()", "''+1", "@x",
    "-x",
    "-12", "+1e3", "'", "", " blank ", "</script><img src=x onerror=alert(1)>", "a_b%c\\d",
    "#{$}~^&|<>`*[--]", "\u{202E}rtl", "Å→∞中", "e\u{301}", "\u{0}\u{7}", "\t=tab",
  ]

  static func table(_ ids: [String]) -> ResultTable {
    var table = ResultTable(
      "structures", caption: "All of them",
      columns: [
        .init("id", .left, key: "id"), .init("distance", unit: "Å", key: "distance"),
        .init("95 % interval", keys: ["low", "high"]), .hidden("steps"),
        .init("ended", .left, key: "status", role: .choice), .init("words", .left, keys: []),
      ])
    for (index, id) in ids.enumerated() {
      let x = Double(index) / 3 - 1
      table.append(
        .structure(id: id, number: index % 2 == 0 ? index : nil), .number(x, decimals: 4),
        .range(x, x * 1e-7, decimals: 2), .count(index == 1 ? nil : index), .text("converged"),
        .text("only for people"))
    }
    return table
  }

  @Test("CSV: ids come back, numbers to the last bit, a range in two fields, missing ones empty")
  func csv() throws {
    let csv = try CSVFile(Self.table(Self.hostile).csv())
    #expect(csv.header == ["id", "distance", "low", "high", "steps", "status"])
    let ids = try #require(csv["id"])
    for (read, id) in zip(ids, Self.hostile) {
      #expect(Self.unguarded(read) == id, "\(read.debugDescription)")
      // A spreadsheet computes what begins so, unless it is a number.
      let isSafe = read.utf8.first.map { !"=+-@\t\r".utf8.contains($0) } ?? true
      #expect(isSafe || Double(read) != nil, "\(read.debugDescription)")
    }
    for (index, id) in Self.hostile.enumerated() {
      let x = Double(index) / 3 - 1
      #expect(csv["distance"].map { Double($0[index]) } == x, "\(id)")
      #expect(csv["low"].map { Double($0[index]) } == x)
      #expect(csv["high"].map { Double($0[index]) } == x * 1e-7)
      #expect(csv["steps"]?[index] == (index == 1 ? "" : "\(index)"))
    }
  }

  static func unguarded(_ text: String) -> String {
    let scalars = text.unicodeScalars
    let behind = scalars.drop { $0 == "'" }
    guard scalars.first == "'", let first = behind.first, "=+-@\t\r".unicodeScalars.contains(first)
    else { return text }
    return String(scalars.dropFirst())
  }

  @Test("Any string is one field of CSV, and comes back")
  func randomFields() throws {
    var random = SeededGenerator(seed: 5)
    let pieces = [",", "\"", "\n", "\r", "\r\n", "'", "=", "-", "+", "1", " ", "\t", "é", "x", "@"]
    for _ in 0..<3000 {
      let text = (0..<random.below(7)).map { _ in pieces[random.below(pieces.count)] }.joined()
      var table = ResultTable(columns: [.init("x", .left), .init("y", .left)])
      table.append(.text(text), .text(text))
      table.append(.text("next"), .missing)
      let csv = try CSVFile(table.csv())
      #expect(csv.records.count == 2 && csv["x"] == csv["y"].map { [$0[0], "next"] })
      let read = try #require(csv["x"]?.first)
      #expect(Array(Self.unguarded(read).utf8) == Array(text.utf8), "\(text.debugDescription)")
    }
  }

  @Test("An empty table is its header; a row of one empty field is not an empty line")
  func small() throws {
    var table = ResultTable(columns: [.init("x", .left)])
    table.placeholder = "none"
    #expect(table.csv() == "x\n")
    #expect(table.text() == "  x\n  ────\n  none\n")
    table.append(.missing)
    #expect(table.csv() == "x\n\"\"\n")
  }

  @Test("LaTeX: a row a structure, as many cells as columns, nothing unescaped outside ASCII")
  func latex() throws {
    var table = Self.table(Self.hostile)
    table.notes = ["50 % of all_of_them"]
    for isLong in [false, true] {
      table.isLong = isLong
      let text = table.latex()
      #expect(text.utf8.allSatisfy { $0 < 128 })
      let lines = text.split(separator: "\n")
      let rows = lines.filter { $0.hasSuffix("\\\\") && $0.contains("converged") }
      #expect(rows.count == Self.hostile.count)
      for row in rows {
        #expect(row.replacing("\\&", with: "").split(separator: "&").count == 5, "\(row)")
        // Every sign that means something has a backslash before it, and braces close.
        let bare = row.replacing(/\$(\\[a-z]+|[-^_0-9{}\\a-z]+)\$/, with: "")
          .replacing(/\\[%#$_{}&]/, with: "")
        #expect(!bare.contains(/[%#$_^~]/), "\(row)")
        #expect(bare.count { $0 == "{" } == bare.count { $0 == "}" }, "\(row)")
      }
      #expect(text.contains(#"a\_b\%c\textbackslash{}d & "#))
      #expect(text.contains("distance (\\AA{})") && text.contains("$-$1.0000"))
      #expect(text.contains("50 \\% of all\\_of\\_them"))
      #expect(text.contains("\\label{tab:structures}") && text.contains("\\toprule"))
      #expect(text.contains("{[U+4E2D]}"), "what pdfLaTeX has no letter for is named")
    }
  }

  @Test("HTML: ids stay text, those to be seen are links, and numbers keep their digits")
  func html() throws {
    let page = Self.table(Self.hostile).html()
    #expect(HTMLCheck.tagsBalance(in: page))
    #expect(!page.contains("<img") && !page.contains("</script"))
    #expect(page.components(separatedBy: "<tr>").count == Self.hostile.count + 2)
    #expect(
      page.matches(of: /<a class="structure" href="#structures" data-structure="(\d+)"/).map {
        Int($0.1)
      } == Array(stride(from: 0, to: Self.hostile.count, by: 2)))
    #expect(page.contains("data-value=\"-0.6666666666666667\">-0.6667</td>"))
    #expect(page.contains("data-parts=\"low high\"") && page.contains("data-kind=\"choice\""))
    #expect(page.contains("<td class=\"name\" data-value=\"\u{202E}rtl\"><a "))
    #expect(page.contains("title=\"\\u{202e}rtl\">\\u{202e}rtl</a>"))
    #expect(!page.contains("steps"), "what is for programs only is not shown")
  }

  @Test("A terminal lists the first rows and says how many there are; CSV and page have all")
  func shortened() throws {
    var table = Self.table((0..<25).map { "s\($0)" })
    table.shortened = 10
    #expect(table.text().hasSuffix("\n\n  and 15 more, all of them in the JSON report\n"))
    #expect(table.text().contains("  s9 ") && !table.text().contains("s10"))
    #expect(table.markdown().contains("| s9 |") && !table.markdown().contains("s10"))
    #expect(try CSVFile(table.csv()).records.count == 25)
    #expect(table.html().contains(">s24<"))
    #expect(!table.text().contains("steps"))
  }
}
