// SPDX-License-Identifier: MIT

import RelaxNumerics
import Structures
import Testing

@testable import Forces

/// Stresses against ASE's, recorded by ASE 3.29 for one small structure in a sheared cell.
@Suite("Stresses")
struct StressTests {
  /// CO on two layers of copper with a platinum atom, all at odd places.
  static func slab(periodicAlongC: Bool) throws -> Structure {
    let elements = try ["Cu", "Cu", "Cu", "Cu", "Pt", "Cu", "C", "O"].map {
      try #require(Element(symbol: $0))
    }
    let positions: [Vector3] = [
      [0.05, 0.02, 0.01], [2.60, 0.10, 0.03], [1.22, 2.21, -0.04], [3.80, 2.18, 0.06],
      [1.30, 0.78, 2.11], [3.90, 0.70, 2.05], [1.40, 0.90, 4.00], [1.45, 1.05, 5.17],
    ]
    let cell = Cell(
      [5.1, 0.1, 0.0], [2.5, 4.4, -0.1], [0.3, -0.2, 9.0],
      periodicity: Periodicity(true, true, periodicAlongC))
    return Structure(elements: elements, positions: positions, cell: cell)
  }

  /// A provider, whether the third axis repeats, and ASE's energy (eV) and stress (eV/Å³).
  struct Recorded: Sendable {
    var provider: String, isPeriodicAlongC: Bool, energy: Double, stress: [Double]
  }

  static let recordings: [Recorded] = [
    Recorded(
      provider: "lj:sigma=1.6,epsilon=0.3,cutoff=5.0", isPeriodicAlongC: false,
      energy: 36.759169736402015,
      stress: [
        0.015662459059649504, -0.02506102366609591, -2.485018726700607, -0.32038079852387996,
        -0.10660459194728275, -0.013630149894308207,
      ]),
    Recorded(
      provider: "lj:sigma=1.6,epsilon=0.3,cutoff=5.0,onset=3.3", isPeriodicAlongC: false,
      energy: 36.737701405996,
      stress: [
        0.01578049347330831, -0.025003819729421756, -2.484932307472814, -0.3203808185566556,
        -0.10661856025637698, -0.013641094302423272,
      ]),
    Recorded(
      provider: "emt", isPeriodicAlongC: false, energy: 4.071942101876983,
      stress: [
        0.010787299770264032, 0.0035365409775522235, -0.005200125418782133,
        -0.0013539485828617031, -0.000514940558320161, 3.203048323762883e-05,
      ]),
    Recorded(
      provider: "lj:sigma=1.6,epsilon=0.3,cutoff=5.0", isPeriodicAlongC: true,
      energy: 36.749390102155964,
      stress: [
        0.01571260665994045, -0.025030395451084434, -2.484613666972659, -0.32037873283471513,
        -0.10660227493191986, -0.013629686611531092,
      ]),
    Recorded(
      provider: "lj:sigma=1.6,epsilon=0.3,cutoff=5.0,onset=3.3", isPeriodicAlongC: true,
      energy: 36.72948074922826,
      stress: [
        0.01581958782428997, -0.02497001829137066, -2.4844965584336314, -0.32038418484848424,
        -0.1066207673518793, -0.013641091006264818,
      ]),
    Recorded(
      provider: "emt", isPeriodicAlongC: true, energy: 4.064934643243944,
      stress: [
        0.010814314221750826, 0.0035679557438119047, -0.00496328306666983,
        -0.0013580525711073081, -0.0005199341262240083, 3.2624869143096806e-05,
      ]),
  ]

  @Test("are ASE's to 1e-12 eV/Å³, with every kernel set", arguments: recordings)
  func againstASE(_ expected: Recorded) throws {
    let structure = try Self.slab(periodicAlongC: expected.isPeriodicAlongC)
    for kernels in KernelSet.allCases where kernels <= .supported {
      let provider = try ProviderCatalog.analytic.provider(expected.provider, kernels: kernels)
      let found = try provider.evaluate(structure, wanting: [.energy, .stress])
      #expect(abs(try #require(found.energy) - expected.energy) < 1e-11)
      let stress = try #require(found.stress)
      for (a, b) in zip(stress.voigt, expected.stress) { #expect(abs(a - b) < 1e-12, "\(kernels)") }
    }
  }

  @Test("there is none without a volume, and none unasked")
  func noVolume() throws {
    var structure = try Self.slab(periodicAlongC: false)
    let cells = [
      Cell(structure.cell.a, structure.cell.b, .zero, periodicity: Periodicity(true, true, false)),
      .none,
    ]
    for provider in ["lj:sigma=1.6", "emt", "morse", "emt-morse"] {
      let provider = try ProviderCatalog.analytic.provider(provider)
      #expect(provider.quantities.contains(.stress))
      #expect(try provider.evaluate(structure, wanting: [.energy, .forces]).stress == nil)
      for cell in cells {
        var flat = structure
        flat.cell = cell
        #expect(try provider.evaluate(flat, wanting: .stress).stress == nil)
      }
    }
    structure.positions = []
    structure.elements = []
    #expect(try MorseBonds().evaluate(structure, wanting: .stress).stress == .zero)
  }

  @Test("are written as ASE reads them: nine numbers, row by row")
  func attribute() {
    let stress = SymmetricTensor(xx: 1, yy: 2, zz: 3, yz: 4, xz: 5, xy: 6.5)
    #expect(stress.stressAttribute.name == "stress")
    #expect(stress.stressAttribute.text == "\"1.0 6.5 5.0 6.5 2.0 4.0 5.0 4.0 3.0\"")
  }
}
