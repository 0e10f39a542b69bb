// SPDX-License-Identifier: MIT

import Forces
import Structures

/// How drivers of the i-PI protocol are reached.
struct IPISettings: Hashable, Sendable {
  /// Where drivers come from.
  enum Origin: Hashable, Sendable {
    /// A command, run for each structure.
    case command(String)
    /// `unix:NAME` or `HOST:PORT`, as given: whoever connects there.
    case listen(String)
  }

  /// Where drivers come from.
  var origin: Origin
  /// What stands before the name of a UNIX socket to make it a file.
  var prefix = IPIAddress.prefix
  /// Seconds for starting, connecting and answering for the first time.
  var startSeconds = 120.0
  /// How one evaluation is tried.
  var trials = Trials()
}

/// Forces from any program that is a driver of the i-PI protocol, such as Quantum ESPRESSO, CP2K, LAMMPS or ASE.
///
/// `ipi:command="…"` starts a program for each structure; `ipi:listen=…` waits for programs that others start,
/// from the making of the provider on. The protocol does not say which atoms there are: a program must be given
/// the structure in its own way (`{structure}`, `{poscar}`), or take it from INIT (`IPIStructureText`).
public struct IPIProvider: ForceProvider {
  private let settings: IPISettings
  private let source: any SessionSource

  /// - Throws: `ForceError.badSpecification` for a command that no program could connect from and an address that
  ///   cannot be listened to.
  init(_ settings: IPISettings) throws(ForceError) {
    self.settings = settings
    func refusal(_ reason: String) -> ForceError {
      .badSpecification(IPIProvider.specification(of: settings), reason: reason)
    }
    guard SystemAddress(file: settings.prefix + IPIProvider.longestName) != nil else {
      throw refusal("prefix is too long for the file of a socket")
    }
    switch settings.origin {
    case .command(let text):
      let command = IPICommand(text)
      guard !command.places.isDisjoint(with: [.socket, .port]) else {
        throw refusal(
          "the command has neither {socket} nor {port}, so that the program cannot know where to "
            + "connect; write them where it is told, such as `pw.x -ipi {host}:{port} -in FILE`")
      }
      source = IPIPrograms(command, settings)
    case .listen(let text):
      guard let address = IPIAddress(parsing: text, prefix: settings.prefix) else {
        throw refusal("listen must be unix:NAME or HOST:PORT, not `\(text)`")
      }
      do throws(ExchangeError) {
        source = try IPIClients(address, settings)
      } catch { throw refusal(error.reason) }
    }
  }

  /// As long as the names that sockets of ours get.
  private static let longestName = "relax-4194304-10000000"

  /// `ipi:` with all that is not the default.
  public var specification: String { IPIProvider.specification(of: settings) }

  /// The command or the address: how long it may take and how often it is tried changes no forces.
  public var identity: String { "ipi:" + IPIProvider.origin(of: settings) }

  /// Nil: only the program knows.
  public var knownElements: Set<Element>? { nil }

  /// Energy, forces, and a stress where the program has one.
  public var quantities: Quantities { [.energy, .forces, .stress] }

  /// One, unless the user says more: many programs take all processors.
  public var structuresAtOnce: Int? { 1 }

  /// True: what another program has computed is kept.
  public var isExpensive: Bool { true }

  /// Prepares evaluations of a structure; a program is started or waited for when the first is asked for.
  public func makeEvaluator(for structure: Structure) -> any Evaluator {
    TriedEvaluator(structure, source, settings.trials, name: "ipi")
  }

  private static func origin(of settings: IPISettings) -> String {
    switch settings.origin {
    case .command(let text): "command=\(ProviderSpecification.quoted(text))"
    case .listen(let text): "listen=\(ProviderSpecification.quoted(text))"
    }
  }

  private static func specification(of settings: IPISettings) -> String {
    var parts = [origin(of: settings)]
    if settings.prefix != IPIAddress.prefix {
      parts.append("prefix=\(ProviderSpecification.quoted(settings.prefix))")
    }
    if settings.startSeconds != IPISettings(origin: settings.origin).startSeconds {
      parts.append("start=\(settings.startSeconds.shortText)")
    }
    return "ipi:" + (parts + settings.trials.parameters).joined(separator: ",")
  }

  /// `ipi:command="…"` or `ipi:listen=unix:NAME|HOST:PORT`, with `[,prefix=P][,start=S][,timeout=S][,retries=N]`.
  static let kind = ProviderCatalog.Kind(
    "ipi", keys: ["command", "listen", "prefix", "start"] + Trials.keys
  ) { term in
    let origin: IPISettings.Origin
    switch (term.value("command"), term.value("listen")) {
    case (let command?, nil): origin = .command(command)
    case (nil, let address?): origin = .listen(address)
    case (.some, .some): throw term.refusal("command and listen exclude each other")
    case (nil, nil):
      throw term.refusal(
        "it needs a program to start, ipi:command=\"… {socket} …\", or an address to listen at, "
          + "ipi:listen=unix:NAME or ipi:listen=HOST:PORT")
    }
    var settings = IPISettings(origin: origin)
    if let prefix = try term.path("prefix") { settings.prefix = prefix }
    settings.startSeconds = try term.seconds("start") ?? settings.startSeconds
    settings.trials = try Trials(term)
    return try IPIProvider(settings)
  }
}
