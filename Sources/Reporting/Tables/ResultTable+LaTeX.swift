// SPDX-License-Identifier: MIT

/// The table for a paper: a `table` with booktabs' rules, or a `longtable` if it has a row a structure.
extension ResultTable {
  /// The table as LaTeX, numbers rounded as they are shown.
  public func latex() -> String {
    let shown = visible.map { columns[$0] }
    // Columns of sentences share half of the line.
    let prose = visible.filter { column in
      columns[column].alignment == .left && rows.contains { $0[column].isProse }
    }
    let width = "p{\(Decimals.short(0.5 / Double(max(1, prose.count))))\\linewidth}"
    let marks = visible.map { column in
      columns[column].alignment == .right ? "r" : prose.contains(column) ? width : "l"
    }.joined()
    func line(_ cells: [String]) -> String {
      // A bracket behind `\\` would be its argument.
      cells.map { $0.hasPrefix("[") ? "{}" + $0 : $0 }.joined(separator: " & ") + " \\\\"
    }
    let head = line(shown.map { LaTeXText.escaped($0.name) })
    let body = rows.map { row in line(visible.map { LaTeXText.cell(row[$0]) }) }
    let caption = LaTeXText.escaped(self.caption.isEmpty ? name : self.caption)
    let label = "\\label{tab:\(name)}"
    let notes = notes.map(LaTeXText.escaped).joined(separator: " ")
    var lines: [String]
    if isLong {
      lines = [
        "\\begin{longtable}{\(marks)}", "\\caption{\(caption)}\(label) \\\\", "\\toprule", head,
        "\\midrule", "\\endfirsthead", "\\toprule", head, "\\midrule", "\\endhead", "\\bottomrule",
        "\\endfoot",
      ]
      lines += body + ["\\end{longtable}"]
      if !notes.isEmpty { lines.append("{\\footnotesize \(notes)\\par}") }
    } else {
      lines = [
        "\\begin{table}", "\\centering", "\\caption{\(caption)}", label,
        "\\begin{tabular}{\(marks)}",
        "\\toprule", head, "\\midrule",
      ]
      lines += body + ["\\bottomrule", "\\end{tabular}"]
      if !notes.isEmpty {
        lines += ["\\par\\smallskip", "\\parbox{\\linewidth}{\\footnotesize \(notes)}"]
      }
      lines.append("\\end{table}")
    }
    return lines.map { $0 + "\n" }.joined()
  }
}

/// Text in LaTeX.
enum LaTeXText {
  /// `tables` one after the other, with a word on what they need.
  static func document(_ tables: [ResultTable]) -> String {
    let packages = tables.contains(where: \.isLong) ? "booktabs,longtable" : "booktabs"
    return "% needs \\usepackage{\(packages)}\n\n"
      + tables.map { $0.latex() }.joined(separator: "\n")
  }

  /// A cell: a number has the minus sign that numbers have.
  static func cell(_ cell: ResultTable.Cell) -> String {
    let text = escaped(cell.shown)
    switch cell.values.first {
    case .number, .integer: return text.replacing("-", with: "$-$")
    default: return text
    }
  }

  /// `text` so that pdfLaTeX, with nothing loaded, prints it: what has a meaning is escaped, signs outside
  /// ASCII are commands, and characters that it has none for are named by their number.
  static func escaped(_ text: String) -> String {
    var result = ""
    for scalar in text.unicodeScalars {
      // Two hyphens would be a dash.
      if scalar == "-", result.last == "-" { result += "{}" }
      if let command = commands[scalar] {
        result += command
      } else if (32..<127).contains(scalar.value) {
        result.unicodeScalars.append(scalar)
      } else if scalar == "\n" || scalar == "\t" {
        result += " "
      } else {
        result += "{[U+" + String(scalar.value, radix: 16, uppercase: true) + "]}"
      }
    }
    return result
  }

  private static let commands: [Unicode.Scalar: String] = [
    "\\": "\\textbackslash{}", "{": "\\{", "}": "\\}", "$": "\\$", "&": "\\&", "#": "\\#",
    "%": "\\%", "_": "\\_", "^": "\\textasciicircum{}", "~": "\\textasciitilde{}",
    "<": "\\textless{}", ">": "\\textgreater{}", "|": "\\textbar{}", "\"": "\\texttt{\\char34}",
    "'": "{'}", "`": "{`}", "*": "{*}",
    "\u{C5}": "\\AA{}", "\u{212B}": "\\AA{}", "\u{E5}": "\\aa{}", "\u{A0}": "~",
    "\u{2013}": "--", "\u{2014}": "---", "\u{2212}": "$-$", "\u{2026}": "\\ldots{}",
    "\u{2018}": "`", "\u{2019}": "'", "\u{201C}": "``", "\u{201D}": "''",
    "\u{2192}": "$\\rightarrow$", "\u{D7}": "$\\times$", "\u{B7}": "$\\cdot$", "\u{B1}": "$\\pm$",
    "\u{B2}": "$^2$", "\u{B3}": "$^3$", "\u{B0}": "$^\\circ$", "\u{2264}": "$\\le$",
    "\u{2265}": "$\\ge$", "\u{B5}": "$\\mu$", "\u{3B1}": "$\\alpha$", "\u{3B2}": "$\\beta$",
    "\u{3B3}": "$\\gamma$", "\u{394}": "$\\Delta$", "\u{3BC}": "$\\mu$", "\u{3C3}": "$\\sigma$",
    "\u{2082}": "$_2$", "\u{2083}": "$_3$", "\u{2084}": "$_4$",
    "\u{E4}": "\\\"a", "\u{F6}": "\\\"o", "\u{FC}": "\\\"u", "\u{C4}": "\\\"A",
    "\u{D6}": "\\\"O", "\u{DC}": "\\\"U", "\u{DF}": "\\ss{}", "\u{E9}": "\\'e",
    "\u{E8}": "\\`e", "\u{E1}": "\\'a", "\u{F8}": "\\o{}", "\u{D8}": "\\O{}", "\u{E7}": "\\c{c}",
    "\u{F1}": "\\~n",
  ]
}
