// SPDX-License-Identifier: MIT

import RelaxNumerics
import Relaxation
import Scoring
import StructureFiles
import Structures

/// What relaxations have left, structure by structure, where there is no reference to judge them by.
///
/// Frames come from files of relaxed structures, what they do not say (reasons, evaluations, seconds) from the journal
/// beside them or from a summary, and where a relaxation began from its trajectory or from the initial structures.
public struct RelaxedSet: Sendable {
  /// One structure.
  public struct Entry: Sendable {
    /// Place in the order of the files, from 0: what links call it.
    public var number: Int
    /// Its id, as written.
    public var id: String
    /// Which of the files it is from.
    public var file: Int
    /// What it consists of; empty if it could not be read.
    public var formula = ""
    /// How many atoms that is.
    public var atoms = 0
    /// How its relaxation ended, if anything says so.
    public var status: RelaxationStatus?
    /// The same in words.
    public var reason: String?
    /// Steps taken.
    public var steps: Int?
    /// Evaluations of forces.
    public var evaluations: Int?
    /// Energy in eV.
    public var energy: Double?
    /// Energy at the end less that at the start in eV, where a trajectory tells both.
    public var energyChange: Double?
    /// Largest force on a free atom in eV/Å.
    public var fmax: Double?
    /// Wall time in seconds.
    public var seconds: Double?
    /// What happened to it; nil if that cannot be told.
    public var anomalies: Set<Anomaly>?

    /// Whether it is a result without a doubt.
    var isFine: Bool { (status == nil || status == .converged) && anomalies?.isEmpty != false }
  }

  /// Names of the files.
  public let files: [String]
  /// All structures, in the order of the files.
  public private(set) var entries: [Entry] = []
  /// The last geometries, by number; kept only for those that are shown.
  public private(set) var structures: [Int: Structure] = [:]
  /// Where frames with an id and a step are from, so that the last one counts.
  private var steps: [String: (number: Int, step: Int)] = [:]
  private let most: Int

  /// A set of structures from `files`, none yet.
  ///
  /// - Parameter most: geometries that are kept, of the first structures.
  public init(files: [String], keeping most: Int) { (self.files, self.most) = (files, most) }

  /// Begins a file: ids of others are other structures.
  public mutating func beginFile() { steps = [:] }

  /// Adds a frame; of frames with one id and ascending `fid`, a trajectory, the last one counts.
  ///
  /// What has `relax_status` is the end of a relaxation of its own, though it may have kept the `fid` of what it
  /// was made from.
  public mutating func add(_ structure: Structure, id: String, file: Int) {
    var number = entries.count
    let isEnd = structure.attribute("relax_status") != nil
    if !isEnd, let step = structure.attribute("fid").flatMap({ Int($0.unquoted) }) {
      if let known = steps[id], known.step < step { number = known.number }
      steps[id] = (number, step)
    }
    var entry = Entry(number: number, id: id, file: file)
    (entry.formula, entry.atoms) = (structure.formula, structure.count)
    entry.status = structure.attribute("relax_status")
      .flatMap { RelaxationStatus(rawValue: $0.unquoted) }
    entry.steps = (structure.attribute("relax_steps") ?? structure.attribute("fid"))
      .flatMap { Int($0.unquoted) }
    entry.fmax =
      structure.attribute("relax_fmax").flatMap { Double($0.unquoted) }
      ?? structure.largestFreeForce
    entry.energy = structure.energy
    if number < entries.count { entries[number] = entry } else { entries.append(entry) }
    if number < most { structures[number] = structure }
  }

  /// Adds a frame that could not be read.
  public mutating func addUnreadable(id: String, reason: String, file: Int) {
    var entry = Entry(number: entries.count, id: id, file: file)
    (entry.status, entry.reason) = (.invalid, reason)
    entries.append(entry)
  }

  /// What became of the records of a run.
  public struct Matches: Sendable {
    /// How many belong to a structure.
    public var known = 0
    /// Ids of structures that say otherwise of themselves: their records are of another run, and are not taken.
    public var contradicted: [String] = []
  }

