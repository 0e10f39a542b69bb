// SPDX-License-Identifier: MIT

import Forces
import TestSupport
import Testing

@testable import Networks

@Suite("Networks by name")
struct NetworkSpecificationTests {
  /// Analytic potentials, and networks whose files `read` reads.
  private func catalog(
    _ read: @escaping @Sendable (String) throws -> NetworkModel
  ) -> ProviderCatalog {
    ProviderCatalog.analytic.adding(NetworkProvider.kinds(readingModelsWith: read))
  }

  private func specification(_ text: String) throws -> NetworkSpecification {
    let parsed = try ProviderSpecification(
      parsing: text, keys: ["forcenet": ["model"], "gns": ["model"]])
    return try NetworkSpecification(parsed.terms[0])
  }

  @Test("threads are no part of what decides the forces; shortcuts are")
  func canonical() throws {
    let plain = try specification("forcenet:threads=4,model=a=b+c.safetensors")
    #expect(plain.text == "forcenet:model=a=b+c.safetensors")
    #expect(plain.options.threads == 4)
    #expect(plain.options.usesShortcuts)
    let off = try specification("gns:shortcuts=off,model=m")
    #expect(off.text == "gns:model=m,shortcuts=off")
    #expect(!off.options.usesShortcuts)
    #expect(try specification("gns:shortcuts=on,model=m").text == "gns:model=m")
    #expect(try specification(off.text).text == off.text)
    let any = try specification("gns:elements=any,model=m")
    #expect(any.text == "gns:model=m,elements=any" && any.options.takesUntrainedElements)
    #expect(try specification("gns:elements=trained,model=m").text == "gns:model=m")
    let turned = try specification("gns:shortcuts=off,turns=4,model=m")
    #expect(turned.text == "gns:model=m,turns=4,shortcuts=off" && turned.options.turns == 4)
    #expect(try specification("gns:model=m,turns=1").text == "gns:model=m,turns=1")
    #expect(plain.options.turns == nil)
  }

  @Test("turns that the model asks for are named, those that are asked for come first")
  func turnsOfModel() throws {
    var model = NetworkModel(architecture: .gns(GNSConfiguration()), tensors: [:])
    #expect(try specification("gns:model=m").text(of: model) == "gns:model=m")
    model.turns = 4
    #expect(try specification("gns:model=m").text(of: model) == "gns:model=m,turns=4")
    #expect(try specification("gns:model=m,turns=1").text(of: model) == "gns:model=m,turns=1")
  }

  @Test("the identity changes with the bytes of the file, the specification does not")
  func identity() throws {
    let scratch = try Scratch()
    try scratch.write("weights", to: "m")
    let specification = try specification("forcenet:model=\(scratch.path("m")),shortcuts=off")
    let before = specification.identity
    #expect(before.hasPrefix("forcenet:model=m, 7 bytes, checksum "))
    #expect(before.hasSuffix(",shortcuts=off"))
    #expect(specification.identity == before)
    try scratch.write("weighty", to: "m")
    #expect(specification.identity != before)
    #expect(specification.text == "forcenet:model=\(scratch.path("m")),shortcuts=off")
  }

  @Test(
    "mistakes are refused before any file is read",
    arguments: [
      ("forcenet", ["model is missing", "forcenet:model=FILE"]),
      ("forcenet:threads=2", ["model is missing"]),
      ("gns:model=", ["model has no value"]),
      ("gns:modell=m", ["no parameter `modell`", "did you mean `model`?"]),
      ("gns:model=m,threads=0", ["threads must be a whole number from 1 to 1024, not `0`"]),
      ("gns:model=m,threads=two", ["not `two`"]),
      ("gns:model=m,threads=1.5", ["not `1.5`"]),
      ("gns:model=m,turns=0", ["turns must be a whole number from 1 to 360, not `0`"]),
      ("gns:model=m,elements=Cu", ["elements must be trained or any, not `Cu`"]),
      ("gns:model=m,shortcuts=no", ["shortcuts must be on or off, not `no`"]),
      ("forcnet:model=m", ["did you mean `forcenet`?", "emt-morse, forcenet, gns, lj, morse"]),
      ("forcenet:model=a,b", ["`b` is not of the form key=value"]),
      ("forcenet:model=m+emt:x=1", ["emt takes no parameters"]),
    ])
  func refused(text: String, fragments: [String]) {
    let catalog = catalog { path in
      Issue.record("\(path) is read")
      throw ForceError.badSpecification(path, reason: "")
    }
    let error = #expect(throws: ForceError.self) { try catalog.provider(text) }
    let message = error?.description ?? ""
    for fragment in fragments { #expect(message.contains(fragment), "\(message)") }
  }

  @Test("a file of another network is refused with the name to use")
  func otherKind() throws {
    let gns = catalog { _ in NetworkModel(architecture: .gns(GNSConfiguration()), tensors: [:]) }
    #expect(
      throws: ForceError.badSpecification(
        "forcenet:model=m", reason: "m holds a network of kind gns: write gns:model=m")
    ) { try gns.provider("forcenet:model=m") }
    let schnet = catalog { _ in NetworkModel(architecture: .schNet(.paper), tensors: [:]) }
    #expect(
      throws: ForceError.badSpecification(
        "gns:model=m", reason: "m holds a network of kind schnet: write schnet:model=m")
    ) { try schnet.provider("gns:model=m") }
  }

  @Test("what the reader throws arrives untouched, in sums too", arguments: ["", "emt+"])
  func readerFails(prefix: String) throws {
    struct Broken: Error, Equatable { var path: String }
    let catalog = catalog { throw Broken(path: $0) }
    #expect(throws: Broken(path: "x=1+y")) { try catalog.provider(prefix + "gns:model=x=1+y") }
    #expect(throws: Broken(path: "x")) { try catalog.provider(prefix + "gns:model=x+lj:sigma=2") }
  }
}
