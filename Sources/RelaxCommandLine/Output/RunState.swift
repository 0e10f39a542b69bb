// SPDX-License-Identifier: MIT

import Files
import Relaxation
import Reporting
import StructureFiles

/// How far a run is, with all its shards, for people and for scripts.
struct RunState {
  /// Whether somebody is at it.
  enum Activity: String {
    case running
    /// It said that it stops, and how to go on.
    case stopped
    /// It ended without a word.
    case killed
    case finished
    case notBegun = "not begun"

    /// For scripts: a run that was killed goes on as one that was stopped.
    var state: String { self == .killed ? Activity.stopped.rawValue : rawValue }
  }

  /// One shard, or a run without shards.
  struct Part {
    var shard: Shard?
    var status: RunStatus?
    var activity: Activity

    /// - Parameter isAlive: whether a process is at it.
    init(_ paths: RunPaths, _ shard: Shard?, isAlive: Bool) throws(FileError) {
      self.shard = shard
      let found = try RunStatus(of: paths)
      // A file of that name may be one of another run.
      status = shard == nil || found?.shard == shard ? found : nil
      if isAlive {
        activity = .running
      } else if let status {
        activity = status.isComplete ? .finished : status.wasStopped ? .stopped : .killed
      } else if FilePlace(ShardManifest.path(of: paths.relaxed)).exists {
        // Of predict, evaluate or sample: made at the end.
        activity = .finished
      } else {
        activity = .notBegun
      }
    }

    var done: Int { status?.tally.structures ?? 0 }
    var converged: Int { status?.tally[.converged] ?? 0 }
    /// Structures a second, if it is running and one is done.
    var rate: Double? { activity == .running ? status?.rate : nil }
    var total: Int? { status?.total }
    var secondsLeft: Double? {
      guard let rate, let total else { return nil }
      return Double(max(0, total - done)) / rate
    }

    var json: JSONText {
      [
        "shard": shard.map { .string("\($0)") } ?? nil,
        "state": .string(activity.state), "killed": .boolean(activity == .killed),
        "total": total.map { .integer($0) } ?? nil, "done": .integer(done),
        "converged": .integer(converged),
        "failed": .integer(done - converged), "rate": JSONText(rate),
        "seconds_left": JSONText(secondsLeft),
      ]
    }
  }

  let output: String
  private let parts: [Part]
  private let isSharded: Bool
  /// Structures of shards that are merged already; nil if none are.
  private let merged: Int?
  /// Whether it is no run, but shards of another command, which do not tell how far they are.
  private let hasManifests: Bool

  /// Looks at what the run that writes to `output` has left.
  ///
  /// - Throws: 66 if there is nothing of it.
  init(of output: String) throws {
    self.output = output
    let paths = RunPaths(relaxed: output)
    let whole = try Part(paths, nil, isAlive: RunState.areAlive([paths]).contains(true))
    let set: ShardSet
    do throws(ShardSetError) {
      set = try ShardSet(of: output, hidden: ["journal", "lock", "shard"])
      hasManifests = set.hasManifests
      // Shards are what is worked at, whatever was merged of them before.
      guard whole.activity != .running || (whole.status?.isMerged ?? true) else {
        (parts, isSharded, merged) = ([whole], false, nil)
        return
      }
    } catch {
      if error.kind == .none, whole.activity != .notBegun {
        (parts, isSharded, merged, hasManifests) = ([whole], false, nil, false)
        return
      }
      guard error.kind == .none else { throw error }
      throw CommandFailure(
        .noInput,
        "\(PathText.shown(output)): no run of relax has left a journal of it here"
          + (FilePlace(output).exists ? "" : ", nor shards of it"))
    }
    let shards = set.all.map { (shard: $0, paths: paths.paths(of: $0)) }
    parts = try zip(shards, RunState.areAlive(shards.map(\.paths))).map {
      try Part($0.paths, $0.shard, isAlive: $1)
    }
    isSharded = true
    merged = whole.status?.tally.structures
  }

  /// Whether a process is writing each of these: one of another machine, of which no lock tells, is watched for a sign of
  /// life.
  private static func areAlive(_ runs: [RunPaths]) -> [Bool] {
    OutputClaim.owners(of: runs.map(\.relaxed)).map { $0 != .nobody }
  }

  /// Files of the run: what is told of it must not be written over them.
  var files: [String] {
    ([nil] + parts.map(\.shard)).flatMap { shard -> [String] in
      let settings = parts.compactMap(\.status).first?.settings ?? []
      let others = ["trajectory", "summary"].compactMap { name in
        settings.first { $0.name == name && $0.value != "none" }?.value
      }
      let paths = RunPaths(relaxed: shard.path(of: output))
      return [paths.relaxed] + [paths.journal].compactMap { $0 } + others.map { shard.path(of: $0) }
    }
  }

  // MARK: - All parts together