  /// Takes what a run says of the structures of `file`: lines and frames of one id are matched in their order.
  @discardableResult
  public mutating func note(_ records: [SummaryRecord], file: Int) -> Matches {
    var places: [String: [Int]] = [:]
    for entry in entries.reversed() where entry.file == file {
      places[entry.id, default: []].append(entry.number)
    }
    var matches = Matches()
    for record in records {
      guard let number = places[record.id]?.popLast() else { continue }
      matches.known += 1
      if entries[number].contradicts(record) {
        matches.contradicted.append(record.id)
      } else {
        entries[number].take(record)
      }
    }
    return matches
  }

  /// Takes where relaxations began from `initials`, by number, and judges what became of them.
  ///
  /// - Parameter initials: positions in Å.
  public mutating func judge(from initials: [Int: [Vector3]], limits: AnomalyLimits) {
    for (number, structure) in structures {
      guard let positions = initials[number], positions.count == structure.count else {
        continue
      }
      var initial = structure
      initial.positions = positions
      entries[number].anomalies = limits.anomalies(of: structure, initial: initial)
    }
  }

  /// What trajectories say of each structure, by number.
  ///
  /// A path ends with the energy, or else the largest force, of its structure; one that does not is of another run, and one
  /// of which neither is known is taken where the id is the only one. Paths that lie in each other are nobody's.
  public func owned(_ paths: PathRecords) -> [Int: PathRecords.Path] {
    var counts: [String: Int] = [:]
    for entry in entries { counts[entry.id, default: 0] += 1 }
    var owned: [Int: PathRecords.Path] = [:]
    for entry in entries {
      guard let path = paths.paths[entry.id], Set(path.steps).count == path.steps.count else {
        continue
      }
      let isOwn =
        agree(entry.energy, path.energies.last) ?? agree(entry.fmax, path.forces.last)
        ?? (counts[entry.id] == 1)
      if isOwn { owned[entry.number] = path }
    }
    return owned
  }

  /// Ids of structures whose path is left out, since it ends otherwise than the structure.
  public func disowned(_ paths: PathRecords) -> [String] {
    let owners = Set(owned(paths).keys.map { entries[$0].id })
    var seen: Set<String> = []
    return entries.map(\.id).filter {
      paths.paths[$0] != nil && !owners.contains($0) && seen.insert($0).inserted
    }
  }

  /// Takes energies at the start from the trajectories of structures, by number.
  public mutating func note(_ paths: [Int: PathRecords.Path]) {
    for index in entries.indices {
      guard let path = paths[entries[index].number], path.steps.first == 0,
        let first = path.energies.first, first.isFinite, let last = entries[index].energy
      else { continue }
      entries[index].energyChange = last - first
    }
  }

  /// All structures, what needs a look first: failed ones, then those that did not converge, then anomalies.
  public var troubledFirst: [Entry] {
    entries.sorted { (rank($0), $0.number) < (rank($1), $1.number) }
  }

  private func rank(_ entry: Entry) -> Int {
    switch entry.status {
    case .failed: 0
    case .diverged: 1
    case .invalid: 2
    case .interrupted: 3
    case .stalled: 4
    case .stepLimit: 5
    case .converged, nil: entry.anomalies?.isEmpty == false ? 6 : 7
    }
  }

  /// How many structures ended so.
  func count(_ status: RelaxationStatus?) -> Int { entries.count { $0.status == status } }
}

/// Whether two numbers are the same but for how many digits were written; nil where one is not known.
private func agree(_ a: Double?, _ b: Double?) -> Bool? {
  guard let a, let b, a.isFinite, b.isFinite else { return nil }
  return abs(a - b) <= 1e-6 * max(abs(a), abs(b))
}

extension RelaxedSet.Entry {
  /// Whether the structure itself says otherwise than `record`.
  fileprivate func contradicts(_ record: SummaryRecord) -> Bool {
    guard let status else { return agree(energy, record.energy) == false }
    return status != record.status || agree(energy, record.energy) == false
      || agree(fmax, record.fmax) == false || (steps.map { $0 != record.steps } ?? false)
  }

  fileprivate mutating func take(_ record: SummaryRecord) {
    (status, reason, steps) = (record.status, record.reason, record.steps)
    (evaluations, seconds) = (record.evaluations, record.seconds)
    energy = energy ?? record.energy
    fmax = fmax ?? record.fmax
  }
}
