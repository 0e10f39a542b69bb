// SPDX-License-Identifier: MIT

import Files
import Forces
import Foundation
import RelaxNumerics
import StructureFiles
import Structures
import TestSupport
import Testing

@testable import ExternalForces

/// `ipi:command` and `ipi:listen`, with drivers of our own at the other end.
@Suite("The provider ipi") struct IPIProviderTests {
  private static let catalog = ProviderCatalog.analytic.adding(ExternalProviders.kinds)

  @Test(
    "A specification parses to the same",
    arguments: [
      "ipi:command=pw.x -ipi {host}:{port}", #"ipi:command="a {socket}, \"b\"",retries=0"#,
      "ipi:command=a {socket},prefix=/tmp/mine_,start=5,timeout=0.5,retries=7",
    ])
  func specifications(text: String) throws {
    #expect(try Self.catalog.provider(text).specification == text)
  }

  @Test("What changes no forces is no part of the identity") func identity() throws {
    let short = try Self.catalog.provider("ipi:command=a {port}")
    let long = try Self.catalog.provider("ipi:command=a {port},start=5,timeout=7,retries=3")
    #expect(short.identity == long.identity && short.specification != long.specification)
  }

  @Test(
    "What cannot be is refused at once",
    arguments: [
      ("ipi", "it needs a program to start"), ("ipi:command=pw.x", "neither {socket} nor {port}"),
      ("ipi:command=a ${port}", "neither {socket} nor {port}"),
      ("ipi:command=a {port},listen=unix:b", "exclude each other"),
      ("ipi:listen=nowhere", "unix:NAME or HOST:PORT"), ("ipi:listen=unix:", "unix:NAME"),
      ("ipi:listen=a:0", "unix:NAME"), ("ipi:listen=::1:5", "unix:NAME"),
      ("ipi:command=a {port},timeout=0", "timeout"),
      ("ipi:command=a {port},prefix=/" + String(repeating: "x", count: 100), "too long"),
    ])
  func refusals(text: String, part: String) throws {
    let error = try #require(throws: ForceError.self) { try Self.catalog.provider(text) }
    guard case .badSpecification(_, let reason) = error else { throw error }
    #expect(reason.contains(part), "\(reason)")
  }

  @Test("Addresses") func addresses() {
    let prefix = IPIAddress.prefix
    #expect(IPIAddress(parsing: "unix:a:b", prefix: prefix) == .file("/tmp/ipi_a:b"))
    #expect(IPIAddress(parsing: "unix:/run/a", prefix: prefix) == .file("/run/a"))
    #expect(IPIAddress(parsing: "unix:a", prefix: "/run/x_") == .file("/run/x_a"))
    #expect(IPIAddress(parsing: "[::1]:31415", prefix: prefix) == .port("::1", 31415))
    #expect(IPIAddress(parsing: "localhost:1", prefix: prefix)?.text == "localhost:1")
    #expect(IPIAddress.port("::1", 2).text == "[::1]:2")
  }

  // MARK: - Commands

