// SPDX-License-Identifier: MIT

import Files
import Structures

/// By what a frame is known, and what else might tell which structure it is.
struct FrameIdentity: Hashable, Sendable {
  /// What it is matched by.
  var id: String
  /// Whether the frame itself says so; else it is called after its file.
  var isNamed: Bool
  /// Its `id`, if it is matched by its `sid`.
  var other: String?
  /// Its atoms, in order.
  var elements: [Element]

  /// The identity of `structure`, which is matched by `id`.
  init(_ structure: Structure, id: String) {
    self.id = id
    isNamed = structure.identifier != nil
    other = structure.attribute("sid") == nil ? nil : structure.attribute("id")?.unquoted
    elements = structure.elements
  }
}

/// References and predictions that do not belong together by their ids, and why that may be.
public struct IdentifierMismatch: Hashable, Sendable, CustomStringConvertible {
  /// What the ids have in common though they differ.
  public enum Cause: Hashable, Sendable {
    /// The `id` of the frames of one side is the id of the other side's, which are matched by `sid`.
    case otherKey(role: ScoringRole, id: String)
    /// Two ids differ in upper and lower case, leading zeros or punctuation only.
    case spelling(predicted: String, reference: String)
    /// Frames of one side have no id and are called after their file.
    case unnamed(role: ScoringRole)
  }

  /// Structures of the reference set.
  public let references: Int
  /// Ids of references without a prediction.
  public let missing: [String]
  /// Ids of predictions without a reference.
  public let extra: [String]
  /// What may be the cause; nil if nothing points to one.
  public let cause: Cause?
  /// Whether unmatched references and predictions are as many, with the same atoms in the same order.
  public let isSameOrder: Bool

  /// Whether no reference has a prediction.
  public var isTotal: Bool { missing.count == references }

  /// - Parameters:
  ///   - references: all of them.
  ///   - missing: those without a prediction.
  ///   - extra: predictions without a reference, or the first of them.
  ///   - ids: ids of all predictions without a reference.
  /// - Returns: nil if every reference has a prediction.
  init?(references: Int, missing: [FrameIdentity], extra: [FrameIdentity], ids: [String]) {
    guard !missing.isEmpty else { return nil }
    self.references = references
    self.missing = missing.map(\.id)
    self.extra = ids
    isSameOrder =
      missing.count == ids.count && missing.map(\.elements) == extra.map(\.elements)
    cause = IdentifierMismatch.cause(missing, extra)
  }

  private static func cause(_ missing: [FrameIdentity], _ extra: [FrameIdentity]) -> Cause? {
    guard !extra.isEmpty else { return nil }
    let (asked, given) = (Set(missing.map(\.id)), Set(extra.map(\.id)))
    if let id = extra.lazy.compactMap(\.other).first(where: asked.contains) {
      return .otherKey(role: .prediction, id: id)
    }
    if let id = missing.lazy.compactMap(\.other).first(where: given.contains) {
      return .otherKey(role: .reference, id: id)
    }
    if extra.contains(where: { !$0.isNamed }) { return .unnamed(role: .prediction) }
    if missing.contains(where: { !$0.isNamed }) { return .unnamed(role: .reference) }
    var plain: [String: String] = [:]
    for frame in missing { plain[bare(frame.id)] = frame.id }
    for frame in extra {
      if let reference = plain[bare(frame.id)] {
        return .spelling(predicted: frame.id, reference: reference)
      }
    }
    return nil
  }

  /// An id without what programs change: case, punctuation, leading zeros.
  private static func bare(_ id: String) -> String {
    let kept = id.lowercased().filter { $0.isLetter || $0.isNumber }
    return String(kept.drop { $0 == "0" })
  }

  /// What is unmatched, and in a second line the likely cause.
  public var description: String {
    let first: String
    if isTotal, let id = missing.first {
      first =
        extra.first.map {
          "no prediction has the id of a reference: predicted are `\(Excerpt.name($0))` and so on, "
            + "asked for are `\(Excerpt.name(id))` and so on"
        }
        ?? "there is no prediction for any of \(Excerpt.count(references, "reference")), the first is "
        + "`\(Excerpt.name(id))`"
    } else {
      first =
        "\(missing.count) of \(references) references have no prediction: \(Excerpt.list(missing))"
        + (extra.isEmpty ? "" : "; predicted without a reference: \(Excerpt.list(extra))")
    }
    return ([first] + hints).joined(separator: "\n")
  }

  private var hints: [String] {
    func frames(_ role: ScoringRole) -> String { role == .reference ? "references" : "predictions" }
    var hints: [String] = []
    switch cause {
    case .otherKey(let role, let id):
      hints.append(
        "frames are matched by `sid` where they have one; the `id` of the \(frames(role)) (such as "
          + "`\(Excerpt.name(id))`) would match: write it as their `sid`")
    case .spelling(let predicted, let reference):
      hints.append(
        "ids must be equal letter by letter: `\(Excerpt.name(predicted))` is not "
          + "`\(Excerpt.name(reference))`")
    case .unnamed(let role):
      hints.append(
        "the \(frames(role)) have no `sid` or `id`, so they are called after their file: write "
          + "the same sid=NAME into the comment lines of both files (with ASE: atoms.info['sid'] = 'NAME')"
      )
    case nil: break
    }
    if isSameOrder {
      hints.append(
        "the unmatched frames of both files have the same atoms in the same order: they may belong "
          + "together")
    }
    return hints
  }
}
