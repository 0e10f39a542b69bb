// SPDX-License-Identifier: MIT

import Files
import RelaxNumerics
import Structures

/// VASP's `vasprun.xml`.
struct Vasprun: StructureFormat {
  let name = "vasprun.xml"
  let endings = ["xml"]
  let encoder: (any FrameEncoder)? = nil

  func recognizes(_ start: FileStart) -> Bool {
    String(decoding: start.bytes.prefix(2048), as: UTF8.self).contains("<modeling>")
  }

  func frames(of file: StructureInput) throws(FileError) -> any FrameSource {
    VasprunReader(file.bytes, file: file.start.file, capacity: file.capacity)
  }
}

/// Reads the ionic steps one after the other; each has its number as `fid`, and `scf_converged`.
///
/// Energies are those that ASE takes: the closing free energy without p V, and that extrapolated to zero width
/// by the difference of the last electronic step. A run that was cut gives its complete steps and a warning.
final class VasprunReader: FrameSource {
  let file: String
  private(set) var warning: FileError?
  let isCalculation = true
  let energies: String? = VASPUnits.energies

  private var xml: XMLScanner
  private let identifier: String
  private var index = 0
  private var hasEnded = false
  private var elements: [Element] = []
  private var mask: MoveMask?
  /// Electronic steps at most, and the pressure in kbar.
  private var mostElectronicSteps: Int?
  private var pressure = 0.0
  private var step = VasprunStep()

  init(_ bytes: any ByteSource, file: String, capacity: Int) {
    self.file = file
    identifier = StructureReader.folderOrBaseName(of: file)
    xml = XMLScanner(bytes, file: file, capacity: capacity)
  }

  func next() throws(FileError) -> Frame? {
    guard !hasEnded else { return nil }
    do throws(FileError) {
      if let frame = try readStep() { return frame }
    } catch {
      hasEnded = true
      guard error.kind == .framing, xml.hasEnded else { throw error }
      warning = try cutRun(index, file: file, line: error.line)
      return nil
    }
    hasEnded = true
    if index == 0 { _ = try cutRun(0, file: file, line: nil) }
    return nil
  }

  /// Reads up to the end of the next ionic step.
  private func readStep() throws(FileError) -> Frame? {
    while let event = try xml.nextEvent() {
      switch event {
      case .start(let name): try begin(name)
      case .end("calculation"):
        if xml.path.count == 1 {
          defer { index += 1 }
          let content = step.structure(
            elements, mask, pressure: pressure, most: mostElectronicSteps, fid: index)
          step = VasprunStep()
          return Frame(
            index: index, line: xml.line, identifier: identifier,
            content: content.mapError { error in
              FileError(.content, file: file, part: "step \(index + 1)", error.reason)
            })
        }
      default: break
      }
    }
    return nil
  }

  private func begin(_ name: String) throws(FileError) {
    let path = xml.path
    switch name {
    case "eigenvalues", "dos", "projected", "kpoints", "dielectricfunction", "generator":
      try xml.skipElement()
    case "i" where path.contains("parameters") || path.contains("incar"):
      switch xml.attribute("name") {
      case "NELM":
        // Linear response has a NELM of its own, further on.
        if mostElectronicSteps == nil { mostElectronicSteps = Int(try text()) }
      case "PSTRESS": pressure = Double(try text()) ?? pressure
      default: break
      }
    case "array" where path.last == "array" && path.dropLast().last == "atominfo":
      if xml.attribute("name") == "atoms" { try readElements() }
    case "structure":
      let which = xml.attribute("name")
      if path.count == 2, which == "initialpos" {
        let initial = try readStructure()
        guard let fixed = initial.fixed else { return }
        guard let cell = initial.cell else { return }
        do throws(DataError) {
          mask = try MoveMask(selective: fixed, cell)
        } catch { throw FileError(.framing, file: file, error.reason) }
      } else if path.count == 3, path[1] == "calculation" {
        let structure = try readStructure()
        (step.cell, step.positions) = (structure.cell, structure.positions)
      } else {
        try xml.skipElement()
      }
    case "scstep" where path.count == 3: step.electronicSteps += 1
    case "i" where path.last == "i" && path.dropLast().last == "energy" && path[1] == "calculation":
      guard let which = xml.attribute("name"), which == "e_fr_energy" || which == "e_0_energy"
      else {
        return
      }
      let value = Double(try text())
      let isFree = which == "e_fr_energy"
      if path.count == 4 {
        if isFree { step.closingFree = value } else { step.closingZero = value }
      } else if path.count == 5, path[2] == "scstep" {
        if isFree { step.lastFree = value } else { step.lastZero = value }
      }
    case "varray" where path.count == 3 && path[1] == "calculation":
      switch xml.attribute("name") {
      case "forces":
        step.forces = try readVectors()
        if step.forces == nil { step.hasOverflow = true }
      case "stress":
        step.stress = try readVectors()
        if step.stress == nil { step.hasOverflow = true }
      default: try xml.skipElement()
      }
    default: break
    }
  }

