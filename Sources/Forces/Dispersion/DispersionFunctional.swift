// SPDX-License-Identifier: MIT

import RelaxNumerics

/// The parameters of D3 that were fitted for one density functional and one damping.
struct DispersionFunctional: Hashable {
  /// How dispersion is kept from growing at short distances.
  enum Damping: String, CaseIterable {
    /// Becke's and Johnson's; Grimme, Ehrlich and Goerigk, J. Comput. Chem. 32, 1456 (2011).
    case bj
    /// To zero; Grimme, Antony, Ehrlich and Krieg, J. Chem. Phys. 132, 154104 (2010).
    case zero
  }

  /// Letters and digits, lower case: `pbe`, `b3lyp`.
  let name: String
  let damping: Damping
  /// Scales r⁻⁶ and r⁻⁸.
  let s6: Double, s8: Double
  /// Of the damping radius: a1 and a2 (Bohr) of `bj`, the factors rs6 and rs8 of `zero`.
  let radius: (Double, Double)
  /// DOI of the paper that has them; nil where none is known.
  let source: String?

  static func == (a: DispersionFunctional, b: DispersionFunctional) -> Bool {
    a.name == b.name && a.damping == b.damping
  }

  func hash(into hasher: inout Hasher) {
    hasher.combine(name)
    hasher.combine(damping)
  }

  /// How a name is looked up: hyphens, slashes and the like do not matter, nor capitals.
  static func spelled(_ name: String) -> String {
    name.lowercased().filter { $0.isLetter || $0.isNumber }
  }

  /// The functional of this name in any spelling, or nil.
  static func named(_ name: String, _ damping: Damping) -> DispersionFunctional? {
    functionals(damping)[spelled(name)]
  }

  /// All that have parameters for `damping`, by their first name, in alphabetical order.
  static func names(_ damping: Damping) -> [String] {
    functionals(damping).filter { $0.key == $0.value.name }.keys.sorted()
  }

  /// What to write in place of `name`, which has no parameters for `damping`; one to three lines.
  static func hint(_ name: String, _ damping: Damping) -> String {
    let others = Damping.allCases.filter { $0 != damping && named(name, $0) != nil }
    if let other = others.first {
      return "there are no parameters of D3 for \(name) with damping=\(damping.rawValue), "
        + "only with damping=\(other.rawValue)"
    }
    let all = functionals(damping)
    let near = Spelling.nearest(to: spelled(name), among: all.keys.sorted())
    let usual = ["pbe", "rpbe", "pbesol", "revpbe", "r2scan", "bp86", "b3lyp", "pbe0", "hse06"]
      .filter { all[$0] != nil }
    return "there are no parameters of D3 for the functional `\(name)`"
      + (near.map { "; did you mean `\($0)`?" } ?? ".")
      + " Of \(names(damping).count) that have some with damping=\(damping.rawValue), "
      + "the usual ones are \(Spelling.list(usual))"
  }

  private static func functionals(_ damping: Damping) -> [String: DispersionFunctional] {
    damping == .bj ? rational : zero
  }

  private static let rational = table(.bj, rationalDampings)
  private static let zero = table(.zero, zeroDampings)

  private static func table(
    _ damping: Damping, _ lines: String
  ) -> [String: DispersionFunctional] {
    var table: [String: DispersionFunctional] = [:]
    for line in lines.split(separator: "\n") {
      let columns = line.split(separator: " ")
      let numbers = columns.dropFirst().prefix(4).compactMap { Double($0) }
      precondition(columns.count == 6 && numbers.count == 4, "not a line of parameters: \(line)")
      let names = columns[0].split(separator: ",").map(String.init)
      let functional = DispersionFunctional(
        name: names[0], damping: damping, s6: numbers[0], s8: numbers[1],
        radius: (numbers[2], numbers[3]), source: columns[5] == "-" ? nil : String(columns[5]))
      for name in names { table[name] = functional }
    }
    return table
  }
}
