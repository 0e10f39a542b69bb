// SPDX-License-Identifier: MIT

import ArgumentParser
import Files
import RelaxNumerics

/// What was wrong with a command line that the argument parser refused, where its own words leave that
/// open: it names what is missing, not the misspelt option that was meant to give it, and says that a
/// value is invalid, not what is wanted.
struct Misunderstanding {
  /// The command line without the name of the program.
  var arguments: [String]

  /// The failure that `error` of the parser comes from; nil where the parser's words say it.
  func failure(behind error: any Error) -> CommandFailure? {
    guard RelaxCommand.exitCode(for: error) == .validationFailure else { return nil }
    let sentence = unknownOption ?? badValue(RelaxCommand.message(for: error))
    return sentence.map { CommandFailure(.usage, $0) }
  }

  // MARK: - Options

  /// A sentence about the first option that the command does not have.
  private var unknownOption: String? {
    let (command, known) = commandAndOptions
    let given = arguments.prefix { $0 != "--" }.lazy
      .filter { $0.hasPrefix("--") && $0.count > 2 }
      .map { String($0.prefix { $0 != "=" }) }
    guard let option = given.first(where: { !known.contains($0) }) else { return nil }
    let hint = Spelling.nearest(to: option, among: known).map { "did you mean `\($0)`? " } ?? ""
    let help = command.isEmpty ? "relax help" : "relax help \(command)"
    return "there is no option \(Excerpt.name(option)); \(hint)`\(help)` lists all options"
  }

  /// The words of the command that the arguments name, and its options.
  private var commandAndOptions: (name: String, options: [String]) {
    guard let root = (try? JSONText(parsing: RelaxCommand._dumpHelp()))?["command"] else {
      return ("", [])
    }
    // Those of the parser for every command, of which its description is silent.
    var options = ["--generate-completion-script", "--experimental-dump-help", "--help-hidden"]
    var words: [String] = []
    var command = root
    options += Misunderstanding.options(of: root)
    var rest = arguments[...]
    while let next = Misunderstanding.subcommand(rest.first, of: command)
      ?? (words.isEmpty ? Misunderstanding.subcommand("run", of: command) : nil)
    {
      let name = next["commandName"].flatMap(Misunderstanding.text) ?? ""
      words.append(name)
      options += Misunderstanding.options(of: next)
      command = next
      if rest.first == name { rest = rest.dropFirst() } else { break }
    }
    return (words.joined(separator: " "), options)
  }

  private static func subcommand(_ name: String?, of command: JSONText) -> JSONText? {
    guard let name, case .array(let commands)? = command["subcommands"] else { return nil }
    return commands.first { $0["commandName"] == .string(name) }
  }

  private static func options(of command: JSONText) -> [String] {
    guard case .array(let arguments)? = command["arguments"] else { return [] }
    return arguments.flatMap { argument -> [String] in
      guard case .array(let names)? = argument["names"] else { return [] }
      return names.filter { $0["kind"] == .string("long") }
        .compactMap { $0["name"].flatMap(text) }.map { "--" + $0 }
    }
  }

  private static func text(_ json: JSONText) -> String? {
    if case .string(let text) = json { text } else { nil }
  }

  // MARK: - Values

  /// What is wanted in place of the value that the parser's message calls invalid:
  /// `The value '0,05' is invalid for '--fmax <number>'`.
  private func badValue(_ message: String) -> String? {
    let opening = "The value '"
    guard message.hasPrefix(opening) else { return nil }
    let rest = message.dropFirst(opening.count)
    guard let (value, place) = Misunderstanding.split(rest, at: "' is invalid for '"),
      let (option, end) = Misunderstanding.split(place, at: " <"),
      let (name, _) = Misunderstanding.split(end, at: ">'"),
      let form = ValueForm(rawValue: String(name))
    else { return nil }
    return "\(option) \(Excerpt.name(String(value))): \(form.demand(insteadOf: String(value)))"
  }

  private static func split(
    _ text: Substring, at mark: String
  ) -> (before: Substring, after: Substring)? {
    text.indices.first { text[$0...].hasPrefix(mark) }
      .map { (text[..<$0], text[$0...].dropFirst(mark.count)) }
  }
}
