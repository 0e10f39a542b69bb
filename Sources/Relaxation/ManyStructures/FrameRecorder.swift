// SPDX-License-Identifier: MIT

import Files
import Forces
import StructureFiles
import Structures

/// Which geometries of a relaxation go to the trajectory; the first and the last always do.
public enum FrameSelection: Hashable, Sendable, CustomStringConvertible {
  /// Every evaluated geometry.
  case all
  /// The first and the last.
  case ends
  /// Every so many steps.
  case every(Int)

  /// From `all`, `ends` or `every:N`.
  public init?(_ text: String) {
    switch text {
    case "all": self = .all
    case "ends": self = .ends
    default:
      guard text.hasPrefix("every:"), let number = Int(text.dropFirst(6)), number > 0 else {
        return nil
      }
      self = .every(number)
    }
  }

  /// As on the command line.
  public var description: String {
    switch self {
    case .all: "all"
    case .ends: "ends"
    case .every(let number): "every:\(number)"
    }
  }

  func includes(_ step: Int) -> Bool {
    switch self {
    case .all: true
    case .ends: step == 0
    case .every(let number): step % number == 0
    }
  }
}

/// Turns the geometries of one relaxation into the text of a trajectory.
struct FrameRecorder {
  private let selection: FrameSelection
  private let output: StructureOutput
  /// The input without old results and with its id, to which each frame adds its own.
  private let template: Structure
  private(set) var spool: ByteSpool
  /// The newest geometry, if it is not written yet.
  private var unwritten: Relaxation.Step?
  /// Frames are shown so often while the structure is on its way.
  static let interval = Duration.seconds(1)
  private var lastShown = ContinuousClock.now

  init(
    _ structure: Structure, identifier: String, selection: FrameSelection, output: StructureOutput
  ) {
    (self.selection, self.output) = (selection, output)
    var template = structure.withoutStaleResults()
    let sid = structure.attribute("sid") ?? Attribute(name: "sid", string: identifier)
    template.attributes.removeAll { $0.name == "sid" || $0.name == "fid" }
    template.attributes.append(sid)
    self.template = template
    spool = ByteSpool(destination: output.path, compression: output.compression)
  }

  mutating func record(_ step: Relaxation.Step) throws {
    if selection.includes(step.number) {
      try write(step)
      unwritten = nil
    } else {
      unwritten = step
    }
  }

  /// Has what there is so far shown now and then, so that one can look at a structure on its way.
  mutating func showIfDue(_ show: (inout ByteSpool) throws -> Void) throws {
    guard spool.canBeShown, ContinuousClock.now - lastShown >= FrameRecorder.interval else {
      return
    }
    try show(&spool)
    lastShown = .now
  }

  /// Writes the last geometry, if it is not there yet, and completes the text.
  mutating func finish() throws {
    if let unwritten { try write(unwritten) }
    unwritten = nil
    try spool.seal()
  }

  private mutating func write(_ step: Relaxation.Step) throws {
    var frame = template
    frame.positions = step.positions
    frame.energy = step.energy.flatMap { $0.isFinite ? $0 : nil }
    frame.forces = step.forces
    frame.attributes.append(Attribute(name: "fid", text: "\(step.number)"))
    frame.markForces(step.coverage)
    frame.addFreeEnergy(step.freeEnergy)
    if let stress = step.stress, stress.isFinite { frame.attributes.append(stress.stressAttribute) }
    try spool.write { [output] in try output.append(frame, to: &$0) }
  }
}

extension RelaxationResult {
  /// The relaxed structure as it is written: everything the input had but its old results.
  ///
  /// - Parameters:
  ///   - id: the structure's id, which the frame gets as its `sid` if it has neither that nor an `id`.
  ///   - changed: settings that it was relaxed with and that its run had not at the beginning.
  public func frame(
    of structure: Structure, id: String? = nil, changed: [RecordedSetting] = []
  ) -> Structure {
    var frame = structure.withoutStaleResults()
    if let id { frame.identify(as: id) }
    frame.positions = positions
    frame.energy = energy.flatMap { $0.isFinite ? $0 : nil }
    frame.forces = forces
    frame.moveMask =
      structure.moveMask ?? MoveMask(free: [Bool](repeating: true, count: structure.count))
    frame.attributes.removeAll { RelaxationResult.attributeNames.contains($0.name) }
    frame.markForces(coverage)
    frame.addFreeEnergy(freeEnergy)
    if let stress { frame.attributes.append(stress.stressAttribute) }
    frame.attributes += [
      Attribute(name: "relax_status", text: status.rawValue),
      Attribute(name: "relax_steps", text: "\(steps)"),
    ]
    if let fmax { frame.attributes.append(Attribute(name: "relax_fmax", text: "\(fmax)")) }
    if !changed.isEmpty {
      let text = changed.map { "\($0.name)=\($0.value)" }.joined(separator: "; ")
      frame.attributes.append(Attribute(name: "relax_settings", string: text))
    }
    return frame
  }

  private static let attributeNames: Set<String> = [
    "relax_status", "relax_steps", "relax_fmax", "relax_settings",
  ]
}

extension Structure {
  /// Says so where forces are those on free atoms only.
  fileprivate mutating func markForces(_ coverage: ForceCoverage) {
    guard coverage != .all else { return }
    attributes.append(Attribute(name: "forces_on", text: coverage.rawValue))
  }
}
