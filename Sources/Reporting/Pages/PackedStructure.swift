// SPDX-License-Identifier: MIT

import Files
import RelaxNumerics
import Structures

/// A structure with its frames in little room, as the viewer reads it.
///
/// Positions are whole multiples of `unit`. Those of the first frame are written as they are, those of others as
/// what they differ by from the frame before; each number in groups of seven bits, the lowest first, with the
/// eighth set in all but the last, the sign in the lowest bit; the bytes as base64. An atom that does not move
/// takes three bytes a frame, one that moves little hardly more.
struct PackedStructure: Sendable {
  /// What the viewer reads.
  let json: JSONText
  /// How many frames it has.
  let frameCount: Int

  /// Positions are given to this (Å) unless an atom is too far out.
  static let finest = 1e-4

  /// Packs `frames`, at least one, of `structure`.
  init(
    number: Int, id: String, structure: Structure, status: String?, frames: [GalleryFrame]
  ) {
    frameCount = frames.count
    // Images of a cell that nothing can repeat in are no images.
    let cells = frames.map { $0.cell ?? structure.cell }.map {
      $0.defect == nil ? $0 : $0.with(periodicity: .none)
    }
    let trail = StructureTrail(
      structure, frames: zip(frames, cells).map { ($0.positions, $1) })
    let farthest = trail.frames.joined().reduce(0) { max($0, abs($1.x), abs($1.y), abs($1.z)) }
    let unit = max(PackedStructure.finest, farthest / 1e9)
    let tags = structure.tags ?? []
    var members: [JSONText.Member] = [
      .init("n", .integer(number)), .init("id", .string(id)),
      .init("formula", .string(structure.formula)),
      .init("elements", PackedStructure.runs(structure.elements.map { Int($0.atomicNumber) })),
      .init("unit", .number(unit)),
      .init("stages", JSONText(frames.map(\.stage.rawValue))),
      .init("steps", PackedStructure.list(frames.map { $0.step.map(JSONText.integer) })),
      .init("energies", PackedStructure.numbers(frames.map(\.energy))),
      .init("fmax", PackedStructure.numbers(frames.map(\.fmax))),
      .init("positions", JSONText(PackedStructure.packed(trail.frames, unit: unit))),
      .init("up", PackedStructure.vectors([trail.up])),
    ]
    func add(_ name: String, _ value: JSONText, if isNeeded: Bool) {
      if isNeeded { members.append(.init(name, value)) }
    }
    let freedoms = structure.freedoms
    add("status", .string(status ?? ""), if: status != nil)
    add(
      "labels", PackedStructure.list(frames.map { $0.label.map { .string(Excerpt.name($0)) } }),
      if: frames.contains { $0.label != nil })
    add(
      "free", PackedStructure.runs(freedoms.map { Int($0.rawValue) }),
      if: structure.moveMask != nil)
    add("tags", PackedStructure.runs(tags), if: structure.tags != nil)
    if let cell = cells.first, cell.hasVectors {
      add("cell", PackedStructure.vectors([cell.a, cell.b, cell.c]), if: true)
      add(
        "cells", .array(cells.map { PackedStructure.vectors([$0.a, $0.b, $0.c]) }),
        if: cells.contains { $0 != cell })
      add(
        "pbc", .array((0..<3).map { .integer(cell.periodicity[$0] ? 1 : 0) }),
        if: cell.periodicity.any)
      add(
        "repeats", .array(trail.repeats.map(JSONText.integer)), if: !trail.repeats.isEmpty)
    }
    let shifts = trail.shifts.flatMap { shift in
      [shift.frame, shift.atom, shift.offset.x, shift.offset.y, shift.offset.z]
    }
    add("shifts", .array(shifts.map(JSONText.integer)), if: !shifts.isEmpty)
    add("anchor", .array(trail.anchor.map(JSONText.integer)), if: !trail.anchor.isEmpty)
    add(
      "judged", PackedStructure.numbers(frames.map(\.judgedForce)),
      if: frames.contains { $0.judgedForce != nil })
    add(
      "distances", PackedStructure.numbers(frames.map(\.distance)),
      if: frames.contains { $0.distance != nil })
    add(
      "forces",
      PackedStructure.list(frames.map { $0.forces.map { .string(PackedStructure.packed($0)) } }),
      if: frames.contains { $0.forces != nil })
    json = .object(members)
  }

  /// Values and how often each follows itself: `[29, 32, 8, 1]`.
  static func runs(_ values: [Int]) -> JSONText {
    var runs: [Int] = []
    for value in values {
      if runs.count > 1, runs[runs.count - 2] == value {
        runs[runs.count - 1] += 1
      } else {
        runs += [value, 1]
      }
    }
    return .array(runs.map(JSONText.integer))
  }

  private static func list(_ values: [JSONText?]) -> JSONText { .array(values.map { $0 ?? .null }) }

  /// Numbers to a millionth, with null for what is none.
  private static func numbers(_ values: [Double?]) -> JSONText {
    .array(values.map { JSONText($0.map(rounded)) })
  }

  private static func vectors(_ vectors: [Vector3]) -> JSONText {
    .array(vectors.flatMap { [$0.x, $0.y, $0.z] }.map { .number(rounded($0)) })
  }

  /// Shorter to write, and the same number to see; what is tiny or huge stays as it is.
  private static func rounded(_ value: Double) -> Double {
    (1e-2..<1e9).contains(abs(value)) ? (value * 1e6).rounded() / 1e6 : value
  }

  /// Positions (Å) of each frame in units of `unit` as base64.
  static func packed(_ frames: [[Vector3]], unit: Double) -> [String] {
    var last: [Int] = []
    return frames.map { positions in
      let whole = positions.flatMap { position in
        (0..<3).map { Int((position[$0] / unit).rounded()) }
      }
      var bytes: [UInt8] = []
      for (index, value) in whole.enumerated() {
        let difference = last.isEmpty ? value : value - last[index]
        PackedBytes.append(signed: difference, to: &bytes)
      }
      last = whole
      return PackedBytes.base64(bytes)
    }
  }

  /// Sizes of forces (eV/Å) in ten-thousandths, one added, as base64; 0 where there is none.
  static func packed(_ forces: [Float]) -> String {
    var bytes: [UInt8] = []
    for force in forces {
      let isKnown = force.isFinite && force < 1e9
      PackedBytes.append(isKnown ? UInt64((Double(force) * 1e4).rounded()) + 1 : 0, to: &bytes)
    }
    return PackedBytes.base64(bytes)
  }
}
