// SPDX-License-Identifier: MIT

import ArgumentParser
import Files
import StructureFiles
import Structures

struct Info: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "What is in files of structures: format, frames, sizes, elements, masks, labels.",
    discussion: """
      relax info data.lmdb
      relax info run1/vasprun.xml --json -

      Every frame is read, so that what it says holds for the whole file.

      \(ExitStatus.help("0 read, 65 a frame cannot be used"))
      """)

  @Argument(help: "Files of structures, or folders of them.", completion: .file())
  var inputs: [String]

  @OptionGroup var reading: ReadingOptions

  @Option(help: "Write it as JSON to this file, or to standard output (-).")
  var json: String?

  @OptionGroup var replacing: OverwriteOption

  func run() throws {
    let inputs = try InputFiles.files(in: inputs)
    var plan = OutputPlan(overwrite: replacing.overwrite)
    plan.reads(inputs)
    plan.writes(json, "--json", .json)
    let outputs = try plan.begin()
    defer { outputs.end() }
    var summaries: [FileSummary] = []
    for input in inputs { summaries.append(try FileSummary(of: input, reading)) }
    try outputs.write(JSONText.array(summaries.map(\.json)).text() + "\n", to: json)
    if !outputs.usesStandardOutput {
      try Console.result(summaries.map { $0.text + "\n" }.joined(separator: "\n"))
    }
    outputs.announce(quiet: true)
    if let first = summaries.lazy.compactMap(\.unusable.first).first {
      throw CommandFailure(.badData, first.description)
    }
  }
}

/// What is in a file of structures.
struct FileSummary {
  let path: String
  let format: String
  private(set) var frames = 0
  private(set) var unusable: [FileError] = []
  private(set) var warning: FileError?
  /// What its energies are, if the format says so.
  private var energies: String?
  private var sizes: ClosedRange<Int>?
  private var elements: Set<Element> = []
  private var counts: [(name: String, count: Int)] = FileSummary.facts.map { ($0.name, 0) }
  private var keys: [String: Int] = [:]
  private var identifiers: [String] = []

  /// More ids than this are not named.
  private static let mostIdentifiers = 5

  private static let facts: [(name: String, holds: @Sendable (Structure) -> Bool)] = [
    ("cell", { $0.cell.hasVectors }), ("periodic", { $0.cell.periodicity.any }),
    ("mask", { $0.moveMask != nil }), ("tags", { $0.tags != nil }),
    ("energy", { $0.energy != nil }), ("forces", { $0.forces != nil }),
    ("stress", { $0.attribute("stress") != nil }),
    ("electrons not converged", { $0.hasUnconvergedLabels }),
  ]

  /// Reads the file at `path` to its end.
  init(of path: String, _ reading: ReadingOptions) throws(FileError) {
    self.path = path
    let reader = try StructureReader(
      path: path, selecting: reading.filters, assuming: reading.assumptions)
    format = reader.format
    while let frame = try reader.next() {
      frames += 1
      switch frame.content {
      case .success(let structure): add(structure, frame.identifier)
      case .failure(let error): unusable.append(error)
      }
    }
    (warning, energies) = (reader.warning, reader.energies)
  }

  private mutating func add(_ structure: Structure, _ identifier: String) {
    let count = structure.count
    sizes = sizes.map { min($0.lowerBound, count)...max($0.upperBound, count) } ?? count...count
    elements.formUnion(structure.elements)
    for (place, fact) in FileSummary.facts.enumerated() where fact.holds(structure) {
      counts[place].count += 1
    }
    for attribute in structure.attributes { keys[attribute.name, default: 0] += 1 }
    if identifiers.count < FileSummary.mostIdentifiers { identifiers.append(identifier) }
  }

  /// For people.
  var text: String {
    var lines = ["\(PathText.shown(path)): \(format), \(Excerpt.count(frames, "frame"))"]
    func line(_ name: String, _ value: String) {
      lines.append("  \(name)\(String(repeating: " ", count: max(1, 10 - name.count)))\(value)")
    }
    if let sizes {
      line(
        "atoms",
        sizes.lowerBound == sizes.upperBound
          ? "\(sizes.lowerBound)" : "\(sizes.lowerBound) to \(sizes.upperBound)")
    }
    line("elements", elements.sorted().map(\.symbol).joined(separator: " "))
    for (name, count) in counts where count > 0 || name != "electrons not converged" {
      line(name, count == frames ? "all" : count == 0 ? "none" : "\(count) of \(frames)")
    }
    if let energies { line("energies", energies) }
    if !keys.isEmpty { line("keys", Excerpt.list(keys.keys.sorted(), first: 20)) }
    if !identifiers.isEmpty {
      line(
        "ids",
        Excerpt.list(identifiers, first: FileSummary.mostIdentifiers)
          + (frames > identifiers.count ? ", …" : ""))
    }
    if !unusable.isEmpty {
      line("unusable", "\(unusable.count), the first: \(unusable[0].description)")
    }
    if let warning { line("warning", warning.description) }
    return lines.joined(separator: "\n")
  }

  /// For programs.
  var json: JSONText {
    [
      "file": .string(path), "format": .string(format), "frames": .integer(frames),
      "unusable": .integer(unusable.count),
      "atoms": sizes.map { .array([.integer($0.lowerBound), .integer($0.upperBound)]) } ?? nil,
      "elements": JSONText(elements.sorted().map(\.symbol)),
      "with": .object(counts.map { JSONText.Member($0.name, .integer($0.count)) }),
      "keys": .object(
        keys.sorted { $0.key < $1.key }.map { JSONText.Member($0.key, .integer($0.value)) }),
      "ids": JSONText(identifiers),
      "energies": energies.map { .string($0) } ?? nil,
      "warning": warning.map { .string($0.description) } ?? nil,
    ]
  }
}
