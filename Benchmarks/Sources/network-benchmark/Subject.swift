// SPDX-License-Identifier: MIT

import Forces
import Networks
import RelaxNumerics
import StructureFiles
import Structures

/// The network and the structure under measurement.
struct Subject: Sendable {
  /// One thread, with shortcuts.
  let provider: NetworkProvider
  let structure: Structure

  /// Reads the model and the structure number `index`, from 0, of the file `structures`.
  init(model path: String, structures: String, index: Int) throws {
    provider = try Subject.provider(path, threads: 1)
    let reader = try StructureReader(path: structures)
    for _ in 0..<index { _ = try reader.next() }
    guard let frame = try reader.next() else { throw MissingStructure(file: structures, index) }
    structure = try frame.structure()
  }

  /// The network of the file, prepared for `threads` threads on one structure; what was read is not
  /// kept beside it.
  static func provider(_ path: String, threads: Int) throws -> NetworkProvider {
    var options = NetworkProvider.Options()
    options.threads = threads
    let model = try NetworkModel.read(path)
    return try NetworkProvider(model, specification: path, options: options)
  }

  struct MissingStructure: Error, CustomStringConvertible {
    let description: String
    init(file: String, _ index: Int) {
      description = "\(file) has no structure number \(index) (from 0)"
    }
  }
}

/// Positions as in a relaxation: free atoms within 0.02 Å of where they began, others still.
///
/// Moves of that size change some edges at the cutoff and among the nearest, as real steps do.
struct Walk {
  private let start: [Vector3]
  private let free: [Int]
  private var random = SeededGenerator(seed: 11)

  init(_ structure: Structure) {
    start = structure.positions
    free = structure.freeAtoms
  }

  mutating func next() -> [Vector3] {
    var positions = start
    for atom in free {
      positions[atom] += Vector3(
        random.uniform(-0.02, 0.02), random.uniform(-0.02, 0.02), random.uniform(-0.02, 0.02))
    }
    return positions
  }
}
