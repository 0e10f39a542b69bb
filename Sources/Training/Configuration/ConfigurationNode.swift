// SPDX-License-Identifier: MIT

import Files
import StructureFiles
import Yams

/// A value in a configuration file, with its line: what is left of YAML for the rest of the module.
struct ConfigurationNode {
  /// A key with its value.
  struct Member {
    var key: String
    /// Line of the key.
    var line: Int
    var value: ConfigurationNode
  }

  indirect enum Content {
    /// A word or number; a quoted one is text whatever it looks like.
    case scalar(String, isQuoted: Bool)
    case list([ConfigurationNode])
    case section([Member])
  }

  var content: Content
  /// Counted from 1.
  var line: Int

  /// The value in a text of YAML.
  ///
  /// - Throws: `TrainingError.configuration` naming `file`.
  init(yaml text: String, file: String) throws(TrainingError) {
    func refuse(_ line: Int?, _ reason: String) -> TrainingError {
      .configuration(file: file, line: line, reason: reason)
    }
    if let line = ConfigurationNode.lineOfAnchor(text) {
      throw refuse(
        line,
        "names for parts of the file (`&name`) are not taken: write out what they stand for, "
          + "or put quotes around a text that has a &")
    }
    let root: Node?
    do { root = try compose(yaml: text) } catch {
      switch error as? YamlError {
      case .scanner(_, let problem, let mark, _), .parser(_, let problem, let mark, _),
        .composer(_, let problem, let mark, _):
        let lines = TextFile.lines(in: text)
        if lines.indices.contains(mark.line - 1), lines[mark.line - 1].contains("\t") {
          throw refuse(
            mark.line, "a tab stands here; YAML takes only blanks before and between words")
        }
        throw refuse(mark.line, "this is not YAML: \(problem)")
      case .duplicatedKeysInMapping(let keys, let context):
        // Yams' word for lists and the like, which it does not put into any order.
        guard !keys.contains("<uncovertable>") else {
          throw refuse(nil, "a key that is no text stands there twice")
        }
        throw refuse(
          context.mark.line,
          "the same key twice: \(keys.map(ConfigurationNode.shown).joined(separator: ", "))")
      case .reader(let problem, _, _, _): throw refuse(nil, "this is not YAML: \(problem)")
      default: throw refuse(nil, "this is not YAML")
      }
    }
    guard let root else { throw refuse(nil, "the file is empty") }
    do throws(NotText) {
      self = try ConfigurationNode(root)
    } catch {
      throw refuse(error.line, "keys are short words; this one is something else")
    }
  }

  /// The line of the first `&name`, which with `*name` lets a short text stand for endless values.
  private static func lineOfAnchor(_ text: String) -> Int? {
    var line = 1
    var before = UInt8(ascii: "\n")
    var bytes = text.utf8.makeIterator()
    while let byte = bytes.next() {
      if byte == UInt8(ascii: "&"), " \t\r\n[{,:".utf8.contains(before) { return line }
      if byte == UInt8(ascii: "\n") { line += 1 }
      before = byte
    }
    return nil
  }

  /// `text` as a message can show it: not too long, in one line.
  static func shown(_ text: String) -> String {
    String(Excerpt.quote(text).dropFirst().dropLast())
  }

  private struct NotText: Error { var line: Int? }

  private init(_ node: Node) throws(NotText) {
    line = node.mark?.line ?? 1
    switch node {
    case .scalar(let scalar):
      content = .scalar(scalar.string, isQuoted: ![.plain, .any].contains(scalar.style))
    case .sequence(let sequence):
      var list: [ConfigurationNode] = []
      for item in sequence { list.append(try ConfigurationNode(item)) }
      content = .list(list)
    case .mapping(let mapping):
      var members: [Member] = []
      for (key, value) in mapping {
        guard case .scalar(let name) = key, name.string.utf8.count <= 200,
          !name.string.utf8.contains(where: { $0 < 32 })
        else { throw NotText(line: key.mark?.line) }
        members.append(
          Member(
            key: name.string, line: key.mark?.line ?? line, value: try ConfigurationNode(value)))
      }
      content = .section(members)
    case .alias: throw NotText(line: line)
    }
  }

  /// What it is, with its article, for messages.
  var kind: String {
    switch content {
    case .scalar(let text, _): text.isEmpty ? "nothing" : "`\(ConfigurationNode.shown(text))`"
    case .list: "a list"
    case .section: "a section"
    }
  }

  /// Whether it is left empty or `null`.
  var isNull: Bool {
    guard case .scalar(let text, false) = content else { return false }
    return ["", "~", "null"].contains(text)
  }

  /// The same value as JSON: unquoted numbers are numbers, `true` and `false` truth values.
  var json: JSONText {
    switch content {
    case .scalar(let text, let isQuoted):
      if isQuoted { return .string(text) }
      if isNull { return .null }
      if text == "true" || text == "false" { return .boolean(text == "true") }
      if let number = wholeNumber { return .integer(number) }
      return number.map(JSONText.number) ?? .string(text)
    case .list(let items): return .array(items.map(\.json))
    case .section(let members):
      return .object(members.map { JSONText.Member($0.key, $0.value.json) })
    }
  }
}
