// SPDX-License-Identifier: MIT

/// A chemical element, by its atomic number 1–118.
public struct Element: Hashable, Comparable, Sendable, CustomStringConvertible {
  /// Number of protons.
  public let atomicNumber: UInt8

  /// The element with this atomic number, if there is one.
  public init?(atomicNumber: Int) {
    guard (1...Element.symbols.count).contains(atomicNumber) else { return nil }
    self.atomicNumber = UInt8(atomicNumber)
  }

  /// The element with this symbol in its usual spelling (`Cu`).
  public init?(symbol: String) {
    guard let number = Element.numbers[symbol] else { return nil }
    atomicNumber = number
  }

  /// Usual symbol, such as `Cu`.
  public var symbol: String { Element.symbols[Int(atomicNumber) - 1] }

  /// The symbol, as in structure files.
  public var description: String { symbol }

  /// Covalent radius in Å.
  ///
  /// Cordero et al., Dalton Trans. 2008, 2832 (sp³ carbon, low-spin metals); 2.0 Å where that
  /// table ends, at curium.
  public var covalentRadius: Double {
    let index = Int(atomicNumber) - 1
    return index < Element.covalentRadii.count ? Element.covalentRadii[index] : 2.0
  }

  /// Orders by atomic number.
  public static func < (a: Element, b: Element) -> Bool { a.atomicNumber < b.atomicNumber }

  /// Symbols in the order of atomic numbers, hydrogen first.
  public static let symbols: [String] = """
    H He Li Be B C N O F Ne Na Mg Al Si P S Cl Ar K Ca Sc Ti V Cr Mn Fe Co Ni Cu Zn Ga Ge As Se \
    Br Kr Rb Sr Y Zr Nb Mo Tc Ru Rh Pd Ag Cd In Sn Sb Te I Xe Cs Ba La Ce Pr Nd Pm Sm Eu Gd Tb Dy \
    Ho Er Tm Yb Lu Hf Ta W Re Os Ir Pt Au Hg Tl Pb Bi Po At Rn Fr Ra Ac Th Pa U Np Pu Am Cm Bk Cf \
    Es Fm Md No Lr Rf Db Sg Bh Hs Mt Ds Rg Cn Nh Fl Mc Lv Ts Og
    """.split(separator: " ").map(String.init)

  private static let numbers: [String: UInt8] = Dictionary(
    uniqueKeysWithValues: zip(symbols, UInt8(1)...))

  private static let covalentRadii: [Double] = [
    0.31, 0.28, 1.28, 0.96, 0.84, 0.76, 0.71, 0.66, 0.57, 0.58, 1.66, 1.41, 1.21, 1.11, 1.07, 1.05,
    1.02, 1.06, 2.03, 1.76, 1.70, 1.60, 1.53, 1.39, 1.39, 1.32, 1.26, 1.24, 1.32, 1.22, 1.22, 1.20,
    1.19, 1.20, 1.20, 1.16, 2.20, 1.95, 1.90, 1.75, 1.64, 1.54, 1.47, 1.46, 1.42, 1.39, 1.45, 1.44,
    1.42, 1.39, 1.39, 1.38, 1.39, 1.40, 2.44, 2.15, 2.07, 2.04, 2.03, 2.01, 1.99, 1.98, 1.98, 1.96,
    1.94, 1.92, 1.92, 1.89, 1.90, 1.87, 1.87, 1.75, 1.70, 1.62, 1.51, 1.44, 1.41, 1.36, 1.36, 1.32,
    1.45, 1.46, 1.48, 1.40, 1.50, 1.50, 2.60, 2.21, 2.15, 2.06, 2.00, 1.96, 1.90, 1.87, 1.80, 1.69,
  ]
}
