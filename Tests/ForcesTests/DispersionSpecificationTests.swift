// SPDX-License-Identifier: MIT

import RelaxNumerics
import Structures
import Testing

@testable import Forces

@Suite("Specifications of dispersion")
struct DispersionSpecificationTests {
  @Test(
    "functionals are taken in any case and spelling, and written in full",
    arguments: [
      ("d3:xc=pbe", "d3:xc=pbe,damping=bj,atm=off"),
      ("d3:xc=PBE,damping=BJ", "d3:xc=pbe,damping=bj,atm=off"),
      ("d3:damping=zero,atm=on,xc=RevPBE", "d3:xc=revpbe,damping=zero,atm=on"),
      ("d3:xc=B3-LYP", "d3:xc=b3lyp,damping=bj,atm=off"),
      ("d3:xc=R2SCAN", "d3:xc=r2scan,damping=bj,atm=off"),
      ("d3:xc=r²SCAN", "d3:xc=r2scan,damping=bj,atm=off"),
      ("d3:xc=HSE06", "d3:xc=hse06,damping=bj,atm=off"),
      ("d3:xc=BP86", "d3:xc=bp,damping=bj,atm=off"),
      ("d3:xc=PBEsol", "d3:xc=pbesol,damping=bj,atm=off"),
      ("d3:xc=M06-L,damping=zero", "d3:xc=m06l,damping=zero,atm=off"),
      ("emt+d3:xc=rpbe", "emt+d3:xc=rpbe,damping=bj,atm=off"),
    ])
  func canonical(text: String, expected: String) throws {
    let provider = try ProviderCatalog.analytic.provider(text)
    #expect(provider.specification == expected)
    #expect(try ProviderCatalog.analytic.provider(expected).specification == expected)
    guard let provider = provider as? Dispersion else { return }
    #expect(try ProviderCatalog.analytic.provider(expected) as? Dispersion == provider)
  }

  @Test(
    "mistakes are refused with what was wrong and what is possible",
    arguments: [
      ("d3", ["xc is missing", "d3:xc=pbe"]),
      ("d3:damping=bj", ["xc is missing"]),
      ("d3:pbe", ["is d3:xc=pbe meant?"]),
      ("d3:xc=pbee", ["functional `pbee`", "did you mean `pbe`?", "157", "rpbe"]),
      ("d3:xc=nothing-like-it", ["functional `nothing-like-it`. Of 157", "r2scan"]),
      ("d3:xc=M06", ["for M06 with damping=bj, only with damping=zero"]),
      ("d3:xc=r2scan,damping=zero", ["only with damping=bj"]),
      ("d3:xc=pbe,damping=bjm", ["no damping `bjm`", "did you mean `bj`?", "bj, zero"]),
      ("d3:xc=pbe,atm=yes", ["atm must be on or off, not `yes`"]),
      ("d3:xc=pbe,dampign=bj", ["no parameter `dampign`", "did you mean `damping`?"]),
    ])
  func mistakes(text: String, fragments: [String]) throws {
    let error = #expect(throws: ForceError.self) {
      try ProviderCatalog.analytic.provider(text)
    }
    guard case .badSpecification = try #require(error) else {
      Issue.record("\(text) gives another error")
      return
    }
    for fragment in fragments {
      #expect(error?.description.contains(fragment) == true, "\(error?.description ?? "")")
    }
  }

  @Test("all functionals of both tables can be had, by every name")
  func tables() throws {
    for (damping, count) in [(DispersionFunctional.Damping.bj, 157), (.zero, 83)] {
      let names = DispersionFunctional.names(damping)
      #expect(names.count == count)
      for name in names {
        let functional = try #require(DispersionFunctional.named(name, damping))
        #expect(functional.name == name && functional.s6 > 0)
        #expect(DispersionFunctional.spelled(name) == name)
      }
    }
    let pbe = try #require(DispersionFunctional.named("PBE", .bj))
    #expect(pbe.s8 == 0.7875 && pbe.radius == (0.4289, 4.4407))
    #expect(pbe.source == "10.1002/jcc.21759")
    #expect(DispersionFunctional.named("rpbe", .bj)?.source == nil)
  }

  @Test("elements beyond plutonium are refused by name")
  func elements() throws {
    let provider = try Dispersion(functional: "pbe")
    #expect(provider.knownElements?.count == 94)
    let structure = Structure(
      elements: try ["Pu", "Am", "Lr"].map { try #require(Element(symbol: $0)) },
      positions: [.zero, [3, 0, 0], [0, 3, 0]])
    let error = #expect(throws: ForceError.self) {
      try provider.makeEvaluator(for: structure)
    }
    #expect(error?.description.contains("no parameters for Am, Lr") == true)
  }
}
