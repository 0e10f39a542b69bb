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
    byMagic(start.bytes) ?? byText(start) ?? byName(FileName(start.file))
  }

  private static let poscar = ForeignFormat(name: "a POSCAR (VASP)", converter: "vasp")
  private static let outcar = ForeignFormat(name: "an OUTCAR (VASP)", converter: "vasp-out")
  private static let vasprun = ForeignFormat(name: "a vasprun.xml (VASP)", converter: "vasp-xml")
  private static let cif = ForeignFormat(name: "a CIF", converter: "cif")
  private static let traj = ForeignFormat(name: "an ASE trajectory (.traj)", converter: "traj")
  private static let db = ForeignFormat(name: "an ASE database (.db)", converter: "db")
  private static let aseJSON = ForeignFormat(name: "an ASE database (.json)", converter: "json")
  private static let lmdb = ForeignFormat(name: "an LMDB database, such as OC20's", converter: nil)
  private static let pdb = ForeignFormat(
    name: "a PDB file (Protein Data Bank)", converter: "proteindatabank")
  private static let cube = ForeignFormat(name: "a Gaussian cube file", converter: "cube")
  private static let xsf = ForeignFormat(name: "an XSF file (XCrySDen)", converter: "xsf")
  private static let dump = ForeignFormat(name: "a LAMMPS dump", converter: "lammps-dump-text")
  private static let espresso = ForeignFormat(
    name: "an output of Quantum ESPRESSO", converter: "espresso-out")
  private static let espressoInput = ForeignFormat(
    name: "an input of Quantum ESPRESSO", converter: "espresso-in")

  private static func byMagic(_ bytes: [UInt8]) -> ForeignFormat? {
    if bytes.starts(with: "- of Ulm".utf8) { return traj }
    if bytes.starts(with: "SQLite format 3\0".utf8) { return db }
    // Behind the header of its first page, in the processor's order of bytes.
    if bytes.count >= 20, bytes[16..<20].elementsEqual([0xDE, 0xC0, 0xEF, 0xBE]) { return lmdb }
    return nil
  }

  private static func byText(_ start: FileStart) -> ForeignFormat? {
    let lines = start.lines(40)
    if isPoscar(lines) { return poscar }
    let trimmed = lines.map { $0.drop { $0.isWhitespace } }
    let words = String(decoding: start.bytes.prefix(2048), as: UTF8.self)
    if trimmed.prefix(3).contains(where: { $0.hasPrefix("vasp.") }) { return outcar }
    if words.contains("<modeling>") { return vasprun }
    if trimmed.contains(where: { $0.lowercased().hasPrefix("data_") }),
      words.contains("_cell_") || words.contains("loop_") || words.contains("_symmetry")
    {
      return cif
    }
    if words.first == "{", words.contains("\"unique_id\"") || words.contains("\"numbers\"") {
      return aseJSON
    }
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
    switch name.last.uppercased().prefix(while: { $0 != "." && $0 != "_" }) {
    case "POSCAR", "CONTCAR": return poscar
    case "OUTCAR": return outcar
    default: break
    }
    switch name.kind {
    case "vasp", "poscar": return poscar
    case "cif": return cif
    case "traj": return traj
    case "db": return db
    case "lmdb", "aselmdb": return lmdb
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
