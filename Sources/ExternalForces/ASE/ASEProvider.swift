// SPDX-License-Identifier: MIT

import Files
import Forces
import RelaxNumerics
import Structures

/// How an ASE calculator is reached.
struct ASESettings: Hashable, Sendable {
  /// The script, which defines `calculator()`.
  var script: String
  /// The interpreter: a path, or a name that is looked for on the PATH.
  var python = "python3"
  /// The most processes at a time; nil for one a structure at work.
  var workers: Int?
  /// For starting and importing.
  var startSeconds = 120.0
  /// How one evaluation is tried.
  var trials = Trials()

  /// Threads that each process may use, unless its environment says otherwise.
  var threadsPerWorker: Int? { workers.map { max(1, WorkerThreads.processors / $0) } }
}

/// Forces from any ASE calculator: `ase:script=FILE.py`, where FILE.py defines `calculator()`.
///
/// A Python process serves one structure at a time and as many as come; the first one is started when the
/// provider is made, so that what is wrong with Python, ASE or the script shows before anything is written.
public struct ASEProvider: ForceProvider {
  private let settings: ASESettings
  private let pool: ASEPool
  private let checksum: Checksum
  /// What it has at all.
  public let quantities: Quantities

  /// The calculator that the script at `settings.script` defines.
  ///
  /// - Throws: `FileError` for a script that cannot be read, `ForceError.badSpecification` for all else
  ///   that keeps it from giving a calculator.
  init(_ settings: ASESettings) throws {
    self.settings = settings
    checksum = Checksum(of: Array(try TextFile.text(of: settings.script).utf8))
    pool = ASEPool(settings)
    let greeting: ASESession.Greeting
    do throws(ExchangeError) {
      greeting = try pool.start(.never)
    } catch {
      throw ForceError.badSpecification(
        ASEProvider.specification(of: settings), reason: error.reason)
    }
    quantities =
      greeting.properties.contains("stress") ? [.energy, .forces, .stress] : [.energy, .forces]
  }

  /// `ase:script=FILE.py` with all that is not the default.
  public var specification: String { ASEProvider.specification(of: settings) }

  /// The script with its checksum: another one is another calculator.
  public var identity: String {
    "ase:script=\(settings.script)" + RecordedSetting.mark(ofScript: checksum)
  }

  /// The script.
  public var files: [String] { [settings.script] }

  /// Nil: only the calculator knows.
  public var knownElements: Set<Element>? { nil }

  /// As many as there may be processes; one, where that is left open: many calculators take all processors.
  public var structuresAtOnce: Int? { settings.workers ?? 1 }

  /// True: what another program has computed is kept.
  public var isExpensive: Bool { true }

  /// Prepares evaluations of a structure; a process is taken when the first is asked for.
  public func makeEvaluator(for structure: Structure) -> any Evaluator {
    TriedEvaluator(structure, pool, settings.trials, name: "ase")
  }

  private static func specification(of settings: ASESettings) -> String {
    var parts = ["script=\(ProviderSpecification.quoted(settings.script))"]
    if settings.python != "python3" {
      parts.append("python=\(ProviderSpecification.quoted(settings.python))")
    }
    if let workers = settings.workers { parts.append("workers=\(workers)") }
    if settings.startSeconds != ASESettings(script: "").startSeconds {
      parts.append("start=\(settings.startSeconds.shortText)")
    }
    return "ase:" + (parts + settings.trials.parameters).joined(separator: ",")
  }

  /// `ase:script=FILE.py[,python=PATH][,workers=N][,start=S][,timeout=S][,retries=N]`.
  static let kind = ProviderCatalog.Kind(
    "ase", keys: ["script", "python", "workers", "start"] + Trials.keys
  ) { term in
    guard let script = try term.path("script") else {
      throw term.refusal("script is missing; write ase:script=FILE.py, which defines calculator()")
    }
    var settings = ASESettings(script: script)
    if let python = try term.path("python") { settings.python = python }
    settings.workers = try term.count("workers", in: 1...1024)
    settings.startSeconds = try term.seconds("start") ?? settings.startSeconds
    settings.trials = try Trials(term)
    return try ASEProvider(settings)
  }
}
