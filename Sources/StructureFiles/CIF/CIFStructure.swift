// SPDX-License-Identifier: MIT

import CLibrary
import Files
import RelaxNumerics
import Structures

/// The structure that a block of a CIF describes: its sites, repeated by its symmetry operations.
struct CIFStructure {
  private let block: CIFBlock

  init(_ block: CIFBlock) { self.block = block }

  /// All atoms of the cell, those of the first site first, each within the cell.
  ///
  /// Sites closer to each other than a thousandth of the cell are one.
  ///
  /// - Throws: kind `content`, if sites are partly occupied, or something is missing.
  func structure() throws(DataError) -> Structure {
    let cell = try cell()
    let operations = try operations()
    let symbols = try symbols()
    let sites = try sites(cell)
    guard symbols.count == sites.count else {
      throw ASERow.unusable("\(symbols.count) symbols for \(sites.count) sites")
    }
    try requireFullOccupancy()
    // Images of a site are compared with each other.
    guard operations.count <= 1000, sites.count <= 10_000_000,
      sites.count * operations.count * operations.count <= 1_000_000_000
    else {
      throw ASERow.unusable("\(operations.count) operations on \(sites.count) sites are too many")
    }
    var elements: [Element] = []
    var places: [Vector3] = []
    for (element, site) in zip(symbols, sites) {
      let first = places.count
      for operation in operations {
        let place = operation.apply(site)
        // Only images of one site are compared: two atoms at one place are an error that must show.
        if places[first...].contains(where: { CIFStructure.areEqual($0, place) }) { continue }
        elements.append(element)
        places.append(place)
      }
    }
    return Structure(elements: elements, positions: places.map { cell.cartesian($0) }, cell: cell)
  }

  private static func areEqual(_ a: Vector3, _ b: Vector3) -> Bool {
    let d = a - b
    return [d.x, d.y, d.z].allSatisfy { abs($0) < 1e-3 || abs(abs($0) - 1) < 1e-3 }
  }

  // MARK: - Parts

  private func number(_ text: String, _ name: String) throws(DataError) -> Double {
    // `1.234(5)` has its uncertainty in brackets.
    let bytes = Array(text.utf8.prefix { $0 != UInt8(ascii: "(") })
    guard let value = try? NumberText.double(in: bytes, 0..<bytes.count), value.isFinite else {
      throw ASERow.unusable("\(Excerpt.quote(text)) of \(name) is no number")
    }
    return value
  }

  private func cell() throws(DataError) -> Cell {
    func parameter(_ name: String) throws(DataError) -> Double {
      guard let text = block.column(name)?.first else {
        throw ASERow.unusable("\(name) is missing")
      }
      return try number(text, name)
    }
    let (a, b, c) = (
      try parameter("_cell_length_a"), try parameter("_cell_length_b"),
      try parameter("_cell_length_c")
    )
    let alpha = try parameter("_cell_angle_alpha")
    let beta = try parameter("_cell_angle_beta")
    let gamma = try parameter("_cell_angle_gamma")
    guard let vectors = Cell.vectors(lengths: [a, b, c], angles: [alpha, beta, gamma]) else {
      throw ASERow.unusable("angles of \(alpha), \(beta) and \(gamma)° span no cell")
    }
    let cell = Cell(vectors.a, vectors.b, vectors.c)
    if let defect = cell.defect { throw ASERow.unusable("the cell is unusable: \(defect)") }
    return cell
  }

  private func symbols() throws(DataError) -> [Element] {
    guard let names = block.column("_atom_site_type_symbol", "_atom_site_label") else {
      throw ASERow.unusable("neither _atom_site_type_symbol nor _atom_site_label is there")
    }
    return try names.map { (name) throws(DataError) in
      let letters = name.prefix { $0.isLetter && $0.isASCII }
      let two = String(letters.prefix(1)).uppercased() + letters.dropFirst().prefix(1)
      let second = letters.dropFirst().first?.isLowercase ?? false
      let symbol = second ? two : String(two.prefix(1))
      guard let element = Element(symbol: symbol == "D" || symbol == "T" ? "H" : symbol) else {
        throw ASERow.unusable("\(Excerpt.quote(name)) is not the symbol of an element")
      }
      return element
    }
  }

  private func sites(_ cell: Cell) throws(DataError) -> [Vector3] {
    for (names, isCartesian) in [
      (["_atom_site_fract_x", "_atom_site_fract_y", "_atom_site_fract_z"], false),
      (["_atom_site_cartn_x", "_atom_site_cartn_y", "_atom_site_cartn_z"], true),
    ] {
      guard let x = block.column(names[0]), let y = block.column(names[1]),
        let z = block.column(names[2]), x.count == y.count, x.count == z.count
      else { continue }
      return try x.indices.map { (index) throws(DataError) in
        let place = Vector3(
          try number(x[index], names[0]), try number(y[index], names[1]),
          try number(z[index], names[2]))
        return isCartesian ? cell.fractional(place) : place
      }
    }
    throw ASERow.unusable("the coordinates of the sites are missing")
  }

