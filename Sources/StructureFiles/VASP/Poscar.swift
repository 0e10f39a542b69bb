// SPDX-License-Identifier: MIT

import CLibrary
import Files
import RelaxNumerics
import Structures

/// VASP's structures: POSCAR, CONTCAR, and the heads of CHGCAR and the like.
struct Poscar: StructureFormat {
  let name = "POSCAR"
  let endings = ["vasp", "poscar"]
  let encoder: (any FrameEncoder)? = PoscarEncoder()
  let holdsOneStructure = true

  func recognizes(_ start: FileStart) -> Bool { ForeignFormat.isPoscar(start.lines(6)) }

  func isName(_ name: FileName) -> Bool {
    let word = name.last.uppercased().prefix { $0 != "." && $0 != "_" && $0 != "-" }
    return name.kind.map(endings.contains) ?? false || ["POSCAR", "CONTCAR"].contains(word)
  }

  func frames(of file: StructureInput) throws(FileError) -> any FrameSource {
    PoscarReader(file.bytes, file: file.start.file, capacity: file.capacity)
  }
}

/// Reads the one structure of a file; what follows its atoms (velocities, predictor, density) is passed over.
final class PoscarReader: FrameSource {
  let file: String
  private var lines: WordLines
  private var isDone = false

  init(_ bytes: any ByteSource, file: String, capacity: Int) {
    self.file = file
    lines = WordLines(bytes, file: file, capacity: capacity)
  }

  func next() throws(FileError) -> Frame? {
    guard !isDone else { return nil }
    isDone = true
    let content: Result<Structure, FileError>
    do throws(FileError) {
      content = .success(try structure())
    } catch {
      guard error.kind == .content else { throw error }
      content = .failure(error)
    }
    try lines.verifyRest()
    return Frame(
      index: 0, line: 1, identifier: StructureReader.folderOrBaseName(of: file), content: content)
  }

  // MARK: - Parts

  private func structure() throws(FileError) -> Structure {
    try lines.advance("a comment")
    let comment = lines.words.map { lines.text($0) }
    let scale = try scaling()
    try lines.advance("the first lattice vector")
    let a = try lines.vector(0, "a lattice vector")
    try lines.advance("the second lattice vector")
    let b = try lines.vector(0, "a lattice vector")
    try lines.advance("the third lattice vector")
    let c = try lines.vector(0, "a lattice vector")
    let factors = try factors(scale, a, b, c)
    let cell = Cell(a * factors, b * factors, c * factors)
    if let defect = cell.defect { throw lines.error("the cell is unusable: \(defect)") }
    let elements = try species(comment)
    try lines.advance("Direct, Cartesian or Selective dynamics")
    let isSelective = lines.first == UInt8(ascii: "s")
    if isSelective { try lines.advance("Direct or Cartesian") }
    let isCartesian = try mode()
    var positions: [Vector3] = []
    var fixed: [[Bool]] = []
    for atom in elements.indices {
      try lines.advance("atom \(atom + 1) of the \(elements.count) that are announced")
      let numbers = try lines.vector(0, "the position of atom \(atom + 1)")
      positions.append(isCartesian ? numbers * factors : cell.cartesian(numbers))
      if isSelective {
        fixed.append(try flags())
      } else if lines.words.count >= 6, (try? flags()) != nil {
        throw lines.error(
          "T and F stand behind the position, but no line says 'Selective dynamics', so VASP overlooks them; "
            + "add that line or remove them", at: 3)
      }
    }
    try requireEnd(after: elements.count)
    var structure = Structure(elements: elements, positions: positions, cell: cell)
    if isSelective { structure.moveMask = try mask(fixed, cell) }
    return structure
  }

  private func scaling() throws(FileError) -> [Double] {
    try lines.advance("the scale of the lattice")
    let count = lines.words.prefix { !lines.isComment($0) }.count
    guard count == 1 || count == 3 else {
      throw lines.error("expected a scale of one or three numbers, found \(count)")
    }
    let scale = try (0..<count).map { (place) throws(FileError) in
      try lines.number(place, "a scale")
    }
    if count == 3, !scale.allSatisfy({ $0 > 0 }) {
      throw lines.error("three scales must all be positive")
    }
    if scale[0] == 0 { throw lines.error("the scale is 0") }
    return scale
  }

  private func factors(
    _ scale: [Double], _ a: Vector3, _ b: Vector3, _ c: Vector3
  ) throws(FileError) -> Vector3 {
    if scale.count == 3 { return Vector3(scale[0], scale[1], scale[2]) }
    guard scale[0] < 0 else { return Vector3(scale[0], scale[0], scale[0]) }
    // A negative number is the volume.
    let ratio = -scale[0] / a.dot(b.cross(c))
    guard ratio.isFinite else { throw lines.error("the lattice vectors span no volume") }
    let factor = cbrt(ratio)
    return Vector3(factor, factor, factor)
  }

