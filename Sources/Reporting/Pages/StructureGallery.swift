// SPDX-License-Identifier: MIT

import Files
import RelaxNumerics
import StructureFiles
import Structures

/// Structures to look at in three dimensions, each a path of frames: the viewer's data.
///
/// What is added is packed at once: see ``PackedStructure``.
public struct StructureGallery: Sendable {
  /// Whose forces ``GalleryFrame/judgedForce`` are, in words; nil where no other method judges.
  public let judge: String?
  private var structures: [PackedStructure] = []
  private var elements: Set<Element> = []
  private var known: Set<Int> = []
  /// The numbers of structures by their ids as written; of equal ids that of the first.
  public private(set) var numbers: [String: Int] = [:]
  /// Frames that are left out because an atom is absurdly far away.
  public private(set) var absurd = 0

  /// An empty gallery.
  public init(judge: String? = nil) { self.judge = judge }

  /// Whether there is anything to see.
  public var isEmpty: Bool { structures.isEmpty }

  /// How many structures there are to see.
  public var count: Int { structures.count }

  /// How many frames there are to see.
  public var frameCount: Int { structures.reduce(0) { $0 + $1.frameCount } }

  /// Whether the structure of that number can be seen, so that an id may lead to it.
  public func shows(_ number: Int) -> Bool { known.contains(number) }

  /// Adds a structure; the chooser has them in the order in which they are added.
  ///
  /// - Parameters:
  ///   - number: what links call it (`data-structure`): its place in the page's order, from 0.
  ///   - id: its id, as written.
  ///   - structure: its elements, cell, mask and tags.
  ///   - status: how it ended, in a word or a sentence.
  ///   - frames: what is shown of it, in the order in which playing shows it. Frames of another number of atoms or
  ///     with an atom beyond `PositionBounds` are left out.
  public mutating func add(
    number: Int, id: String, structure: Structure, status: String? = nil, frames: [GalleryFrame]
  ) {
    let matching = frames.filter { $0.positions.count == structure.count && structure.count > 0 }
    let shown = matching.filter { PositionBounds.contain($0.positions) }
    absurd += matching.count - shown.count
    guard !shown.isEmpty, known.insert(number).inserted else { return }
    elements.formUnion(structure.elements)
    if numbers[id] == nil { numbers[id] = number }
    structures.append(
      PackedStructure(
        number: number, id: Excerpt.name(id), structure: structure, status: status, frames: shown))
  }

  /// All of it, as the viewer reads it.
  var data: JSONText {
    var members: [JSONText.Member] = [
      .init(
        "elements",
        .object(
          elements.sorted().map { element in
            .init(
              "\(element.atomicNumber)",
              [
                .string(element.symbol), .string(element.colour),
                .number(element.covalentRadius),
              ])
          }))
    ]
    if let judge { members.append(.init("judge", .string(judge))) }
    members.append(.init("structures", .array(structures.map(\.json))))
    return .object(members)
  }
}
