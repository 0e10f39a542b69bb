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
  public mutating func add(_ structure: Structure, id: String, file: Int) {
    var number = entries.count
    if let step = structure.attribute("fid").flatMap({ Int($0.unquoted) }) {
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

  /// Takes what a run says of the structures of `file`: lines and frames of one id are matched in their order.
  ///
  /// - Returns: how many records belong to a structure.
  @discardableResult
  public mutating func note(_ records: [SummaryRecord], file: Int) -> Int {
    var places: [String: [Int]] = [:]
    for entry in entries.reversed() where entry.file == file {
      places[entry.id, default: []].append(entry.number)
    }
    var known = 0
    for record in records {
      guard let number = places[record.id]?.popLast() else { continue }
      known += 1
      entries[number].take(record)
    }
    return known
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
  /// Where several structures have one id, a path is that of the one whose energy or largest force it ends with, and
  /// paths that lie in each other are nobody's.
  public func owned(_ paths: PathRecords) -> [Int: PathRecords.Path] {
    var counts: [String: Int] = [:]
    for entry in entries { counts[entry.id, default: 0] += 1 }
    var owned: [Int: PathRecords.Path] = [:]
    for entry in entries {
      guard let path = paths.paths[entry.id], Set(path.steps).count == path.steps.count else {
        continue
      }
      let ends = (energy: path.energies.last, force: path.forces.last)
      let isOwn =
        entry.energy.map { $0 == ends.energy } ?? entry.fmax.map { $0 == ends.force } ?? false
      if counts[entry.id] == 1 || isOwn { owned[entry.number] = path }
    }
    return owned
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

extension RelaxedSet.Entry {
  fileprivate mutating func take(_ record: SummaryRecord) {
    (status, reason, steps) = (record.status, record.reason, record.steps)
    (evaluations, seconds) = (record.evaluations, record.seconds)
    energy = energy ?? record.energy
    fmax = fmax ?? record.fmax
  }
}
