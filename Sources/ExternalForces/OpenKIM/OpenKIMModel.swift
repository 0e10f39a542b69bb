// SPDX-License-Identifier: MIT

import CKIM
import RelaxNumerics
import Structures

/// A model of the library, made for one structure and never used for another.
///
/// Models remember: the cutoff of EMT_Asap grows with the elements that one has ever met, so its energies
/// would depend on which structures came before. Making one takes 0.5 to 10 ms, some 20 ms the first time.
///
/// Several threads compute at once, with a model each. Making and destroying is behind one lock of the
/// process: the library loads and unloads code then, and keeps lists of its own.
final class OpenKIMModel: @unchecked Sendable {
  // Unchecked: the evaluator that made it has it for itself.
  private let handle: OpaquePointer

  /// A neighbour list that the model asks for.
  struct List: Hashable, Sendable {
    /// Å; no closer neighbour may be missing, farther ones may be there.
    var cutoff: Double
    /// Whether it asks for the neighbours of images, too.
    var needsGhosts: Bool
  }

  /// Makes the model called `name`.
  init(_ name: String, in library: OpenKIMLibrary) throws(OpenKIMLibrary.Refusal) {
    var outcome: Int32 = 0
    var words = Words()
    guard
      let handle = relax_kim_create(
        library.handle, name, &outcome, &words.bytes, words.room)
    else {
      let said = words.text
      switch Int(outcome) {
      case Int(RELAX_KIM_UNITS):
        throw .init(reason: "it counts in \(said), and not in Å and eV when asked to")
      case Int(RELAX_KIM_DEMANDS):
        throw .init(reason: "it demands \(said), which relax does not have")
      default: throw .init(reason: "it cannot be made" + (said.isEmpty ? "" : ": \(said)"))
      }
    }
    self.handle = handle
  }

  deinit { relax_kim_destroy(handle) }

  /// Whether it computes energies.
  var hasEnergy: Bool { relax_kim_has_energy(handle) != 0 }
  /// Whether it computes forces.
  var hasForces: Bool { relax_kim_has_forces(handle) != 0 }
  /// Particles farther than this (Å) from an atom do not change the energy of that atom.
  var influenceDistance: Double { relax_kim_influence(handle) }
  /// The neighbour lists that it asks for.
  var lists: [List] {
    (0..<relax_kim_list_count(handle)).map {
      List(
        cutoff: relax_kim_list_cutoff(handle, $0),
        needsGhosts: relax_kim_list_needs_ghosts(handle, $0) != 0)
    }
  }

  /// The numbers that it has for the elements that it knows.
  var species: [Element: Int32] {
    var codes: [Element: Int32] = [:]
    for number in 1...Element.symbols.count {
      guard let element = Element(atomicNumber: number) else { continue }
      let code = relax_kim_species(handle, element.symbol)
      if code >= 0 { codes[element] = code }
    }
    return codes
  }

  /// Takes over particles of these species, the first `atoms` of which have an energy of their own, and
  /// the neighbours for each of its lists.
  ///
  /// - Returns: whether there was memory for them.
  func adopt(species: [Int32], atoms: Int, neighbors: [OpenKIMParticles.Neighbors]) -> Bool {
    guard relax_kim_set_particles(handle, Int32(species.count), Int32(atoms), species) == 0 else {
      return false
    }
    for (list, found) in neighbors.enumerated() {
      let rows = Int32(found.starts.count - 1)
      guard
        relax_kim_set_neighbors(handle, Int32(list), rows, found.starts, found.indices) == 0
      else { return false }
    }
    return true
  }

  /// The energy (eV) of the atoms it was given.
  ///
  /// - Parameters:
  ///   - coordinates: Å, three a particle.
  ///   - forces: becomes minus the slope of the energy for each particle (eV/Å); as long as `coordinates`.
  /// - Throws: the words of the model.
  func compute(
    _ coordinates: [Double], forces: inout [Double]
  ) throws(OpenKIMLibrary.Refusal) -> Double {
    precondition(forces.count == coordinates.count)
    var energy = 0.0
    var words = Words()
    guard
      relax_kim_compute(handle, coordinates, &energy, &forces, &words.bytes, words.room) == 0
    else { throw .init(reason: words.text) }
    return energy
  }
}
