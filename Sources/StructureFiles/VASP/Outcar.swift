// SPDX-License-Identifier: MIT

import Files
import RelaxNumerics
import Structures

/// VASP's `OUTCAR`.
struct Outcar: StructureFormat {
  let name = "OUTCAR"
  let endings = ["outcar"]
  let encoder: (any FrameEncoder)? = nil

  func recognizes(_ start: FileStart) -> Bool {
    start.lines(3).contains { line in line.drop { $0.isWhitespace }.hasPrefix("vasp.") }
  }

  func isName(_ name: FileName) -> Bool {
    let word = name.last.uppercased().prefix { $0 != "." && $0 != "_" && $0 != "-" }
    return word == "OUTCAR" || name.kind.map(endings.contains) ?? false
  }

  func frames(of file: StructureInput) throws(FileError) -> any FrameSource {
    try OutcarReader(file)
  }
}

/// Reads the ionic steps one after the other; each has its number as `fid`, and `scf_converged`.
///
/// An OUTCAR does not say which atoms are fixed: that is taken from the CONTCAR beside it, else the POSCAR, as
/// ASE does.
final class OutcarReader: FrameSource {
  let file: String
  private(set) var warning: FileError?
  let isCalculation = true
  let energies: String? = VASPUnits.energies

  private var scanner: LineScanner
  private let identifier: String
  private var index = 0
  private var hasEnded = false
  /// Whether the times were met that VASP writes at its end.
  private var isComplete = false
  private var species: [String] = []
  private var counts: [Int] = []
  private var elements: [Element] = []
  private var mask: MoveMask?
  private var mostElectronicSteps: Int?
  private var step = OutcarStep()
  private var hasStep = false

  init(_ input: StructureInput) throws(FileError) {
    file = input.start.file
    identifier = StructureReader.folderOrBaseName(of: file)
    scanner = LineScanner(input.bytes, file: file, capacity: input.capacity)
    guard let path = input.path else { return }
    let folder = path.lastIndex(of: "/").map { String(path[...$0]) } ?? ""
    for name in ["CONTCAR", "POSCAR"] where FileSystem.status(folder + name)?.st_size ?? 0 > 0 {
      let structure = try StructureReader(path: folder + name).next()?.structure()
      mask = structure?.moveMask
      break
    }
  }

  func next() throws(FileError) -> Frame? {
    guard !hasEnded else { return nil }
    while true {
      try scanner.skipBlankLines()
      guard let line = try nextLine() else { break }
      if try take(line) {
        defer {
          index += 1
          (step, hasStep) = (OutcarStep(), false)
        }
        let content = step.structure(
          elements, mask, most: mostElectronicSteps, fid: index)
        return Frame(
          index: index, line: scanner.line, identifier: identifier,
          content: content.mapError { error in
            FileError(.content, file: file, part: "step \(index + 1)", error.reason)
          })
      }
    }
    hasEnded = true
    if hasStep || !isComplete || index == 0 {
      warning = try cutRun(index, file: file, line: scanner.line)
    }
    return nil
  }

  private func nextLine() throws(FileError) -> Range<Int>? {
    guard let range = try scanner.nextLine() else { return nil }
    var start = range.lowerBound
    while start < range.upperBound, scanner.bytes[start] == 32 { start += 1 }
    return start..<range.upperBound
  }

