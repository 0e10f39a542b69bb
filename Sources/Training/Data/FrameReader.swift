// SPDX-License-Identifier: MIT

import Files
import Networks
import RelaxNumerics
import StructureFiles
import Structures

/// Reads sets of frames, several files at once.
struct FrameReader {
  let knownElements: Set<Element>
  let threads: Int
  /// Whether energies are learned, and what they are to be relative to if that was said.
  let energies: (areLearned: Bool, reference: EnergyReference?)
  let report: @Sendable (Int) -> Void
  private let done = Guarded(0)
  private let notes = Guarded<[String]>([])
  /// For each kind of energies a file that has them.
  private let found = Guarded<[EnergyReference: String]>([:])

  init(
    knownElements: Set<Element>, threads: Int,
    energies: (areLearned: Bool, reference: EnergyReference?),
    report: @escaping @Sendable (Int) -> Void
  ) {
    (self.knownElements, self.threads, self.report) = (knownElements, threads, report)
    self.energies = energies
  }

  /// What is to be known of the files, in their order within each set.
  var cautions: [String] { notes.withLock { $0 } }

  /// What all energies that were read are relative to; nil if there were none.
  func reference() throws(TrainingError) -> EnergyReference? {
    let found = found.withLock { $0 }
    if let adsorption = found[.adsorption], let total = found[.total] {
      throw .data(
        "\(adsorption) has reference energies in its N.txt, but \(total) has none, or 0: say "
          + "`energies: adsorption` or `energies: total` under data")
    }
    return found.keys.first
  }

  func frames(of source: TrainingConfiguration.Source) throws -> FrameStore {
    let collection = try FrameCollection(path: source.path)
    // A chunk alone is a collection with the same labels.
    let chunks =
      collection.chunks.count == 1
      ? [collection] : try collection.chunks.map { try FrameCollection(path: $0.frames) }
    var parts: [FrameStore] = []
    try mapInOrder(
      count: chunks.count, threads: threads,
      transform: { (index: Int) throws -> Part in try part(chunks[index], of: source) },
      consume: { (part: Part) throws in
        parts.append(part.frames)
        notes.withLock { notes in notes += part.notes.filter { !notes.contains($0) } }
      })
    let count = parts.reduce(0) { $0 + $1.count }
    guard count > 0 else {
      throw TrainingError.data("\(source.path) holds no frames to learn from")
    }
    var all = FrameStore()
    guard let limit = source.limit, limit < count else {
      for part in parts { all.append(part) }
      return all
    }
    let wanted = (0..<limit).map { $0 * count / limit }
    var first = 0
    for part in parts {
      let range = first..<first + part.count
      all.append(part, frames: wanted.lazy.filter { range.contains($0) }.map { $0 - first })
      first = range.upperBound
    }
    return all
  }

  /// The frames of a file, and what is to be known of it.
  private struct Part {
    var frames: FrameStore
    var notes: [String]
  }

  private func part(
    _ collection: FrameCollection, of source: TrainingConfiguration.Source
  ) throws -> Part {
    let reader = CollectionReader(
      collection, selecting: source.filters, takesUnconverged: source.takesUnconverged)
    var frames = FrameStore()
    while let frame = try reader.next() {
      let structure = try frame.frame.structure()
      frames.append(
        structure, forces: try forces(of: structure, frame),
        energy: try energy(of: structure, frame), system: frame.frame.identifier)
      let total = done.withLock { done in
        done += 1
        return done
      }
      if total.isMultiple(of: 100) { report(total) }
    }
    return Part(
      frames: frames,
      notes: reader.warnings.map(\.description)
        + (energies.areLearned ? reader.energies.map { "energies are \($0)" } : []))
  }

  /// What is to be learned as a frame's energy, eV; nil where it has none or none is learned.
  private func energy(
    of structure: Structure, _ frame: LabelledFrame
  ) throws(FileError) -> Double? {
    guard energies.areLearned, var energy = structure.energy else { return nil }
    // A reference of exactly 0 is none: what `relax sample` writes of structures that come without one.
    let given = frame.label.map { $0.referenceEnergy != 0 } ?? false
    let reference = energies.reference ?? (given ? .adsorption : .total)
    if reference == .adsorption {
      guard let label = frame.label else {
        throw frame.error(
          "has no reference energy, from which adsorption energies count; expected a file N.txt "
            + "beside N.extxyz, or `energies: total` under data")
      }
      energy -= label.referenceEnergy
    }
    guard energy.isFinite else { throw frame.error("has an energy that is not finite") }
    found.withLock { if $0[reference] == nil { $0[reference] = frame.file } }
    return energy
  }

  private func forces(
    of structure: Structure, _ frame: LabelledFrame
  ) throws(FileError) -> [Vector3] {
    guard let forces = structure.forces else {
      throw frame.error("has no forces to learn from; expected forces:R:3 among its Properties")
    }
    let largest = Double(Float.greatestFiniteMagnitude)
    if let atom = forces.firstIndex(where: { force in
      !(abs(force.x) <= largest && abs(force.y) <= largest && abs(force.z) <= largest)
    }) {
      throw frame.error(
        "has a force that is not finite or too large for single precision, on atom \(atom + 1)")
    }
    guard PositionBounds.contain(structure.positions) else {
      throw frame.error("has an atom that is absurdly far away, more than 1 mm")
    }
    let unknown = Set(structure.elements).subtracting(knownElements).sorted()
    guard unknown.isEmpty else {
      throw frame.error(
        "holds \(unknown.map(\.symbol).joined(separator: ", ")), which the network has no "
          + "features for")
    }
    return forces
  }
}