  private var activity: Activity {
    if parts.contains(where: { $0.activity == .running }) { return .running }
    if parts.allSatisfy({ $0.activity == .finished }) { return .finished }
    return parts.contains { $0.activity == .killed } ? .killed : .stopped
  }

  private var tally: RunTally {
    parts.reduce(into: RunTally()) { sum, part in
      if let status = part.status { sum.add(status.tally) }
    }
  }

  private var total: Int? {
    guard isSharded else { return parts[0].total }
    let totals = parts.map(\.total)
    if !totals.contains(nil) { return totals.compactMap { $0 }.reduce(0, +) }
    return parts.compactMap { $0.status?.inputTotal }.first
  }

  private var rate: Double? {
    let rates = parts.compactMap(\.rate)
    return rates.isEmpty ? nil : rates.reduce(0, +)
  }

  /// At the present speed, and no less than the slowest shard that is running needs.
  private var secondsLeft: Double? {
    if activity == .finished { return 0 }
    guard let rate, let total else { return nil }
    let all = Double(max(0, total - tally.structures)) / rate
    return max(all, parts.compactMap(\.secondsLeft).max() ?? 0)
  }

  private var slowest: [RunStatus.Structure] {
    Array(
      parts.flatMap { $0.status?.slowest ?? [] }.sorted { $0.seconds > $1.seconds }
        .prefix(RunState.mostNamed))
  }

  private var troubles: RunTroubles {
    var troubles = RunTroubles(keeping: RunStatus.mostNamed)
    for line in parts.flatMap({ $0.status?.troubles ?? [] }) {
      if let trouble = RunTroubles.Trouble(summaryLine: line) { troubles.add(trouble) }
    }
    return troubles
  }

  private static let mostNamed = 3

  // MARK: - For scripts

  var json: JSONText {
    let tally = tally
    return [
      "output": .string(output),
      "state": .string(activity.state), "killed": .boolean(activity == .killed),
      "total": total.map { .integer($0) } ?? nil, "done": .integer(tally.structures),
      "converged": .integer(tally[.converged]),
      "failed": .integer(tally.structures - tally[.converged]),
      "statuses": .object(
        RelaxationStatus.allCases.map { .init($0.rawValue, .integer(tally[$0])) }),
      "steps": .integer(tally.steps), "evaluations": .integer(tally.evaluations),
      "rate": JSONText(rate), "seconds_left": JSONText(secondsLeft),
      "slowest": .array(
        slowest.map { structure in
          ["id": RunState.id(structure), "seconds": .number(structure.seconds)]
        }),
      "reasons": .array(
        troubles.first.map { trouble in
          [
            "id": .string(trouble.id), "index": .integer(trouble.index),
            "status": .string(trouble.status.rawValue), "reason": .string(trouble.reason),
          ]
        }),
      "merged": merged.map { .integer($0) } ?? nil,
      "shards": .array(isSharded ? parts.map(\.json) : []),
    ]
  }

  private static func id(_ structure: RunStatus.Structure) -> JSONText {
    (try? JSONText(parsing: structure.summary))?["id"] ?? nil
  }

  // MARK: - For people

  /// The file of all reasons, as the run was given it.
  private var summary: String? {
    parts.compactMap(\.status).first?.settings.first { $0.name == "summary" && $0.value != "none" }?
      .value
  }

  var text: String {
    let tally = tally
    guard !hasManifests else {
      return "\(PathText.shown(output)): \(activity.rawValue)\n" + shardsText
    }
    var text = "\(PathText.shown(output)): \(activity.rawValue)"
    text += ", \(tally.structures)" + (total.map { " of \($0)" } ?? "") + " structures done"
    if let rate { text += ", \(Decimals.fixed(rate, rate < 1 ? 4 : 1))/s" }
    if activity == .running, let secondsLeft {
      text += ", \(ProgressLine.duration(secondsLeft)) left"
    }
    text += "\n\n" + StatusTable.text(tally, fmax: nil)
    text += troubles.text(of: tally, summary: summary)
    if !slowest.isEmpty {
      let named = slowest.map { structure in
        let id = if case .string(let id) = RunState.id(structure) { Excerpt.name(id) } else { "?" }
        return "\(id) (\(Decimals.fixed(structure.seconds, 1)) s)"
      }
      text += "slowest: \(named.joined(separator: ", "))\n"
    }
    return text + shardsText
  }

  private var shardsText: String {
    guard isSharded else { return "" }
    var lines: [String] = []
    for activity in [Activity.running, .stopped, .killed, .notBegun] {
      let shards = parts.filter { $0.activity == activity }.compactMap(\.shard?.description)
      guard !shards.isEmpty else { continue }
      lines.append("shards \(activity.rawValue): \(Excerpt.list(shards, first: 20))\n")
    }
    let finished = parts.count { $0.activity == .finished }
    lines.append("\(finished) of \(parts.count) shards are finished\n")
    if let merged { lines.append("merged before: \(merged) structures\n") }
    return lines.joined()
  }
}
