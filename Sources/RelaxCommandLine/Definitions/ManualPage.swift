// SPDX-License-Identifier: MIT

import Files

/// A man page, made of what the definitions say about a command.
struct ManualPage {
  let command: CommandDescription
  /// How it is called.
  let usage: String
  /// All pages that there are.
  let pages: [String]
  /// What exit codes mean for all commands.
  let codes: [ExitCodeMeaning]

  /// The page in the language of `man` (macros of man(7)), all of it ASCII.
  var text: String {
    var page = Roff()
    page.line(
      #".TH "\#(command.page.uppercased())" "1" "\#(RelaxCommand.released)" "#
        + #""relax \#(RelaxCommand.version)" "Relax""#)
    // Neither hyphens of its own in what is to be copied, nor lines filled up with blanks.
    page.line(".nh")
    page.line(".ad l")
    page.section("NAME")
    page.line(Roff.escaped(command.page) + #" \- "# + Roff.escaped(abstract))
    page.section("SYNOPSIS")
    page.paragraph(usage)
    let discussion = Discussion(command.discussion)
    page.section("DESCRIPTION")
    page.paragraph(command.abstract)
    for part in discussion.parts {
      switch part {
      case .prose(let text): page.paragraph(text)
      case .literal(let lines): page.literal(lines)
      }
    }
    for (title, arguments) in sections {
      page.section(title)
      for argument in arguments { page.entry(heading(of: argument), words(of: argument)) }
    }
    if !command.subcommands.isEmpty {
      page.section("COMMANDS")
      for below in command.subcommands {
        page.entry(".BR \(Roff.escaped(below.page)) (1)", below.abstract)
      }
    }
    if !discussion.codes.isEmpty {
      page.section("EXIT STATUS")
      for code in discussion.codes.filled(from: codes) {
        page.entry(".B \(code.code)", code.meaning)
      }
    }
    page.section("ENVIRONMENT")
    for variable in Environment.variables {
      page.entry(".B \(Roff.escaped(variable.name))", variable.meaning)
    }
    if !discussion.examples.isEmpty {
      page.section("EXAMPLES")
      page.literal(discussion.examples)
    }
    page.section("SEE ALSO")
    let others = pages.filter { $0 != command.page }
    for other in others {
      page.line(".BR \(Roff.escaped(other)) (1)\(other == others.last ? "" : ",")")
    }
    return page.text
  }

  /// The sentence of the heading, without its point.
  private var abstract: String {
    command.abstract.hasSuffix(".") ? String(command.abstract.dropLast()) : command.abstract
  }

  /// Arguments, options, and those with headings of their own, each if there are any.
  private var sections: [(title: String, arguments: [CommandDescription.Argument])] {
    var sections: [(String, [CommandDescription.Argument])] = [("ARGUMENTS", []), ("OPTIONS", [])]
    for argument in command.arguments {
      let title =
        argument.section?.uppercased() ?? (argument.names.isEmpty ? "ARGUMENTS" : "OPTIONS")
      if let place = sections.firstIndex(where: { $0.0 == title }) {
        sections[place].1.append(argument)
      } else {
        sections.append((title, [argument]))
      }
    }
    return sections.filter { !$0.1.isEmpty }
  }

  private func heading(of argument: CommandDescription.Argument) -> String {
    let value = argument.value.map { #"\fI"# + Roff.escaped($0) + #"\fR"# }
    guard !argument.names.isEmpty else {
      return (value ?? "") + (argument.isRepeating ? " ..." : "")
    }
    let names = argument.names.map { #"\fB"# + Roff.escaped($0) + #"\fR"# }.joined(separator: ", ")
    return names + (value.map { " " + $0 } ?? "")
  }

  private func words(of argument: CommandDescription.Argument) -> String {
    var words = argument.abstract
    if !argument.choices.isEmpty {
      words += " Possible are \(argument.choices.joined(separator: ", "))."
    }
    if let value = argument.defaultValue { words += " Default: \(value)." }
    return words.isEmpty ? "See the description." : words
  }
}

extension ManualPage {
  /// What `--generate-manual` asks for: the names of all pages, one a line, or with the name of one that page;
  /// nil where arguments do not ask for it.
  ///
  /// - Throws: 64 for a page that there is not.
  static func requested(by arguments: [String]) throws -> String? {
    guard arguments.first == "--generate-manual" else { return nil }
    let relax = CommandDescription.relax
    let pages = relax.all.map(\.page)
    guard arguments.count > 1 else { return pages.joined(separator: "\n") + "\n" }
    guard let command = relax.all.first(where: { $0.page == arguments[1] }) else {
      throw CommandFailure(
        .usage,
        "--generate-manual: there is no page \(Excerpt.name(arguments[1])); `relax --generate-manual` lists all"
      )
    }
    return ManualPage(
      command: command, usage: RelaxCommand.usage(of: command.words), pages: pages,
      codes: Discussion(relax.discussion).codes
    ).text
  }
}