  private func requireFullOccupancy() throws(DataError) {
    for text in block.values["_atom_site_occupancy"] ?? [] where !CIFBlock.isUnknown(text) {
      let occupancy = try number(text, "_atom_site_occupancy")
      guard abs(occupancy - 1) < 1e-6 else {
        throw ASERow.unusable(
          "a site has an occupancy of \(occupancy): disordered crystals are no structures; make one of them first"
        )
      }
    }
  }

  // MARK: - Symmetry

  private func operations() throws(DataError) -> [SymmetryOperation] {
    let number = block.column("_space_group_it_number", "_symmetry_int_tables_number")?.first
    if let texts = block.column(
      "_space_group_symop_operation_xyz", "_symmetry_equiv_pos_as_xyz")
    {
      let operations = try texts.map { (text) throws(DataError) in
        guard let operation = SymmetryOperation(text), operation.isRegular else {
          throw ASERow.unusable(
            "\(Excerpt.quote(text)) is no symmetry operation such as -x,y+1/2,z")
        }
        return operation
      }
      guard operations.contains(.identity) else {
        throw ASERow.unusable("its symmetry operations lack x,y,z")
      }
      guard operations.count > 1 || number == nil || number == "1" else {
        throw ASERow.unusable(
          "it is of space group \(Excerpt.name(number ?? "")), but x,y,z is its only symmetry operation"
        )
      }
      return operations
    }
    let symbol = block.column(
      "_space_group_name_h-m_alt", "_symmetry_space_group_name_h-m", "_space_group_name_hall",
      "_symmetry_space_group_name_hall")?.first?.filter { $0 != " " && $0 != "_" }
    guard number == nil || number == "1", symbol == nil || symbol == "P1" else {
      throw ASERow.unusable(
        "it is of space group \(Excerpt.name(symbol ?? number ?? "")), but lists no symmetry operations "
          + "(_space_group_symop_operation_xyz)")
    }
    return [.identity]
  }
}

/// An operation such as `-x, y+1/2, z`: x ↦ R x + t, in fractional coordinates.
struct SymmetryOperation: Hashable {
  /// R by rows.
  private var rows: [Vector3]
  private var shift: Vector3

  static let identity = SymmetryOperation(
    rows: [Vector3(1, 0, 0), Vector3(0, 1, 0), Vector3(0, 0, 1)], shift: .zero)

  private init(rows: [Vector3], shift: Vector3) { (self.rows, self.shift) = (rows, shift) }

  /// Whether it takes the lattice to itself.
  var isRegular: Bool {
    let isWhole = rows.allSatisfy {
      $0.x == $0.x.rounded() && $0.y == $0.y.rounded() && $0.z == $0.z.rounded()
    }
    return isWhole && abs(rows[0].dot(rows[1].cross(rows[2]))) == 1
  }

  /// From its text; nil if that is none.
  init?(_ text: String) {
    let parts = text.lowercased().filter { !$0.isWhitespace }.split(
      separator: ",", omittingEmptySubsequences: false)
    guard parts.count == 3 else { return nil }
    self = .identity
    for (row, part) in parts.enumerated() {
      guard let (direction, shift) = SymmetryOperation.row(Array(part.utf8)) else { return nil }
      rows[row] = direction
      self.shift[row] = shift
    }
  }

  /// `x-y+1/2` as factors of x, y and z, and a number.
  private static func row(_ text: [UInt8]) -> (Vector3, Double)? {
    var direction = Vector3.zero
    var shift = 0.0
    var at = 0
    var hasTerm = false
    while at < text.count {
      var sign = 1.0
      if text[at] == UInt8(ascii: "+") || text[at] == UInt8(ascii: "-") {
        sign = text[at] == UInt8(ascii: "-") ? -1 : 1
        at += 1
      } else if hasTerm {
        return nil
      }
      var stop = at
      while stop < text.count, text[stop] == 46 || (47...57).contains(text[stop]) { stop += 1 }
      var factor: Double?
      if stop > at {
        let fraction = text[at..<stop].split(separator: 47, omittingEmptySubsequences: false)
        let numbers = fraction.compactMap { word in
          let bytes = Array(word)
          return try? NumberText.double(in: bytes, 0..<bytes.count)
        }
        guard numbers.count == fraction.count, numbers.count <= 2 else { return nil }
        guard numbers.count == 1 || numbers[1] != 0 else { return nil }
        factor = numbers.count == 2 ? numbers[0] / numbers[1] : numbers[0]
        at = stop
        if at < text.count, text[at] == UInt8(ascii: "*") { at += 1 }
      }
      if at < text.count, (UInt8(ascii: "x")...UInt8(ascii: "z")).contains(text[at]) {
        direction[Int(text[at] - UInt8(ascii: "x"))] += sign * (factor ?? 1)
        at += 1
      } else if let factor {
        shift += sign * factor
      } else {
        return nil
      }
      hasTerm = true
    }
    return hasTerm ? (direction, shift) : nil
  }

  /// Where it takes a site, within the cell.
  func apply(_ site: Vector3) -> Vector3 {
    var place = Vector3.zero
    for axis in 0..<3 {
      let value = rows[axis].dot(site) + shift[axis]
      let wrapped = value - value.rounded(.down)
      // A tiny negative number would come out as 1.
      place[axis] = wrapped < 1 ? wrapped : 0
    }
    return place
  }
}
