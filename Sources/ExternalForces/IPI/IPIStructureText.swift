// SPDX-License-Identifier: MIT

import Files
import RelaxNumerics
import StructureFiles
import Structures

/// Structures as JSON in the text of INIT, and what a driver that takes them answers.
///
/// The protocol itself never says which atoms there are: both sides must be told. Here the server says it all
/// the same, to drivers that care: `numbers` (atomic numbers), `cell` (three vectors, Å), `pbc` (three truth
/// values) and `id`. Most drivers do not, and Quantum ESPRESSO trips over any text longer than one byte; so INIT
/// is one NUL at first, and a driver that says NEEDINIT once more, right after it, gets the JSON; those that are known
/// to read all of a text (`ConnectedProgram`) get it at once. If it took it it
/// says so in its extras, which is JSON too: `{"relax": {"structure": true}}`; from then on each other structure
/// is told, whether the driver says NEEDINIT or READY.
enum IPIStructureText {
  /// What INIT says about `structure`.
  static func text(of structure: Structure, cell: Cell) -> [UInt8] {
    var members: [JSONText.Member] = [
      .init("numbers", .array(structure.elements.map { .integer(Int($0.atomicNumber)) })),
      .init(
        "cell",
        .array(
          [cell.a, cell.b, cell.c].map { .array([.number($0.x), .number($0.y), .number($0.z)]) })),
      .init("pbc", .array((0..<3).map { .boolean(cell.periodicity[$0]) })),
    ]
    // An id must not look like a wish for batches.
    if let id = structure.identifier, !id.contains(IPIBatch.key) {
      members.append(.init("id", .string(id)))
    }
    return Array(JSONText.object(members).text(.oneLine).utf8)
  }

  /// The structure that the text of INIT holds; its atoms have no positions yet.
  ///
  /// - Returns: nil for a text without one.
  /// - Throws: kind `nonsense` for one that cannot be.
  static func structure(in text: ArraySlice<UInt8>) throws(ExchangeError) -> Structure? {
    guard let json = try? JSONText(parsing: Array(text.prefix { $0 != 0 })),
      let numbers = json["numbers"], let cell = json["cell"], let pbc = json["pbc"]
    else { return nil }
    guard case .array(let items) = numbers, !items.isEmpty else {
      throw .nonsense("the numbers in the JSON of INIT are no list of atomic numbers")
    }
    var elements: [Element] = []
    for item in items {
      guard case .integer(let number) = item, let element = Element(atomicNumber: number) else {
        throw .nonsense("the numbers in the JSON of INIT are not all atomic numbers")
      }
      elements.append(element)
    }
    let components = flat(cell)
    guard components.count == 9 else {
      throw .nonsense("the cell in the JSON of INIT is not three vectors")
    }
    let flags = flat(pbc)
    guard flags.count == 3 else {
      throw .nonsense("the pbc in the JSON of INIT is not three truth values")
    }
    let vectors = WireNumbers.vectors(components[...])
    var structure = Structure(
      elements: elements, positions: Array(repeating: .zero, count: elements.count),
      cell: Cell(
        vectors[0], vectors[1], vectors[2],
        periodicity: Periodicity(flags[0] != 0, flags[1] != 0, flags[2] != 0)))
    if let tags = try whole(json, "tags", of: elements.count) { structure.tags = tags }
    if let fixed = try whole(json, "fixed", of: elements.count) {
      structure.moveMask = MoveMask(free: fixed.map { $0 == 0 })
    }
    if case .object(let members)? = json["info"] {
      structure.attributes = members.compactMap { Attribute(name: $0.key, json: $0.value) }
    }
    return structure
  }

  /// Whole numbers or truth values, one an atom; nil where nothing is said.
  private static func whole(
    _ json: JSONText, _ key: String, of atoms: Int
  ) throws(ExchangeError) -> [Int]? {
    guard let value = json[key] else { return nil }
    let numbers = flat(value).compactMap { Int(exactly: $0) }
    guard numbers.count == atoms else {
      throw .nonsense("the \(key) in the JSON of INIT are not one whole number an atom")
    }
    return numbers
  }

  /// All numbers of nested lists; truth values are 0 and 1.
  private static func flat(_ json: JSONText) -> [Double] {
    switch json {
    case .array(let items): items.flatMap(flat)
    case .boolean(let value): [value ? 1 : 0]
    default: json.number.map { [$0] } ?? []
    }
  }
}

/// What a driver of ours says in its extras, and what a server understands of anybody's.
struct IPIExtras: Equatable {
  /// Whether the structure came from INIT.
  var tookStructure = false
  /// Whether the energy is a number that means nothing, since there is none.
  var lacksEnergy = false

  /// One NUL where there is nothing to say, since some servers trip over no bytes at all.
  var bytes: [UInt8] {
    var members: [JSONText.Member] = []
    if tookStructure { members.append(.init("structure", true)) }
    if lacksEnergy { members.append(.init("energy", false)) }
    guard !members.isEmpty else { return [0] }
    return Array(JSONText.object([.init("relax", .object(members))]).text(.oneLine).utf8)
  }

  /// What we say.
  init(tookStructure: Bool, lacksEnergy: Bool) {
    (self.tookStructure, self.lacksEnergy) = (tookStructure, lacksEnergy)
  }

  /// What a driver says; most say nothing, a NUL, or JSON of their own.
  ///
  /// One that sends back `numbers` has understood them, too.
  init(_ bytes: [UInt8], about structure: Structure) {
    guard let json = try? JSONText(parsing: Array(bytes.prefix { $0 != 0 })) else { return }
    lacksEnergy = json["relax"]?["energy"] == false
    let numbers = JSONText.array(structure.elements.map { .integer(Int($0.atomicNumber)) })
    tookStructure = json["relax"]?["structure"] == true || json["numbers"] == numbers
  }
}

/// Batches, an extension of i-PI's: several geometries of one structure in one message.
enum IPIBatch {
  /// What stands before the colon and the number.
  static let key = "batch_size"
  /// More geometries than anybody sends at once.
  private static let most = 1 << 16

  /// How many geometries each POSDATA will hold, as the text of INIT says; 1 where it says nothing.
  ///
  /// - Throws: kind `nonsense` for a number that is none.
  static func size(in text: ArraySlice<UInt8>) throws(ExchangeError) -> Int {
    let text = String(decoding: text, as: UTF8.self)
    let parts = text.split(separator: key, maxSplits: 1, omittingEmptySubsequences: false)
    guard parts.count == 2 else { return 1 }
    let rest = parts[1].drop { $0 == " " || $0 == "\"" || $0 == "'" }
    guard rest.first == ":" || rest.first == "=" else { return 1 }
    let digits = rest.dropFirst().drop { $0 == " " }.prefix { $0.isASCII && $0.isNumber }
    guard let size = Int(digits), (1...most).contains(size) else {
      throw .nonsense("the batch_size in INIT is not a number from 1 to \(most)")
    }
    return size
  }
}