  /// The text of the element that begins here.
  private func text() throws(FileError) -> String {
    var text = ""
    let depth = xml.path.count
    while let event = try xml.nextEvent() {
      if event == .text { text += xml.trimmedText }
      if case .end = event, xml.path.count < depth { break }
    }
    return text
  }

  private func readElements() throws(FileError) {
    let depth = xml.path.count
    var isFirst = false
    var elements: [Element] = []
    while let event = try xml.nextEvent() {
      switch event {
      case .start("rc"): isFirst = true
      case .start("c") where isFirst:
        isFirst = false
        let symbol = try text()
        guard let element = Element(symbol: symbol) else {
          throw xml.error("\(Excerpt.quote(symbol)) is not the symbol of an element")
        }
        elements.append(element)
      case .end where xml.path.count < depth:
        self.elements = elements
        return
      default: break
      }
    }
  }

  private func readStructure() throws(FileError) -> (
    cell: Cell?, positions: [Vector3]?, fixed: [[Bool]]?
  ) {
    let depth = xml.path.count
    var basis: [Vector3]?
    var positions: [Vector3]?
    var fixed: [[Bool]]?
    while let event = try xml.nextEvent() {
      if case .end = event, xml.path.count < depth { break }
      guard event == .start("varray") else { continue }
      switch xml.attribute("name") {
      case "basis": basis = try readVectors()
      case "positions": positions = try readVectors()
      case "selective": fixed = try readFlags()
      default: try xml.skipElement()
      }
    }
    guard let basis, basis.count == 3 else { return (nil, positions, fixed) }
    return (Cell(basis[0], basis[1], basis[2]), positions, fixed)
  }

  /// The vectors of the element that begins here; nil if a number overflowed, which VASP writes as stars.
  private func readVectors() throws(FileError) -> [Vector3]? {
    let depth = xml.path.count
    var vectors: [Vector3] = []
    var isSound = true
    var bounds = [UInt32](repeating: 0, count: 8)
    while let event = try xml.nextEvent() {
      if case .end = event, xml.path.count < depth { break }
      guard event == .text, xml.path.last == "v" else { continue }
      let bytes = xml.text.map { $0 == 10 || $0 == 13 ? 32 : $0 }
      let count = NumberText.split(bytes, 0..<bytes.count, into: &bounds)
      let numbers = (0..<min(count, 4)).compactMap { k in
        try? NumberText.double(in: bytes, Int(bounds[2 * k])..<Int(bounds[2 * k + 1]))
      }
      if count == 3, numbers.count == 3 {
        vectors.append(Vector3(numbers[0], numbers[1], numbers[2]))
        guard vectors.count <= 1 << 22 else {
          throw FileError(
            .framing, file: file, line: xml.line, "there are more than 4 million vectors")
        }
      } else {
        isSound = false
      }
    }
    return isSound ? vectors : nil
  }

  private func readFlags() throws(FileError) -> [[Bool]] {
    let depth = xml.path.count
    var flags: [[Bool]] = []
    while let event = try xml.nextEvent() {
      if case .end = event, xml.path.count < depth { break }
      guard event == .text, xml.path.last == "v" else { continue }
      let words = xml.trimmedText.split { $0.isWhitespace }
      guard words.count == 3, words.allSatisfy({ $0 == "T" || $0 == "F" }) else {
        throw xml.error("expected three of T and F")
      }
      flags.append(words.map { $0 == "F" })
    }
    return flags
  }
}

/// What is to be said of a run that was cut behind its first `steps`.
///
/// - Throws: kind `framing`, if there are none.
func cutRun(_ steps: Int, file: String, line: Int?) throws(FileError) -> FileError {
  guard steps > 0 else {
    throw FileError(
      .framing, file: file, line: line, "the run has no ionic step that is complete; was it cut?")
  }
  return FileError(
    .framing, file: file, line: line,
    "the run was cut behind step \(steps): \(Excerpt.count(steps, "complete step")) can be read")
}