  /// Looks at a line, without the blanks that it begins with.
  ///
  /// - Returns: whether a step has ended with it.
  private func take(_ line: Range<Int>) throws(FileError) -> Bool {
    guard let first = line.first.map({ scanner.bytes[$0] }) else { return false }
    switch first {
    case UInt8(ascii: "P"):
      if begins(line, "POTCAR:") { try takeSpecies(line) }
      if begins(line, "POSITION  ") { try takeAtoms() }
    case UInt8(ascii: "i"):
      if begins(line, "ions per type =") {
        counts = try words(line).dropFirst(4).map { (word) throws(FileError) in
          guard let count = Int(word), count >= 0, count < 1 << 24 else {
            throw error("\(Excerpt.quote(word)) is no number of ions")
          }
          return count
        }
      }
      if begins(line, "in kB ") {
        let numbers = numbers(line).dropFirst(0)
        step.stress = numbers.count == 6 ? Array(numbers) : nil
      }
    case UInt8(ascii: "N"):
      if begins(line, "NELM "), mostElectronicSteps == nil {
        let text = String(decoding: scanner.bytes[line], as: UTF8.self)
        mostElectronicSteps = Int(
          text.drop { $0 != "=" }.dropFirst().drop { $0 == " " }.prefix { $0.isNumber })
      }
    case UInt8(ascii: "-"):
      if contains(line, "Iteration") {
        hasStep = true
        step.electronicSteps += 1
        if elements.isEmpty { try makeElements() }
      } else if contains(line, "EDIFF was not reached") {
        step.isUnconverged = true
      }
    case UInt8(ascii: "d"):
      if begins(line, "direct lattice vectors") { try takeCell() }
    case UInt8(ascii: "F"):
      if begins(line, "FREE ENERGIE OF THE ION-ELECTRON SYSTEM"), index > 0 || hasStep {
        return try takeEnergies()
      }
    case UInt8(ascii: "G"):
      if begins(line, "General timing and accounting") { isComplete = true }
    default: break
    }
    return false
  }

  // MARK: - Parts

  /// `POTCAR:    PAW_PBE Fe_pv 02Aug2007`, twice for each species.
  private func takeSpecies(_ line: Range<Int>) throws(FileError) {
    let words = words(line)
    let isAllElectron = contains(line, "1/r potential")
    let place = isAllElectron ? 1 : 2
    guard place < words.count else { throw error("expected the symbol of an element") }
    let symbol = String(words[place].prefix { $0 != "_" }.filter(\.isLetter))
    guard Element(symbol: symbol) != nil else {
      throw error("\(Excerpt.quote(words[place])) is not the symbol of an element")
    }
    species.append(symbol)
    guard species.count < 10_000 else { throw error("there are too many potentials") }
  }

  private func makeElements() throws(FileError) {
    let names = species.prefix((species.count + 1) / 2)
    guard names.count == counts.count, !names.isEmpty else {
      throw error(
        "\(Excerpt.count(names.count, "potential")) but \(Excerpt.count(counts.count, "number")) of ions before "
          + "the first step")
    }
    guard counts.reduce(0, +) < 1 << 24 else { throw error("there are more than 16 million ions") }
    for (name, count) in zip(names, counts) {
      guard let element = Element(symbol: name) else { continue }
      elements += repeatElement(element, count: count)
    }
  }

  private func takeCell() throws(FileError) {
    var rows: [Vector3] = []
    for _ in 0..<3 {
      guard let line = try nextLine() else { return }
      let numbers = numbers(line)
      guard numbers.count >= 3 else { break }
      rows.append(Vector3(numbers[0], numbers[1], numbers[2]))
    }
    step.cell = rows.count == 3 ? Cell(rows[0], rows[1], rows[2]) : nil
  }

  private func takeAtoms() throws(FileError) {
    guard try nextLine() != nil else { return }
    var positions: [Vector3] = []
    var forces: [Vector3] = []
    for _ in elements {
      guard let line = try nextLine() else { return }
      let numbers = numbers(line)
      guard numbers.count == 6 else {
        (step.positions, step.forces) = (nil, nil)
        step.hasOverflow = true
        return
      }
      positions.append(Vector3(numbers[0], numbers[1], numbers[2]))
      forces.append(Vector3(numbers[3], numbers[4], numbers[5]))
    }
    (step.positions, step.forces) = (positions, forces)
  }