  private func species(_ comment: [String]) throws(FileError) -> [Element] {
    try lines.advance("the elements, or how many atoms there are of each")
    var names: [String]?
    if lines.integer(0) == nil {
      names = lines.words.prefix { !lines.isComment($0) }.map { lines.text($0) }
      try lines.advance("how many atoms there are of each element")
    }
    var counts: [Int] = []
    for (place, word) in lines.words.enumerated() {
      if lines.isComment(word) { break }
      guard let count = lines.integer(place), count >= 0 else {
        throw lines.error(
          "\(lines.quote(word)) is no number of atoms; expected one for each element", at: place)
      }
      counts.append(count)
    }
    let symbols = names ?? comment
    guard symbols.count == counts.count else {
      guard names == nil else {
        throw lines.error(
          "\(Excerpt.count(symbols.count, "element")) in the line before, but "
            + "\(Excerpt.count(counts.count, "number")) of atoms")
      }
      throw lines.error(
        "this POSCAR is of VASP 4: it does not say its elements. Write their symbols, one for each of the "
          + "\(counts.count) numbers, into a line before this one, or as the comment in line 1")
    }
    var elements: [Element] = []
    for (name, count) in zip(symbols, counts) {
      // `Fe_pv` and `Cu/9a8b` name a potential.
      let symbol = String(name.prefix { $0 != "_" && $0 != "/" })
      guard let element = Element(symbol: symbol) else {
        throw lines.error(
          names == nil
            ? "this POSCAR is of VASP 4, and \(Excerpt.quote(name)) in line 1 is no element; write the symbols "
              + "into a line before this one"
            : "\(Excerpt.quote(name)) is not the symbol of an element")
      }
      guard count <= PoscarReader.mostAtoms - elements.count else {
        throw lines.error("more than \(PoscarReader.mostAtoms) atoms are announced")
      }
      elements += repeatElement(element, count: count)
    }
    guard !elements.isEmpty else { throw lines.error("this structure has no atoms") }
    return elements
  }

  /// More atoms than this are no structure but a mistake.
  private static let mostAtoms = 10_000_000

  private func mode() throws(FileError) -> Bool {
    guard let letter = lines.first, (97...122).contains(letter) else {
      throw lines.error("expected Direct or Cartesian")
    }
    if lines.words.count > 1, lines.text(lines.words[1]).hasPrefix("configuration") {
      throw lines.error("this is an XDATCAR, which is not read; vasprun.xml has the same steps")
    }
    return letter == UInt8(ascii: "c") || letter == UInt8(ascii: "k")
  }

  private func flags() throws(FileError) -> [Bool] {
    guard lines.words.count >= 6 else {
      throw lines.error("expected a position and three of T and F")
    }
    return try (3..<6).map { (place) throws(FileError) in
      let word = lines.text(lines.words[place]).lowercased().drop { $0 == "." }
      switch word.first {
      case "t": return false
      case "f": return true
      default: throw lines.error("\(lines.quote(lines.words[place])) is neither T nor F", at: place)
      }
    }
  }

  private func mask(_ fixed: [[Bool]], _ cell: Cell) throws(FileError) -> MoveMask {
    do throws(DataError) {
      return try MoveMask(selective: fixed, cell)
    } catch { throw FileError(.content, file: file, error.reason) }
  }

  private func requireEnd(after count: Int) throws(FileError) {
    guard try lines.advance() else { return }
    guard lines.words.count < 3 || (0..<3).contains(where: { lines.double($0) == nil }) else {
      throw lines.error(
        "another position behind the \(Excerpt.count(count, "atom")) that are announced; velocities begin with "
          + "an empty line")
    }
  }
}

extension MoveMask {
  /// Selective dynamics: which fractional coordinates of each atom are fixed.
  ///
  /// - Throws: kind `content`, if a direction that an atom may not take is no Cartesian axis.
  init(selective fixed: [[Bool]], _ cell: Cell) throws(DataError) {
    var freedoms: [Freedom] = []
    var isByAtoms = true
    for (atom, flags) in fixed.enumerated() {
      guard let freedom = Freedom(fixedAlongLattice: flags, cell) else {
        throw ASERow.unusable(
          "atom \(atom + 1) is fixed along lattice vectors that are no Cartesian axes, which is not possible here"
        )
      }
      if freedom != .free && freedom != .fixed { isByAtoms = false }
      freedoms.append(freedom)
    }
    self =
      isByAtoms ? MoveMask(free: freedoms.map { $0 == .free }) : MoveMask(components: freedoms)
  }
}
