// SPDX-License-Identifier: MIT

import Structures
import Testing

@testable import Forces

@Suite("Provider specifications")
struct ProviderSpecificationTests {
  @Test(
    "specifications in all spellings have one canonical form, which parses to itself",
    arguments: [
      ("emt", "emt"),
      ("morse", "morse"),
      ("emt-morse", "emt-morse"),
      ("emt+morse", "emt-morse"),
      ("morse+emt", "morse+emt"),
      ("lj", "lj:sigma=1.0,epsilon=1.0,cutoff=3.0"),
      ("lj:sigma=2.5", "lj:sigma=2.5,epsilon=1.0,cutoff=7.5"),
      (
        "lj:cutoff=6.0,epsilon=0.4093,sigma=2.338", "lj:sigma=2.338,epsilon=0.4093,cutoff=6.0"
      ),
      ("lj:sigma=2,cutoff=.6e+1,onset=5", "lj:sigma=2.0,epsilon=1.0,cutoff=6.0,onset=5.0"),
      ("lj:sigma=2e0+emt", "lj:sigma=2.0,epsilon=1.0,cutoff=6.0+emt"),
      ("emt+morse+lj", "emt+morse+lj:sigma=1.0,epsilon=1.0,cutoff=3.0"),
    ])
  func canonical(text: String, expected: String) throws {
    let provider = try ProviderSpecification.provider(text)
    #expect(provider.specification == expected)
    #expect(try ProviderSpecification.provider(expected).specification == expected)
  }

  @Test("a parsed specification is the provider that it was written by")
  func roundTrip() throws {
    let written = try LennardJones(sigma: 0.1 + 0.2, epsilon: 1.0 / 3, cutoff: 6.6, onset: 5.5)
    let read = try #require(
      try ProviderSpecification.provider(written.specification) as? LennardJones)
    #expect(read.sigma == written.sigma)
    #expect(read.epsilon == written.epsilon)
    #expect(read.cutoff == written.cutoff)
    #expect(read.onset == written.onset)
    #expect(try ProviderSpecification.provider("emt") is EffectiveMediumTheory)
    #expect(try ProviderSpecification.provider("morse") is MorseBonds)
    let sum = try #require(try ProviderSpecification.provider("emt-morse") as? SumOfProviders)
    #expect(sum.terms.count == 2)
  }

  @Test(
    "mistakes are refused with what was wrong and what is possible",
    arguments: [
      ("", ["name is missing", "emt, emt-morse, lj, morse"]),
      (":sigma=1", ["name is missing"]),
      ("emt+", ["name is missing"]),
      ("+emt", ["name is missing"]),
      ("emtt", ["no provider `emtt`", "did you mean `emt`?", "emt, emt-morse, lj, morse"]),
      ("EMT", ["no provider `EMT`", "did you mean `emt`?"]),
      ("mrose", ["did you mean `morse`?"]),
      ("emt-mrose", ["did you mean `emt-morse`?"]),
      ("emt+mrose", ["no provider `mrose`", "did you mean `morse`?"]),
      ("quantum-espresso", ["possible are emt"]),
      ("emt:", ["parameter is missing after the colon"]),
      ("lj:sigma=1,", ["parameter is missing after the comma"]),
      ("emt:cutoff=5", ["emt takes no parameters", "cutoff"]),
      (
        "lj:sgima=1",
        ["no parameter `sgima`", "did you mean `sigma`?", "sigma, epsilon, cutoff, onset"]
      ),
      ("lj:mass=1", ["no parameter `mass`; possible are sigma"]),
      ("lj:sigma", ["`sigma` is not of the form key=value"]),
      ("lj:=1", ["`=1` is not of the form key=value"]),
      ("lj:sigma=", ["sigma has no value"]),
      ("lj:sigma=1,sigma=1", ["sigma is given twice"]),
      ("lj:sigma=big", ["sigma must be a number, not `big`"]),
      ("lj:sigma=1.0Å", ["sigma must be a number"]),
      ("lj:sigma=nan", ["sigma must be a number"]),
      ("lj:sigma=inf", ["sigma must be a number"]),
      ("lj:sigma=0x10", ["sigma must be a number"]),
      ("lj:sigma=1=2", ["sigma must be a number, not `1=2`"]),
      ("lj:sigma=-1", ["sigma must be a positive number"]),
      ("lj:sigma=1,cutoff=2,onset=3", ["onset"]),
    ])
  func refused(text: String, fragments: [String]) {
    let error = #expect(throws: ForceError.self) { try ProviderSpecification.provider(text) }
    guard case .badSpecification = error else {
      Issue.record("\(text): \(String(describing: error))")
      return
    }
    let message = error?.description ?? ""
    for fragment in fragments { #expect(message.contains(fragment), "\(message)") }
  }
}
