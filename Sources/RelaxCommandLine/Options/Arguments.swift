// SPDX-License-Identifier: MIT

import ArgumentParser
import Files
import Forces
import RelaxNumerics

/// The command line before the parser sees it: what the parser would misunderstand or let pass.
enum Arguments {
  /// The arguments without the name of the program.
  ///
  /// They are bytes, of which `CommandLine.arguments` repairs what is no UTF-8; as ``PathText`` they
  /// still name the files that they name.
  static var ofProcess: [String] {
    (1..<max(1, Int(CommandLine.argc))).compactMap { index in
      CommandLine.unsafeArgv[index].map { FileSystem.text($0) }
    }
  }

  /// `arguments` with negative numbers tied to their options, as `--fmax=-1`: the parser would take them
  /// for options and say that a value is missing, and not what is wrong with it.
  ///
  /// - Throws: a `CommandFailure` if help is asked about a command that there is not, or the first word is
  ///   neither a command nor a file.
  static func prepared(_ arguments: [String]) throws -> [String] {
    switch arguments.first {
    case "help": try requireCommand(arguments.dropFirst(), of: RelaxCommand.self)
    case "model": try requireCommand(arguments[...], of: RelaxCommand.self, "model: ")
    default: try requireCommandOrFile(arguments)
    }
    var prepared: [String] = []
    for (place, argument) in arguments.enumerated() {
      let next = place + 1 < arguments.count ? arguments[place + 1] : nil
      if arguments.first == "status", argument == "--json",
        next.map({ $0.hasPrefix("-") && $0 != "-" }) ?? true
      {
        // Of all commands this one is asked by scripts most of all.
        prepared.append("--json=-")
        continue
      }
      if let option = prepared.last, option.hasPrefix("--"), option.count > 2,
        !option.contains("="),
        isNegativeNumber(argument), !prepared.contains("--")
      {
        prepared[prepared.count - 1] = "\(option)=\(argument)"
      } else {
        prepared.append(argument)
      }
    }
    return prepared
  }

  /// What to say of a word which may have been meant as a command; empty if it is like none.
  static func commandHint(_ word: String) -> String {
    let names = names(of: RelaxCommand.self)
    guard isWord(word), let near = Spelling.nearest(to: word, among: names + ["--version", "help"])
    else { return "" }
    return ", and there is no command of that name; did you mean `\(near)`? Possible are "
      + Spelling.list(names)
  }

  /// Whether it looks like a command's name, not like that of a file.
  private static func isWord(_ text: String) -> Bool {
    !text.isEmpty && !text.contains(where: { "/.".contains($0) })
  }

  /// Refuses a first word that is neither; without it the parser would miss what the default command
  /// needs, and not say that no command is of that name.
  private static func requireCommandOrFile(_ arguments: [String]) throws {
    guard let word = arguments.first, !word.hasPrefix("-"), isWord(word),
      !names(of: RelaxCommand.self).contains(word), !FilePlace(word).exists
    else { return }
    let hint = commandHint(word)
    let names = Spelling.list(names(of: RelaxCommand.self))
    throw CommandFailure(
      .noInput,
      "\(PathText.shown(word)): there is no such file"
        + (hint.isEmpty ? ", and no command of that name; possible are \(names)" : hint))
  }

  private static func requireCommand(
    _ words: ArraySlice<String>, of command: any ParsableCommand.Type, _ place: String = "help: "
  ) throws {
    guard let word = words.first, !word.hasPrefix("-") else { return }
    let known = command.configuration.subcommands
    guard let next = known.first(where: { name(of: $0) == word }) else {
      guard !known.isEmpty, word != "help" else { return }
      throw CommandFailure(
        .usage,
        "\(place)there is no command `\(word)`" + Spelling.hint(word, names(of: command)))
    }
    try requireCommand(words.dropFirst(), of: next, place)
  }

  private static func names(of command: any ParsableCommand.Type) -> [String] {
    command.configuration.subcommands.map(name)
  }

  /// The word that calls a command.
  static func name(of command: any ParsableCommand.Type) -> String {
    command.configuration.commandName ?? "\(command)".lowercased()
  }

  private static func isNegativeNumber(_ text: String) -> Bool {
    text.hasPrefix("-") && Double(text) != nil
  }
}
