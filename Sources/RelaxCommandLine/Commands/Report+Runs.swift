// SPDX-License-Identifier: MIT

import ArgumentParser
import Files
import RelaxNumerics
import Relaxation
import Reporting
import Scoring
import StructureFiles

/// Reads what runs have left, where there are no references: relaxed structures with their journals and summaries,
/// trajectories, initial structures.
struct RunReader {
  /// Files of relaxed structures.
  var files: [String]
  /// Their names on the page, in their order; the rest are called by their files.
  var names: [String] = []
  /// Summaries of the runs that made them: one a file, or one of all.
  var summaries: [String] = []
  var trajectories: [String] = []
  var initial: [String] = []
  var selectInitial: [FrameFilter] = []
  /// Structures to look at.
  var shown: Int

  /// What is read, beside the relaxed structures.
  var others: [String] { summaries + trajectories + initial }

  /// Reads everything.
  ///
  /// - Throws: `FileError`; 65 if no file holds a structure.
  func report() throws -> RelaxedReport {
    var set = RelaxedSet(files: files, keeping: RunReader.most)
    var sources: [PageHead.Source] = []
    var noted = 0
    for (place, file) in files.enumerated() {
      set.beginFile()
      let reader = try StructureReader(path: file)
      while let frame = try reader.next() {
        switch frame.content {
        case .success(let structure): set.add(structure, id: frame.identifier, file: place)
        case .failure(let error):
          set.addUnreadable(id: frame.identifier, reason: error.description, file: place)
        }
      }
      Console.warn(about: reader)
      let record = try RunRecord(of: file)
      if let record { set.note(record.structures, file: place) }
      sources.append(
        PageHead.Source(
          name: names.indices.contains(place) ? names[place] : StructureReader.baseName(of: file),
          file: file, record: record))
    }
    guard !set.entries.isEmpty else {
      throw CommandFailure(.badData, "\(files.joined(separator: ", ")): there is no structure")
    }
    for (place, path) in summaries.enumerated() {
      let records = try SummaryRecord.all(of: path)
      let isOfAll = summaries.count != files.count
      let matched = (isOfAll ? Array(files.indices) : [place]).reduce(0) {
        $0 + set.note(records, file: $1)
      }
      if matched == 0 {
        Console.error("relax: \(path): no line has the id of a structure in the files")
      }
    }
    let shownEntries = Array(
      set.troubledFirst.filter { set.structures[$0.number] != nil }.prefix(shown))
    let paths =
      trajectories.isEmpty
      ? nil : try PathRecords(files: trajectories, showing: Set(shownEntries.map(\.id)))
    if let paths {
      if !set.entries.contains(where: { paths.paths[$0.id] != nil }) {
        Console.error(
          "relax: \(trajectories.joined(separator: ", ")): no trajectory has the id of a structure; frames "
            + "of a trajectory have a `sid` and a `fid`")
      }
    }
    let owned = paths.map { set.owned($0) } ?? [:]
    set.note(owned)
    try judge(&set, owned)
    var gallery = StructureGallery()
    for entry in shownEntries {
      guard let structure = set.structures[entry.number] else { continue }
      gallery.add(
        number: entry.number, id: entry.id, structure: structure,
        status: [entry.status?.rawValue, entry.reason].compactMap { $0 }.first,
        frames: GalleryFrame.joined(
          path: owned[entry.number]?.galleryFrames ?? [],
          end: GalleryFrame(.relaxed, of: structure, step: entry.steps)))
    }
    return RelaxedReport(
      set, head: PageHead(sources: sources, version: RelaxCommand.version), paths: paths,
      gallery: gallery)
  }

  /// Anomalies, by the initial structures if they are given, else by trajectories' first frames.
  private func judge(_ set: inout RelaxedSet, _ paths: [Int: PathRecords.Path]) throws {
    var initials: [Int: [Vector3]] = [:]
    if initial.isEmpty {
      for (number, path) in paths {
        if let first = path.galleryFrames.first, first.stage == .initial {
          initials[number] = first.positions
        }
      }
    } else {
      var given: [String: [Vector3]] = [:]
      for path in initial {
        try StructureFrames.read(path, selectInitial, steps: .first) { structure, id in
          given[id] = structure.positions
        }
      }
      for entry in set.entries { initials[entry.number] = given[entry.id] }
      if initials.isEmpty {
        Console.error(
          "relax: \(initial.joined(separator: ", ")): no initial structure has the id of a relaxed one, so "
            + "anomalies are not looked for")
      }
    }
    if !initials.isEmpty { set.judge(from: initials, limits: AnomalyLimits()) }
  }

  /// Geometries that are kept, for looking at them and for anomalies: about a gigabyte of slabs.
  private static let most = 100_000
}

extension Report {
  /// What a page without references needs and cannot have.
  func requireRunsAlone() throws {
    guard !predicted.isEmpty else {
      throw ValidationError("the relaxed structures are missing: a file, or several")
    }
    try scoring.requireNoJudging()
    guard others.isEmpty && otherSummaries.isEmpty else {
      throw ValidationError("--others are compared by references: give --reference, too")
    }
    guard summary.count <= 1 || summary.count == predicted.count else {
      throw ValidationError(
        "--summary: one of all, or one for each of the \(predicted.count) files; there are \(summary.count)"
      )
    }
    try MethodNames.require(name, atMost: predicted.count)
  }

  func reportRuns() throws {
    let files = try InputFiles.files(in: predicted)
    let reader = RunReader(
      files: files, names: name, summaries: summary, trajectories: trajectory,
      initial: try InputFiles.files(in: scoring.initial), selectInitial: scoring.selectInitial,
      shown: shown)
    try InputFiles.requireReadable(files + reader.others)
    var plan = OutputPlan(overwrite: replacing.overwrite)
    plan.reads(files + reader.others)
    let place = try destination(
      plan, tables: RelaxedReport.tableNames, figures: RelaxedReport.figureNames)
    defer { place.end() }
    try write(try reader.report(), to: place)
  }
}
