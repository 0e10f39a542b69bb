// SPDX-License-Identifier: MIT

import RelaxNumerics
import StructureFiles

extension ConfigurationNode {
  /// The whole number that it spells, if it does.
  var wholeNumber: Int? {
    guard case .scalar(let text, false) = content else { return nil }
    let bytes = Array(text.utf8)
    return try? NumberText.integer(in: bytes, bytes.indices)
  }

  /// The finite number that it spells, if it does.
  var number: Double? {
    guard case .scalar(let text, false) = content else { return nil }
    let bytes = Array(text.utf8)
    guard let value = try? NumberText.double(in: bytes, bytes.indices), value.isFinite else {
      return nil
    }
    return value
  }
}

/// Reads the keys of one section of a configuration, each once, and refuses what is left.
struct ConfigurationSection {
  private let file: String
  private let name: String
  private let line: Int
  private var members: [ConfigurationNode.Member]
  private var known: [String] = []

  /// The section `name` of `file`; the outermost has no name.
  init(_ node: ConfigurationNode, name: String, file: String) throws(TrainingError) {
    guard case .section(let members) = node.content else {
      throw .configuration(
        file: file, line: node.line,
        reason: name.isEmpty
          ? "this is no configuration: the keys model, data, training and output are needed, as `relax help "
            + "train` shows"
          : "\(name) is \(node.kind); keys with values below it are needed")
    }
    (self.file, self.name, self.line, self.members) = (file, name, node.line, members)
  }

  /// The value of `key`, if it is there and not null.
  mutating func take(_ key: String) -> ConfigurationNode? {
    known.append(key)
    guard let index = members.firstIndex(where: { $0.key == key }) else { return nil }
    let value = members.remove(at: index).value
    return value.isNull ? nil : value
  }

  /// The value of `key`, which must be there.
  mutating func require(_ key: String, _ what: String) throws(TrainingError) -> ConfigurationNode {
    guard let value = take(key) else {
      throw .configuration(
        file: file, line: name.isEmpty ? nil : line, reason: "\(path(key)) is missing: \(what)")
    }
    return value
  }

  /// The section `key`, which must be there.
  mutating func section(_ key: String, _ what: String) throws(TrainingError) -> ConfigurationSection
  {
    try ConfigurationSection(try require(key, what), name: path(key), file: file)
  }

  /// The whole number `key`, if it is there.
  mutating func count(
    _ key: String, _ range: ClosedRange<Int>
  ) throws(TrainingError) -> Int? {
    guard let value = take(key) else { return nil }
    return try count(value, key, range)
  }

  /// The whole number `key`, which must be there.
  mutating func requireCount(
    _ key: String, _ range: ClosedRange<Int>, _ what: String
  ) throws(TrainingError) -> Int {
    try count(try require(key, what), key, range)
  }

  private func count(
    _ value: ConfigurationNode, _ key: String, _ range: ClosedRange<Int>
  ) throws(TrainingError) -> Int {
    guard let number = value.wholeNumber, range.contains(number) else {
      throw refusal(
        key, value, "whole numbers from \(range.lowerBound) to \(range.upperBound) are possible")
    }
    return number
  }

  /// The number `key`, if it is there; `wanted` says what `isPossible` accepts.
  mutating func number(
    _ key: String, _ wanted: String, _ isPossible: (Double) -> Bool
  ) throws(TrainingError) -> Double? {
    guard let value = take(key) else { return nil }
    guard let number = value.number, isPossible(number) else { throw refusal(key, value, wanted) }
    return number
  }

  /// The number `key` or `auto`, which is nil, if it is there.
  mutating func automatic(
    _ key: String, _ wanted: String, _ isPossible: (Double) -> Bool
  ) throws(TrainingError) -> Double?? {
    guard let value = take(key) else { return nil }
    if case .scalar("auto", _) = value.content { return .some(nil) }
    guard let number = value.number, isPossible(number) else { throw refusal(key, value, wanted) }
    return number
  }

  /// The truth value `key`, if it is there.
  mutating func flag(_ key: String) throws(TrainingError) -> Bool? {
    guard let value = take(key) else { return nil }
    switch value.json {
    case .boolean(let flag): return flag
    default: throw refusal(key, value, "true or false is needed")
    }
  }

  /// The text `key`, if it is there.
  mutating func text(_ key: String) throws(TrainingError) -> String? {
    guard let value = take(key) else { return nil }
    return try text(value, key)
  }

  /// The text that `value` of `key` is.
  func text(_ value: ConfigurationNode, _ key: String) throws(TrainingError) -> String {
    guard case .scalar(let text, _) = value.content, !text.isEmpty else {
      throw refusal(key, value, "a name is needed")
    }
    return text
  }

  /// All keys that are left, with their values.
  mutating func takeAll() -> [ConfigurationNode.Member] {
    defer { members = [] }
    return members
  }

  /// Refuses keys that were not read.
  func finish() throws(TrainingError) {
    guard let member = members.first else { return }
    throw .configuration(
      file: file, line: member.line,
      reason: "there is no key \(path(member.key))\(Spelling.hint(member.key, known))")
  }

  /// An error about the value of `key`.
  func refusal(_ key: String, _ value: ConfigurationNode, _ wanted: String) -> TrainingError {
    .configuration(
      file: file, line: value.line, reason: "\(path(key)) is \(value.kind): \(wanted)")
  }

  private func path(_ key: String) -> String { name.isEmpty ? key : "\(name).\(key)" }
}
