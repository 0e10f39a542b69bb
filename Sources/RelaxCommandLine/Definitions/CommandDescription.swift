// SPDX-License-Identifier: MIT

import ArgumentParser
import Files

/// What the definitions say about a command, as help, man page and completion need it.
struct CommandDescription {
  /// An argument or option.
  struct Argument {
    /// How it is written, short first: `-o`, `--output`; empty for what is given by its place.
    var names: [String]
    /// What stands for its value; nil for a flag.
    var value: String?
    /// In words.
    var abstract: String
    /// What it may be, if that is a choice.
    var choices: [String]
    /// What it is if it is not given.
    var defaultValue: String?
    /// Whether it may be given several times, and left out.
    var (isRepeating, isOptional): (Bool, Bool)
    /// The heading under which help shows it.
    var section: String?

    /// Whether its value is a file as far as the definitions tell: it has no form of its own.
    var takesFile: Bool {
      guard let value, choices.isEmpty else { return false }
      return ValueForm(rawValue: value) == nil && !Argument.names.contains(value)
    }

    /// Values that are names of something else.
    private static let names = ["host", "port", "unix", "prefix", "provider"]
  }

  /// The words that call it, `relax model info`.
  var words: [String]
  /// One sentence.
  var abstract: String
  /// Paragraphs.
  var discussion: String
  /// In the order of help.
  var arguments: [Argument]
  /// Those that it has.
  var subcommands: [CommandDescription]

  /// `relax`, with all commands.
  static var relax: CommandDescription {
    let text = (try? JSONText(parsing: RelaxCommand._dumpHelp()))?["command"] ?? .null
    return CommandDescription(text, below: [])
  }

  /// This command and all below it.
  var all: [CommandDescription] { [self] + subcommands.flatMap(\.all) }

  /// The name of its man page.
  var page: String { words.joined(separator: "-") }

  private init(_ json: JSONText, below words: [String]) {
    self.words = words + [json["commandName"]?.words ?? ""]
    abstract = json["abstract"]?.words ?? ""
    discussion = json["discussion"]?.words ?? ""
    arguments = (json["arguments"]?.items ?? []).filter { $0["shouldDisplay"] != .boolean(false) }
      .map(Argument.init)
    // The parser's own `help` describes nothing.
    let below = self.words
    subcommands = (json["subcommands"]?.items ?? []).filter { $0["commandName"] != .string("help") }
      .map { CommandDescription($0, below: below) }
  }
}

extension CommandDescription.Argument {
  fileprivate init(_ json: JSONText) {
    names = (json["names"]?.items ?? []).map {
      ($0["kind"] == .string("long") ? "--" : "-") + ($0["name"]?.words ?? "")
    }.sorted { !$0.hasPrefix("--") && $1.hasPrefix("--") }
    value = json["kind"] == .string("flag") ? nil : json["valueName"]?.words
    abstract = json["abstract"]?.words ?? ""
    choices = (json["allValues"]?.items ?? []).compactMap(\.words)
    defaultValue = json["defaultValue"]?.words
    isRepeating = json["isRepeating"] == .boolean(true)
    isOptional = json["isOptional"] == .boolean(true)
    section = json["sectionTitle"]?.words
  }
}

extension JSONText {
  fileprivate var words: String? { if case .string(let text) = self { text } else { nil } }
  fileprivate var items: [JSONText] { if case .array(let items) = self { items } else { [] } }
}
