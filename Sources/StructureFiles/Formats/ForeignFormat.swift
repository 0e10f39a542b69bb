// SPDX-License-Identifier: MIT

import Files
import RelaxNumerics

/// A format of other programs that is recognised, so that its name can be said, but not read.
struct ForeignFormat {
  /// With its article: `a POSCAR (VASP)`.
  var name: String
  /// What ASE calls it, so that it can convert it; nil if it cannot.
  var converter: String?

  /// What it is and how to get on.
  func complaint(about file: String) -> String {
    let reads = "this is \(name); structures are read from \(StructureFormats.names) files"
    guard let converter else { return reads }
    let shown = file == "standard input" ? "FILE" : PathText.shown(file)
    let isPlain = shown.utf8.allSatisfy { $0 > 32 && !"'\"\\$`&;|<>()*?[]#!~".utf8.contains($0) }
    let path = isPlain ? shown : "'\(shown)'"
    return reads + "; `ase convert -i \(converter) \(path) structures.extxyz` makes one"
  }

  /// The format of a file that begins so, by content, then by name.
  static func recognize(_ start: FileStart) -> ForeignFormat? {
    byText(start) ?? byName(FileName(start.file))
  }

  private static let pdb = ForeignFormat(
    name: "a PDB file (Protein Data Bank)", converter: "proteindatabank")
  private static let cube = ForeignFormat(name: "a Gaussian cube file", converter: "cube")
  private static let xsf = ForeignFormat(name: "an XSF file (XCrySDen)", converter: "xsf")
  private static let dump = ForeignFormat(name: "a LAMMPS dump", converter: "lammps-dump-text")
  private static let espresso = ForeignFormat(
    name: "an output of Quantum ESPRESSO", converter: "espresso-out")
  private static let espressoInput = ForeignFormat(
    name: "an input of Quantum ESPRESSO", converter: "espresso-in")

  private static func byText(_ start: FileStart) -> ForeignFormat? {
    let lines = start.lines(40)
    let trimmed = lines.map { $0.drop { $0.isWhitespace } }
    for line in trimmed.prefix(20) {
      if line.hasPrefix("CRYST1") || line.hasPrefix("HETATM") || line.hasPrefix("ATOM  ") {
        return pdb
      }
      if line.hasPrefix("ITEM: TIMESTEP") { return dump }
      if ["CRYSTAL", "PRIMVEC", "PRIMCOORD"].contains(line) { return xsf }
      if line.hasPrefix("Program PWSCF") { return espresso }
      if line.lowercased().hasPrefix("&control") { return espressoInput }
    }
    return nil
  }

  private static func byName(_ name: FileName) -> ForeignFormat? {
    switch name.kind {
    case "pdb": return pdb
    case "cube": return cube
    case "xsf": return xsf
    default: return nil
    }
  }

  /// Whether the second line is a scale of one or three numbers, and three vectors follow.
  static func isPoscar(_ lines: [String]) -> Bool {
    guard lines.count >= 5 else { return false }
    let scale = numbers(lines[1])
    return (scale == 1 || scale == 3) && lines[2..<5].allSatisfy { numbers($0) == 3 }
  }

  /// How many numbers a line consists of; nil if something else stands in it.
  static func numbers(_ line: String) -> Int? {
    let words = line.split(whereSeparator: \.isWhitespace)
    let isNumeric = words.allSatisfy { word in
      let bytes = Array(word.utf8)
      return (try? NumberText.double(in: bytes, 0..<bytes.count)) != nil
    }
    return isNumeric && !words.isEmpty ? words.count : nil
  }
}
