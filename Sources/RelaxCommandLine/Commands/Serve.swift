// SPDX-License-Identifier: MIT

import ArgumentParser
import ExternalForces
import Forces
import Networks
import StructureFiles
import Structures

struct Serve: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Answer ASE, i-PI or another server of the i-PI protocol, by any provider.",
    discussion: """
      relax serve slab.extxyz --provider emt --unix ase_relax
      relax serve slab.extxyz --provider forcenet:model=m.safetensors --port 31415

      Connects to the server (ASE's SocketIOCalculator, i-PI's ffsocket) and gives it energies, forces and \
      virials until it says EXIT or closes the connection. The server may start up to 30 s later. The \
      elements, their order and the axes that repeat are those of the one structure in INPUT; cell and \
      positions are the server's. A server that sends JSON with numbers, cell and pbc in INIT tells the \
      structure itself. Where the provider has no energy it is NaN, and where it has no stress the virial \
      is zero.

      With --exact, lengths are in Å, energies in eV and forces in eV/Å, and answers are those of `relax predict` to \
      the last bit; the place of the virial holds the stress (eV/Å³), and the extras, which are JSON, say what there \
      is, or the error. So does the Python package relax_engine ask.

      \(ExitStatus.help("0 the server ended it, 65 it broke off or said what has no answer, 66 there is none"))
      """)

  @Argument(
    help: "File with one structure; may lack with --takes-structures.", completion: .file())
  var input: String?

  @Option(
    name: [.short, .long],
    help: "Where forces come from, as for `relax run` (repeatable: they add).")
  var provider: [String]

  @Option(help: "Name of the server's UNIX socket, or the whole path of its file.")
  var unix: String?

  @Option(help: "What makes a file of the name.")
  var prefix = IPIAddress.prefix

  @Option(help: ArgumentHelp("The server's port.", .whole))
  var port: Int?

  @Option(help: "The host of the port.")
  var host = "localhost"

  @Flag(help: "Say NEEDINIT before each evaluation: i-PI then sends its batch_size.")
  var needinit = false

  @Flag(
    help: """
      Say NEEDINIT until the server has told the structure, as relax does (ipi:listen=…): one connection \
      then serves one structure after the other, of any elements.
      """)
  var takesStructures = false

  @Flag(help: "Numbers in Å and eV, of which no bit is lost; the server must know it.")
  var exact = false

  @Option(
    help: ArgumentHelp(
      "Threads in a structure, of networks whose provider does not say threads=N (default: 1).",
      .whole))
  var threads: Int?

  @OptionGroup var reading: ReadingOptions

  func validate() throws {
    guard input != nil || takesStructures else {
      throw ValidationError(
        "which structure? Give its file, or --takes-structures to a server that tells it")
    }
    if let threads, !(1...NetworkProvider.maximumThreads).contains(threads) {
      throw ValidationError(
        "--threads \(threads): 1 to \(NetworkProvider.maximumThreads) are possible")
    }
    guard (unix == nil) != (port == nil) else {
      throw ValidationError("where is the server? Give --unix NAME or --port N, one of them")
    }
    if let port, !(1...65535).contains(port) {
      throw ValidationError("--port \(port): 1 to 65535 are possible")
    }
    if needinit && takesStructures {
      throw ValidationError("--needinit is for i-PI and --takes-structures for relax: choose one")
    }
    if unix == "" { throw ValidationError("--unix: the name is empty") }
  }

  func run() throws {
    let address = unix.map { IPIAddress.unix($0, prefix: prefix) } ?? .port(host, port ?? 0)
    let provider = try NetworkProvider.$threadsUnlessSaid.withValue(threads ?? 1) {
      try ProviderCatalog.offered.provider(self.provider)
    }
    let structure = try structure()
    // A server that tells the structure may never ask about this one.
    if !takesStructures { try provider.requireKnownElements(of: structure) }
    Console.warn(about: provider)
    Interruption.endOrderly()
    var driver = IPIDriver(structure, provider, wish: wish, dialect: exact ? .exact : .plain)
    do {
      try driver.run(connectingTo: address)
    } catch let failure as IPIDriver.Failure {
      throw CommandFailure(
        failure.kind == .unreachable ? .noInput : .badData, failure.description)
    } catch let error as ForceError {
      throw CommandFailure(.badData, "no forces for the server: \(error)")
    }
  }

  private var wish: IPIDriver.Wish {
    takesStructures ? .structure : needinit ? .settings : .nothing
  }

  /// The one structure of the input; none without one.
  private func structure() throws -> Structure {
    guard let input else { return Structure(elements: [], positions: []) }
    let inputs = try InputFiles.files(in: [input])
    let reader = reading.reader(of: inputs)
    guard let frame = try reader.next() else {
      try InputFiles.requireSome(0, of: reading.filters, in: [input])
      throw CommandFailure(.badData, "\(input): there is no structure")
    }
    let structure = try frame.structure()
    guard try reader.next() == nil else {
      throw CommandFailure(
        .badData,
        "\(input): there are several structures, but a driver answers for one; choose it by --select, such as "
          + "--select sid=… or --select fid=last")
    }
    for warning in reader.warnings { Console.warn(warning.description) }
    return structure
  }
}
