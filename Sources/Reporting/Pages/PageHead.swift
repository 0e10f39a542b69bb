// SPDX-License-Identifier: MIT

import Files
import Relaxation

/// What stands at the head of a page: what was run, with what, by whom.
public struct PageHead: Sendable {
  /// A run, or results of which no run tells.
  public struct Source: Sendable {
    /// What the page calls it.
    public var name: String
    /// Its file.
    public var file: String
    /// What the run has left of itself; nil if there is nothing.
    public var record: RunRecord?

    /// A source of results.
    public init(name: String, file: String, record: RunRecord?) {
      (self.name, self.file, self.record) = (name, file, record)
    }
  }

  /// Where results come from, in the page's order.
  public var sources: [Source]
  /// More that is to be known, such as references: a name and what it is.
  public var facts: [(name: String, value: String)]
  /// Who made the page; its date is left out, so that the same results make the same page.
  public var version: String

  /// A head; `version` is that of the page's maker.
  public init(
    sources: [Source], facts: [(name: String, value: String)] = [], version: String
  ) {
    (self.sources, self.facts, self.version) = (sources, facts, version)
  }

  /// The head as HTML: open where there is one run, folded where there are several.
  func html() -> String {
    var text = "<div class=\"head\">\n"
    for source in sources {
      let rows = PageHead.rows(source)
      let open = sources.count == 1 ? " open" : ""
      text += "<details\(open)><summary>\(HTMLText.escaped(summary(source)))</summary>\n"
      text += PageHead.list(rows) + "</details>\n"
    }
    let facts = facts + [(name: "page", value: "made by relax \(version)")]
    return text + PageHead.list(facts.map { ($0.name, $0.value, false) }) + "</div>\n"
  }

  /// The same for programs.
  var json: JSONText {
    .array(
      sources.map { source in
        .object(
          [.init("name", .string(source.name)), .init("file", .string(source.file))]
            + PageHead.members(source.record))
      })
  }

  private static func members(_ record: RunRecord?) -> [JSONText.Member] {
    guard let record else { return [.init("settings", .null)] }
    var members: [JSONText.Member] = [
      .init(
        "settings",
        .object(
          record.settings.filter { isTold($0.name) }.map { .init($0.name, .string($0.value)) }))
    ]
    if let origin = record.origin {
      members += [
        .init("version", .string(origin.version)), .init("date", .string(origin.date)),
        .init("machine", .string(origin.machine)), .init("command", .string(origin.command)),
      ]
    }
    return members
  }

  private func summary(_ source: Source) -> String {
    guard let record = source.record else { return "\(source.name): no run tells of it" }
    let words = [record.setting("provider"), record.setting("scheme").map { "scheme \($0)" }]
    let known = words.compactMap { $0 }.joined(separator: ", ")
    return "\(source.name): \(known)" + (record.isComplete ? "" : ", not complete")
  }

  /// Names, values, and whether these are a command.
  private static func rows(_ source: Source) -> [(String, String, Bool)] {
    var rows = [("file", PathText.shown(source.file), false)]
    guard let record = source.record else {
      return rows + [
        (
          "run",
          "there is no journal beside this file (hidden, `.NAME.journal`): how it was made is not known",
          false
        )
      ]
    }
    if let origin = record.origin { rows.append(("command", origin.command, true)) }
    for setting in record.settings
    where isTold(setting.name) && !["", "none"].contains(setting.value) {
      rows.append((setting.name, setting.value, false))
    }
    if let origin = record.origin {
      rows.append(("by", "relax \(origin.version), begun \(origin.date)", false))
      rows.append(("on", origin.machine, false))
    }
    if record.sessions > 1 { rows.append(("went on", "\(record.sessions - 1) times", false)) }
    if !record.isComplete { rows.append(("state", "not complete", false)) }
    return rows
  }

  /// Settings that a reader of results asks for; the others are names of files, checksums and the like.
  private static func isTold(_ name: String) -> Bool {
    ["provider", "scheme", "optimizer", "fmax", "steps", "select", "shard", "kernels"].contains(
      name)
  }

  private static func list(_ rows: [(String, String, Bool)]) -> String {
    guard !rows.isEmpty else { return "" }
    return "<dl>\n"
      + rows.map { name, value, isCode in
        let text = HTMLText.escaped(value)
        return
          "<dt>\(HTMLText.escaped(name))</dt><dd>\(isCode ? "<code>\(text)</code>" : text)</dd>\n"
      }.joined() + "</dl>\n"
  }
}
