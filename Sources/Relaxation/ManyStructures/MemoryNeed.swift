// SPDX-License-Identifier: MIT

import Files
import Forces
import RelaxNumerics
import StructureFiles
import Structures

extension Engine {
  /// The memory for structures at work, if there is a limit: what the process does not take already, with the provider's
  /// models loaded.
  var memoryBudget: MemoryBudget? {
    memoryLimit.map { MemoryBudget(limit: $0, taken: SystemMemory.resident ?? 0) }
  }

  /// The same of a frame; nothing of one that cannot be used.
  func memoryNeeded(for frame: Frame, trajectory: StructureOutput?) -> Int {
    guard case .success(let structure) = frame.content else { return 0 }
    return memoryNeeded(for: structure, trajectory: trajectory)
  }

  /// Bytes that the relaxation of `structure` takes at its peak: its evaluator, the optimizer, the structure itself
  /// with its copies, and the text that it becomes.
  ///
  /// An upper estimate, told before anything is evaluated; the same for the same structure and settings.
  ///
  /// - Parameters:
  ///   - structure: one that can be evaluated; others take next to nothing.
  ///   - trajectory: how geometries on the way are written, if they are.
  func memoryNeeded(for structure: Structure, trajectory: StructureOutput?) -> Int {
    guard structure.cell.defect == nil, PositionBounds.defect(of: structure.positions) == nil
    else { return 0 }
    let atoms = Double(structure.count)
    let own =
      settings.optimizer.memory(
        for: DegreesOfFreedom(of: structure).count, steps: settings.maximumSteps)
      + atoms
      * (MemoryNeed.bytesOfAtom + MemoryNeed.bytesOfColumn * Double(structure.columns.count))
      + trajectoryBytes(atoms, trajectory)
      + (provider.isExpensive ? MemoryNeed.bytesOfLog : 0)
    return provider.memory(for: structure) + Int(min(1e18, own))
  }

  private func trajectoryBytes(_ atoms: Double, _ trajectory: StructureOutput?) -> Double {
    guard let trajectory else { return 0 }
    let frame = atoms * MemoryNeed.textOfAtom
    let frames =
      switch frames {
      case .all: Double(settings.maximumSteps + 1)
      case .every(let number): Double(settings.maximumSteps / number + 2)
      case .ends: 2.0
      }
    // Text that waits to be packed and what is packed, each up to its limit and a frame more; arrays grow by doubling.
    let room = Double(ByteSpool.memoryLimit)
    return 2 * (min(frames * frame, room) + frame)
      * (trajectory.compression == .none ? 2 : 1.5)
      + (trajectory.compression == .xz ? MemoryNeed.bytesOfXZ : 0)
  }
}

/// What a structure at work takes beside its forces.
private enum MemoryNeed {
  /// Bytes an atom of the structure's copies: as it was read, template of frames, positions and forces of this step and
  /// of the one before, the result, and its text.
  static let bytesOfAtom = 450.0
  /// Bytes an atom of a further column that the file has, and of its copy.
  static let bytesOfColumn = 64.0
  /// Bytes an atom of extended XYZ with forces.
  static let textOfAtom = 160.0
  /// Bytes of the log of evaluations that wait to be written.
  static let bytesOfLog = Double(8 << 20)
  /// Bytes that the packer takes for its dictionary.
  static let bytesOfXZ = 1e8
}
