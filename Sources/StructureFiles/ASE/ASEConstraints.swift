// SPDX-License-Identifier: MIT

import Files
import RelaxNumerics
import Structures

/// ASE's constraints as masks, where they are some.
enum ASEConstraints {
  /// The mask that all of `constraints`, as `todict` has them, make together; nil for none.
  ///
  /// - Throws: kind `content`, if one of them is no mask of Cartesian components, by its name.
  static func mask(
    _ constraints: [JSONText], count: Int, cell: Cell
  ) throws(DataError) -> MoveMask? {
    guard !constraints.isEmpty else { return nil }
    var freedoms = [Freedom](repeating: .free, count: count)
    var isByAtoms = true
    for constraint in constraints {
      guard case .string(let name) = constraint["name"] else {
        throw ASERow.unusable("a constraint has no name")
      }
      let arguments = constraint["kwargs"] ?? .object([])
      let left = try left(name, arguments, cell)
      let atoms = try indices(arguments["indices"] ?? arguments["a"], count: count, name)
      if left != .fixed { isByAtoms = false }
      for atom in atoms { freedoms[atom].formIntersection(left) }
    }
    return isByAtoms
      ? MoveMask(free: freedoms.map { $0 == .free }) : MoveMask(components: freedoms)
  }

  /// What a constraint leaves to its atoms.
  private static func left(
    _ name: String, _ arguments: JSONText, _ cell: Cell
  ) throws(DataError) -> Freedom {
    switch name {
    case "FixAtoms": return .fixed
    case "FixCartesian":
      let fixed = try flags(arguments["mask"] ?? .array([true, true, true]), name)
      return Freedom(fixed: fixed)
    case "FixScaled":
      let fixed = try flags(arguments["mask"] ?? .array([true, true, true]), name)
      guard let left = Freedom(fixedAlongLattice: fixed, cell) else {
        throw refusal(name, "the lattice directions that it fixes are no Cartesian axes")
      }
      return left
    case "FixedPlane", "FixedLine":
      guard let axis = try axis(arguments["direction"], name) else {
        throw refusal(name, "its direction is no Cartesian axis")
      }
      let along = Freedom(rawValue: 1 << UInt8(axis))
      return name == "FixedLine" ? along : Freedom.free.subtracting(along)
    default: throw refusal(name, "it is no mask of atoms or of their Cartesian components")
    }
  }

  private static func refusal(_ name: String, _ reason: String) -> DataError {
    ASERow.unusable(
      "the constraint \(Excerpt.name(name)) cannot be kept: \(reason); remove it, for example by "
        + "`atoms.set_constraint()`")
  }

  /// Indices as Python counts them: −1 is the last atom.
  private static func indices(
    _ value: JSONText?, count: Int, _ name: String
  ) throws(DataError) -> [Int] {
    guard let value, let numbers = numbers(value) else {
      throw refusal(name, "it names no atoms")
    }
    return try numbers.map { (number) throws(DataError) in
      guard let index = Int(exactly: number), index >= -count, index < count else {
        throw ASERow.unusable("the constraint \(name) is of atom \(number), which is not there")
      }
      return index < 0 ? count + index : index
    }
  }

  private static func flags(_ value: JSONText, _ name: String) throws(DataError) -> [Bool] {
    guard let numbers = numbers(value), numbers.count == 3 else {
      throw refusal(name, "its mask has no three flags")
    }
    return numbers.map { $0 != 0 }
  }

  private static func axis(_ value: JSONText?, _ name: String) throws(DataError) -> Int? {
    guard let value, let direction = numbers(value), direction.count == 3 else {
      throw refusal(name, "it has no direction")
    }
    let used = (0..<3).filter { direction[$0] != 0 }
    return used.count == 1 ? used[0] : nil
  }

  /// Numbers and truth values of a list, or of an array as ASE writes it.
  private static func numbers(_ value: JSONText) -> [Double]? {
    switch value {
    case .integer, .number: return value.number.map { [$0] }
    case .array(let values):
      var numbers: [Double] = []
      for value in values {
        if case .boolean(let flag) = value {
          numbers.append(flag ? 1 : 0)
        } else if let number = value.number {
          numbers.append(number)
        } else {
          return nil
        }
      }
      return numbers
    case .object:
      guard case .array(let parts) = value["__ndarray__"], parts.count == 3 else { return nil }
      return numbers(parts[2])
    default: return nil
    }
  }
}

extension Freedom {
  /// What is left where some Cartesian components are fixed.
  init(fixed: [Bool]) {
    self = .free
    for (axis, isFixed) in fixed.enumerated() where isFixed {
      remove(Freedom(rawValue: 1 << UInt8(axis)))
    }
  }

  /// What is left where fractional coordinates along some lattice vectors are fixed, as selective dynamics of
  /// VASP and ASE's FixScaled do; nil if that is no matter of Cartesian components.
  init?(fixedAlongLattice fixed: [Bool], _ cell: Cell) {
    let free = (0..<3).filter { !fixed[$0] }
    func axis(_ direction: Vector3) -> Int? {
      let small = 1e-10 * direction.length
      let used = (0..<3).filter { abs(direction[$0]) > small }
      return used.count == 1 ? used[0] : nil
    }
    switch free.count {
    case 3: self = .free
    case 0: self = .fixed
    case 1:
      guard let axis = axis(cell.vector(free[0])) else { return nil }
      self = Freedom(rawValue: 1 << UInt8(axis))
    default:
      let normal = cell.vector(free[0]).cross(cell.vector(free[1]))
      guard let axis = axis(normal) else { return nil }
      self = Freedom.free.subtracting(Freedom(rawValue: 1 << UInt8(axis)))
    }
  }
}
