// SPDX-License-Identifier: MIT

import CKernels

/// Published data of Grimme's D3 for the elements from hydrogen to plutonium, by atomic number from 1.
///
/// Grimme, Antony, Ehrlich and Krieg, J. Chem. Phys. 132, 154104 (2010); francium, radium and the
/// actinides Wittmann and others, Phys. Chem. Chem. Phys. 26, 21379 (2024).
public enum DispersionReference {
  /// There is data up to this atomic number.
  public static let elementCount = 94

  /// Coordination numbers of the reference systems of an element, one to seven.
  public static func coordinationNumbers(of element: Int) -> [Double] {
    systems(of: element).map { relax_dispersion_coordination($0) }
  }

  /// C6 in atomic units of each reference system of element `a` with each of element `b`.
  public static func c6(_ a: Int, _ b: Int) -> [[Double]] {
    systems(of: a).map { one in systems(of: b).map { relax_dispersion_c6(one, $0) } }
  }

  /// ⟨r⁴⟩ / ⟨r²⟩ of an element in atomic units.
  public static func moment(of element: Int) -> Double {
    relax_dispersion_moment(index(of: element))
  }

  /// Covalent radius of an element in Å; coordination numbers are counted with 4/3 of it.
  public static func covalentRadius(of element: Int) -> Double {
    relax_dispersion_covalent_radius(index(of: element))
  }

  /// The distance in Å within which dispersion between two elements is damped to zero.
  public static func pairRadius(_ a: Int, _ b: Int) -> Double {
    relax_dispersion_pair_radius(index(of: a), index(of: b))
  }

  private static func systems(of element: Int) -> Range<Int32> {
    let index = index(of: element)
    return relax_dispersion_first_reference(index)..<relax_dispersion_first_reference(index + 1)
  }

  private static func index(of element: Int) -> Int32 {
    precondition((1...elementCount).contains(element), "no data for element \(element)")
    return Int32(element) - 1
  }
}