  /// Whether the block of energies is complete, which ends a step.
  private func takeEnergies() throws(FileError) -> Bool {
    var lines: [[Double]] = []
    for _ in 0..<4 {
      guard let line = try nextLine() else { return false }
      lines.append(numbers(line))
    }
    // `free  energy   TOTEN  = E eV` and `energy  without entropy= E  energy(sigma->0) = E`.
    (step.freeEnergy, step.energy) = (lines[1].first, lines[3].count == 2 ? lines[3][1] : nil)
    return true
  }

  // MARK: - Lines

  private func begins(_ line: Range<Int>, _ text: StaticString) -> Bool {
    text.withUTF8Buffer { text in
      line.count >= text.count
        && scanner.bytes[line.lowerBound..<line.lowerBound + text.count].elementsEqual(text)
    }
  }

  private func contains(_ line: Range<Int>, _ text: String) -> Bool {
    String(decoding: scanner.bytes[line], as: UTF8.self).contains(text)
  }

  private func words(_ line: Range<Int>) -> [String] {
    scanner.bytes[line].split { $0 == 32 || $0 == 9 }.map { String(decoding: $0, as: UTF8.self) }
  }

  /// The numbers among the words of a line; those that stand without a blank before their sign are told apart.
  private func numbers(_ line: Range<Int>) -> [Double] {
    var spaced: [UInt8] = []
    for index in line {
      let byte = scanner.bytes[index]
      if byte == UInt8(ascii: "-"), let last = spaced.last, (48...57).contains(last) {
        spaced.append(32)
      }
      spaced.append(byte == UInt8(ascii: "=") ? 32 : byte)
    }
    return spaced.split { $0 == 32 || $0 == 9 }.compactMap { word in
      let bytes = Array(word)
      return try? NumberText.double(in: bytes, 0..<bytes.count)
    }
  }

  private func error(_ message: String) -> FileError {
    FileError(.framing, file: file, line: scanner.line, message)
  }
}

/// What a step of a run says, before it is a structure.
struct OutcarStep {
  var cell: Cell?
  var positions: [Vector3]?
  var forces: [Vector3]?
  /// xx, yy, zz, xy, yz, zx in kbar.
  var stress: [Double]?
  var electronicSteps = 0
  var isUnconverged = false
  /// Whether a number was too long for its column, which VASP fills with stars.
  var hasOverflow = false
  var freeEnergy: Double?
  var energy: Double?

  /// The structure, or what is wrong with it.
  func structure(
    _ elements: [Element], _ mask: MoveMask?, most: Int?, fid: Int
  ) -> Result<Structure, DataError> {
    guard let cell, let positions, let forces, positions.count == elements.count else {
      return .failure(
        ASERow.unusable(
          hasOverflow
            ? "a position or force is no number; VASP writes stars where one is too long"
            : "it has no cell, or no positions"))
    }
    guard positions.allSatisfy(\.isFinite) else {
      return .failure(ASERow.unusable("a position is not finite"))
    }
    if let defect = cell.defect {
      return .failure(ASERow.unusable("the cell is unusable: \(defect)"))
    }
    guard mask == nil || mask?.freedoms.count == elements.count else {
      return .failure(
        ASERow.unusable("the CONTCAR or POSCAR beside the file has another number of atoms"))
    }
    var structure = Structure(
      elements: elements, positions: positions, cell: cell, moveMask: mask, energy: energy,
      forces: forces)
    if let freeEnergy {
      structure.attributes.append(Attribute(name: "free_energy", numbers: [freeEnergy]))
    }
    if let stress {
      let values = stress.map { -$0 * 1e-1 * VASPUnits.gigapascal }
      let voigt = [0, 1, 2, 4, 5, 3].map { values[$0] }
      structure.attributes.append(
        Attribute(name: "stress", numbers: ASERow.voigt.map { voigt[$0] }))
    }
    structure.attributes.append(Attribute(name: "fid", text: "\(fid)"))
    if let most {
      let isConverged = !isUnconverged && electronicSteps < most
      structure.attributes.append(
        Attribute(name: "scf_converged", text: isConverged ? "T" : "F"))
    }
    return .success(structure)
  }
}