  @Test(
    "Nothing that is filled in is run by the shell",
    arguments: [
      "plain-1", "a b", "$(touch pwned)", "`touch pwned`", "'; touch pwned; '", "\"x\"", "*", "",
    ])
  func quoting(value: String) throws {
    let scratch = try Scratch()
    let command = IPICommand(
      #": "$(: {id})"; printf '%s\n' {id} "{id}" '{id}' "it's {id}" \'{id} {nothing} ${HOME} > "#
        + scratch.path("out"))
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/bin/sh")
    process.arguments = ["-c", command.filled(with: [.id: value])]
    process.currentDirectoryURL = URL(fileURLWithPath: scratch.folder)
    process.environment = ["RELAX_ID": value, "HOME": "/home", "PATH": "/usr/bin:/bin"]
    try process.run()
    process.waitUntilExit()
    #expect(process.terminationStatus == 0)
    let lines = try scratch.text("out").split(separator: "\n", omittingEmptySubsequences: false)
    #expect(
      lines.dropLast()
        == [
          value, value, value, "it's " + value, "'" + value, "{nothing}", "/home",
        ].map { Substring($0) })
    #expect(try scratch.names == ["out"])
  }

  /// A structure that has a name and a cell.
  private static let named: Structure = {
    var structure = IPIExamples.sheared
    structure.elements = IPIExamples.elements("Cu", "O", "Cu")
    structure.attributes = [Attribute(name: "sid", string: "slab 1")]
    return structure
  }()

  @Test("A program that ends early is noticed, with its last words; its files are removed")
  func early()
    throws
  {
    let scratch = try Scratch()
    let command =
      "cp {structure} \(scratch.path("a.xyz")); cp {poscar} \(scratch.path("b.vasp")); "
      + "ls {structure} {poscar} {socket} >> \(scratch.path("names")); test -S "
      + "\(scratch.path("s_")){socket} && echo {id} at {host}:{port}; exit 7"
    let provider = try Self.catalog.provider(
      "ipi:command=\(ProviderSpecification.quoted(command)),prefix=\(scratch.path("s_")),retries=1")
    let error = try #require(throws: ForceError.self) {
      try provider.evaluate(Self.named, wanting: .forces)
    }
    guard case .unavailable(let reason) = error else { throw error }
    #expect(reason.hasPrefix("ipi: it died (exit code 7) before it connected; its last words: "))
    #expect(reason.contains("slab 1 at 127.0.0.1:") && reason.hasSuffix(" (after 2 tries)"))
    for name in ["a.xyz", "b.vasp"] {
      let read = try #require(try StructureReader(path: scratch.path(name)).next()).structure()
      #expect(read.elements == Self.named.elements && read.positions == Self.named.positions)
    }
    let names = try scratch.text("names").split(separator: "\n").map(String.init)
    #expect(names.count == 4 && names.allSatisfy { !FileManager.default.fileExists(atPath: $0) })
    #expect(try scratch.names == ["a.xyz", "b.vasp", "names"])
  }

  @Test("A program that never connects is given up") func never() throws {
    let provider = try Self.catalog.provider(
      "ipi:command=exec sleep 60; {port},start=0.3,retries=0")
    let error = try #require(throws: ForceError.self) {
      try provider.evaluate(Self.named, wanting: .forces)
    }
    guard case .unavailable(let reason) = error else { throw error }
    #expect(reason == "ipi: the program did not get ready within 0.3 s (start=)")
  }

  @Test("A program that connects is asked, and ends by itself") func command() throws {
    let scratch = try Scratch()
    // The shell plays a driver that lives as long as the real one, which is in this process.
    let path = scratch.path("address")
    let provider = try Self.catalog.provider(
      "ipi:command=echo {port} > \(path).new; mv \(path).new \(path); "
        + "until test -e \(path).done; do sleep 0.01; done; echo > \(scratch.path("ended"))")
    let isDone = DispatchSemaphore(value: 0)
    Thread.detachNewThread {
      var port: Int?
      while port == nil {
        usleep(5000)
        let text = try? String(contentsOfFile: path, encoding: .utf8)
        port = text.flatMap { Int($0.trimmingCharacters(in: .whitespacesAndNewlines)) }
      }
      var driver = IPIDriver(Self.named, EffectiveMediumTheory())
      try? driver.run(connectingTo: .port("127.0.0.1", port ?? 0))
      try? Data().write(to: URL(fileURLWithPath: path + ".done"))
      isDone.signal()
    }
    let found = try provider.evaluate(Self.named, wanting: [.energy, .forces, .stress])
    try Self.expectEqual(found, Self.named)
    isDone.wait()
    #expect(try scratch.names.contains("ended"))
  }

  @Test("A program that dies on the way is told of, its last words once") func dies()
    throws
  {
    let scratch = try Scratch()
    let path = scratch.path("address")
    let provider = try Self.catalog.provider(
      "ipi:command=echo {port} > \(path).new; mv \(path).new \(path); echo no licence; "
        + "until test -e \(path).done; do sleep 0.01; done; exit 9,retries=0")
    Thread.detachNewThread {
      var port: Int?
      while port == nil {
        usleep(5000)
        let text = try? String(contentsOfFile: path, encoding: .utf8)
        port = text.flatMap { Int($0.trimmingCharacters(in: .whitespacesAndNewlines)) }
      }
      guard let place = try? SystemAddress.resolving("127.0.0.1", port ?? 0).first,
        let link = try? place.connected().get()
      else { return }
      let peer = IPIPeer(link)
      _ = peer.word()
      peer.say("READY")
      _ = peer.word()
      try? Data().write(to: URL(fileURLWithPath: path + ".done"))
      peer.close()
    }
    let error = try #require(throws: ForceError.self) {
      try provider.evaluate(Self.named, wanting: .forces)
    }
    #expect(
      error == .unavailable("ipi: it died (exit code 9); its last words: no licence"), "\(error)")
  }

  // MARK: - Listening

  private static func expectEqual(_ found: Evaluation, _ structure: Structure) throws {
    let direct = try EffectiveMediumTheory().evaluate(
      structure, wanting: [.energy, .forces, .stress])
    #expect(abs(try #require(found.energy) - (direct.energy ?? .nan)) < 1e-9)
    for (a, b) in zip(found.forces, direct.forces) { #expect((a - b).length < 1e-9) }
    #expect((found.stress == nil) == (direct.stress == nil))
    for (a, b) in zip(found.stress?.voigt ?? [], direct.stress?.voigt ?? []) {
      #expect(abs(a - b) < 1e-9)
    }
  }

  /// Drivers of our own on threads, each for a structure and until the server ends it.
  private static func drivers(
    _ structures: [Structure], at address: IPIAddress, wish: IPIDriver.Wish
  ) -> DispatchSemaphore {
    let isDone = DispatchSemaphore(value: 0)
    Thread.detachNewThread {
      for structure in structures {
        var driver = IPIDriver(structure, EffectiveMediumTheory(), wish: wish)
        do { try driver.run(connectingTo: address) } catch { Issue.record(error) }
      }
      isDone.signal()
    }
    return isDone
  }

  @Test("One driver that takes structures serves them all") func listening() throws {
    let scratch = try Scratch()
    var other = IPIExamples.molecule
    other.elements = IPIExamples.elements("Pt", "H", "H")
    var provider: (any ForceProvider)? = try Self.catalog.provider(
      "ipi:listen=unix:a,prefix=\(scratch.path("s_"))")
    let done = Self.drivers([other], at: .file(scratch.path("s_a")), wish: .structure)
    for structure in [Self.named, other, IPIExamples.sheared] {
      let found = try #require(try provider?.evaluate(structure, wanting: [.forces, .stress]))
      try Self.expectEqual(found, structure)
    }
    provider = nil
    done.wait()
    #expect(try scratch.names.isEmpty)
  }

  @Test("A driver that knows one structure ends after it, and the next one comes") func turns()
    throws
  {
    let scratch = try Scratch()
    let structures = [Self.named, IPIExamples.sheared]
    var provider: (any ForceProvider)? = try Self.catalog.provider(
      "ipi:listen=unix:\(scratch.path("s"))")
    let done = Self.drivers(structures, at: .file(scratch.path("s")), wish: .nothing)
    for structure in structures {
      for _ in 0..<2 {
        let found = try #require(try provider?.evaluate(structure, wanting: [.forces, .stress]))
        try Self.expectEqual(found, structure)
      }
    }
    provider = nil
    done.wait()
  }

  @Test("Who only looks is not a driver, and nobody is waited for in vain") func nobody() throws {
    let scratch = try Scratch()
    let provider = try Self.catalog.provider(
      "ipi:listen=unix:\(scratch.path("s")),start=0.3,retries=0")
    let address = try #require(SystemAddress(file: scratch.path("s")))
    for _ in 0..<3 { close(try address.connected().get()) }
    let error = try #require(throws: ForceError.self) {
      try provider.evaluate(Self.named, wanting: .forces)
    }
    #expect(
      error
        == .unavailable("ipi: no driver connected to \(scratch.path("s")) within 0.3 s (start=)"))
  }

  @Test("A stale socket is replaced, one in use and other files are not") func stale() throws {
    let scratch = try Scratch()
    let path = scratch.path("s")
    // What a killed process leaves: a file without a listener.
    let left = socket(AF_UNIX, Sockets.stream, 0)
    let place = try #require(SystemAddress(file: path))
    #expect(place.withPointer { bind(left, $0, $1) } == 0)
    close(left)
    #expect(FileManager.default.fileExists(atPath: path))
    var listener: IPIListener? = try IPIListener(.file(path))
    let error = try #require(throws: ExchangeError.self) { try IPIListener(.file(path)) }
    #expect(error.reason.contains("in use by another process"))
    #expect(listener?.client() != nil)
    listener = nil
    #expect(!FileManager.default.fileExists(atPath: path))
    try scratch.write("text", to: "s")
    #expect(throws: ExchangeError.self) { try IPIListener(.file(path)) }
    #expect(try scratch.text("s") == "text")
  }

  @Test("A port belongs to one listener") func ports() throws {
    let listener = try IPIListener()
    #expect(throws: ForceError.self) {
      try Self.catalog.provider("ipi:listen=127.0.0.1:\(listener.port)")
    }
    let address = IPIAddress.port("127.0.0.1", listener.port)
    let done = Self.drivers([Self.named], at: address, wish: .nothing)
    while true {
      IPIListener.wait(for: [listener], nil, milliseconds: 100)
      guard let client = listener.client() else { continue }
      let session = IPISession(client)
      try session.begin(Self.named, .minute)
      session.close()
      break
    }
    done.wait()
  }
}

@Suite("Who speaks i-PI")
struct ConnectedProgramTests {
  @Test("text in INIT is for programs that are known to read it")
  func readers() {
    for name in ["python3", "python3.11", "relax"] { #expect(ConnectedProgram.readsTexts(name)) }
    for name in ["pw.x", "cp2k.psmp", "lmp", nil] { #expect(!ConnectedProgram.readsTexts(name)) }
    #expect(
      ConnectedProgram.isOurs("relax") && !ConnectedProgram.isOurs("python3")
        && !ConnectedProgram.isOurs(nil))
  }

  #if os(Linux)
    @Test("the program at the other end of a socket of this machine is known")
    func names() throws {
      let own = try #require(FileSystem.linkTarget("/proc/self/exe")?.split(separator: "/").last)
      let (first, second) = try Channel.pair()
      defer {
        close(first)
        close(second)
      }
      #expect(ConnectedProgram.program(of: first) == String(own))
    }
  #endif
}
