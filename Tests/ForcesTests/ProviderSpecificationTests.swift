// SPDX-License-Identifier: MIT

import Foundation
import Structures
import TestSupport
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
    let provider = try ProviderCatalog.analytic.provider(text)
    #expect(provider.specification == expected)
    #expect(try ProviderCatalog.analytic.provider(expected).specification == expected)
  }

  @Test("a parsed specification is the provider that it was written by")
  func roundTrip() throws {
    let written = try LennardJones(sigma: 0.1 + 0.2, epsilon: 1.0 / 3, cutoff: 6.6, onset: 5.5)
    let read = try #require(
      try ProviderCatalog.analytic.provider(written.specification) as? LennardJones)
    #expect(read.sigma == written.sigma)
    #expect(read.epsilon == written.epsilon)
    #expect(read.cutoff == written.cutoff)
    #expect(read.onset == written.onset)
    #expect(try ProviderCatalog.analytic.provider("emt") is EffectiveMediumTheory)
    #expect(try ProviderCatalog.analytic.provider("morse") is MorseBonds)
    let sum = try #require(try ProviderCatalog.analytic.provider("emt-morse") as? SumOfProviders)
    #expect(sum.terms.count == 2)
  }

  @Test(
    "mistakes are refused with what was wrong and what is possible",
    arguments: [
      ("", ["name is missing", "d3, emt, emt-morse, lj, morse"]),
      (":sigma=1", ["name is missing"]),
      ("emt+", ["name is missing"]),
      ("+emt", ["name is missing"]),
      ("emtt", ["no provider `emtt`", "did you mean `emt`?", "d3, emt, emt-morse, lj, morse"]),
      ("EMT", ["no provider `EMT`", "did you mean `emt`?"]),
      ("mrose", ["did you mean `morse`?"]),
      ("emt-mrose", ["did you mean `emt-morse`?"]),
      ("emt+mrose", ["no provider `mrose`", "did you mean `morse`?"]),
      ("quantum-espresso", ["possible are d3, emt"]),
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
    let error = #expect(throws: ForceError.self) { try ProviderCatalog.analytic.provider(text) }
    guard case .badSpecification = error else {
      Issue.record("\(text): \(String(describing: error))")
      return
    }
    let message = error?.description ?? ""
    for fragment in fragments { #expect(message.contains(fragment), "\(message)") }
  }

  private struct Missing: Error, Equatable { var path: String }

  @Test("every term of a specification computes with the kernel set that is asked for")
  func kernels() throws {
    let structures = mixedStructures(8, of: ["Cu", "Al", "H", "C", "O"], seed: 91)
    let catalog = ProviderCatalog.analytic.adding([
      ProviderCatalog.Kind("own") { _ in Self.own },
      ProviderCatalog.Kind("told") { _, kernels in EffectiveMediumTheory(kernels: kernels) },
    ])
    try onEveryKernelSet { set in
      let expected: [(String, any ForceProvider)] = [
        ("emt", EffectiveMediumTheory(kernels: set)),
        ("told", EffectiveMediumTheory(kernels: set)), ("own", Self.own),
        ("emt-morse", SumOfProviders.effectiveMediumWithBonds(kernels: set)),
        (
          "lj:sigma=0.4+emt",
          SumOfProviders([
            try LennardJones(sigma: 0.4, epsilon: 1, kernels: set),
            EffectiveMediumTheory(kernels: set),
          ])
        ),
      ]
      for (text, provider) in expected {
        let named = try catalog.provider(text, kernels: set)
        for structure in structures {
          let found = try evaluateOnce(named, structure)
          let same = try evaluateOnce(provider, structure)
          #expect(found.energy == same.energy && found.forces == same.forces, "\(text) \(set)")
        }
      }
    }
  }

  private static let own = EffectiveMediumTheory(kernels: .portable)

  /// A catalogue with a provider that is made from a file.
  private static let catalog = ProviderCatalog.analytic.adding([
    ProviderCatalog.Kind("file", keys: ["path", "turns"]) { term in
      if term.value("path") == "gone" { throw Missing(path: "gone") }
      _ = try term.count("turns", in: 1...9)
      return try LennardJones(sigma: 1, epsilon: 1, cutoff: Double(term.parameters.count))
    }
  ])

  @Test(
    "a plus sign in a value begins a term only before the whole name of a provider",
    arguments: [
      ("file:path=a+b", ["path=a+b"]),
      ("file:path=a+emt.bin,turns=3", ["path=a+emt.bin", "turns=3"]),
      ("file:path=a=b=c", ["path=a=b=c"]),
      ("file:path=/x y/ä.bin", ["path=/x y/ä.bin"]),
      ("file:path=a++b", ["path=a++b"]),
      ("file:path=\"a,b+emt.bin\",turns=3", ["path=a,b+emt.bin", "turns=3"]),
      ("file:path=\"lr=0.1,batch=32/m\"", ["path=lr=0.1,batch=32/m"]),
      ("file:path=\"a\\\"b\\\\\"", ["path=a\"b\\"]), ("file:path=a\"b", ["path=a\"b"]),
    ])
  func fileNames(text: String, parameters: [String]) throws {
    let parsed = try ProviderSpecification(parsing: text, keys: Self.catalog.keys)
    #expect(parsed.terms.map { $0.parameters.map { "\($0.key)=\($0.value)" } } == [parameters])
  }

  @Test(
    "what is written in quotation marks is read as it was",
    arguments: [
      "a,b", "\"", "\\", "a\"", "a+emt", "x", "=", "a=b,c", "\\\"", "ä , ö", "\u{301},a",
      "\u{301}a", "a\r\n,b", "a+\u{301}emt,",
    ])
  func quoting(value: String) throws {
    let parsed = try ProviderSpecification(
      parsing: "file:path=\(ProviderSpecification.quoted(value)),turns=2+emt",
      keys: Self.catalog.keys)
    #expect(parsed.terms.map(\.name) == ["file", "emt"])
    #expect(parsed.terms[0].value("path") == value && parsed.terms[0].value("turns") == "2")
  }

  @Test("a quotation mark that is not closed is an error", arguments: ["\"a", "\"a\"b", "\""])
  func unclosed(value: String) {
    let error = #expect(throws: ForceError.self) {
      try ProviderSpecification(parsing: "file:path=\(value)", keys: Self.catalog.keys)
    }
    #expect(error?.description.contains("quotation mark before the value of path") == true)
  }

  @Test("~ is the home folder, quoted or not, at the beginning of a path only")
  func home() throws {
    let home = try #require(ProcessInfo.processInfo.environment["HOME"])
    for (text, path) in [
      ("~/m", home + "/m"), ("\"~/a,b\"", home + "/a,b"), ("~", home), ("a~", "a~"), ("~x", "~x"),
      ("./~", "./~"),
    ] {
      let parsed = try ProviderSpecification(parsing: "file:path=\(text)", keys: ["file": ["path"]])
      #expect(try parsed.terms[0].path("path") == path)
    }
  }

  @Test("kinds can be added, and what their makers throw arrives untouched")
  func added() throws {
    let sum = try Self.catalog.provider("file:path=a+b+emt+lj:sigma=2")
    #expect(
      sum.specification
        == "lj:sigma=1.0,epsilon=1.0,cutoff=1.0+emt+lj:sigma=2.0,epsilon=1.0,cutoff=6.0")
    #expect(throws: Missing(path: "gone")) { try Self.catalog.provider("emt+file:path=gone") }
    #expect(throws: ForceError.self) { try Self.catalog.provider("file:turns=10") }
    #expect(Self.catalog.names == ["d3", "emt", "emt-morse", "file", "lj", "morse"])
    #expect(throws: ForceError.self) { try ProviderCatalog.analytic.provider("file:path=a") }
  }
}
