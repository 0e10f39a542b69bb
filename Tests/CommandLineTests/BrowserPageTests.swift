// SPDX-License-Identifier: MIT

import Files
import Foundation
import TestSupport
import Testing

@Suite(
  "pages in a browser", .serialized,
  .enabled(if: Browser.isInstalled, Comment(rawValue: Browser.skipMessage)))
struct BrowserPageTests {
  /// An id that would run, were it ever taken for HTML.
  private static let hostile = "</script><img src=x onerror=\"document.title='taken'\">&<b>"

  /// Slabs with one hostile id, relaxed by two providers, with their side outputs.
  private static func study() throws -> Scratch {
    let scratch = try Scratch()
    for name in ["slabs.extxyz", "reference.extxyz"] {
      let text = try String(contentsOfFile: "\(examples)/\(name)", encoding: .utf8)
      let quoted = hostile.replacing("\"", with: "\\\"")
      try scratch.write(text.replacing("sid=random902000003", with: "sid=\"\(quoted)\""), to: name)
    }
    for (name, steps) in [("a", "200"), ("b", "40")] {
      let run = try CommandLineRun(
        [
          "slabs.extxyz", "-p", "emt-morse", "--steps", steps, "-o", "\(name).extxyz",
          "--trajectory",
          "\(name)-path.extxyz", "--summary", "\(name).jsonl", "-q",
        ], in: scratch.folder)
      #expect([0, 3].contains(run.status), "\(run.error)")
    }
    return scratch
  }

  /// The pages of all commands that make one, by what makes them.
  private static let pages: [(name: String, arguments: [String])] = [
    (
      "runs",
      [
        "report", "a.extxyz", "b.extxyz", "--trajectory", "b-path.extxyz", "--initial",
        "slabs.extxyz", "-o", "runs.html",
      ]
    ),
    (
      "study",
      [
        "report", "b.extxyz", "--reference", "reference.extxyz", "-p", "emt-morse", "--trajectory",
        "b-path.extxyz", "--initial", "slabs.extxyz", "--summary", "b.jsonl", "--others",
        "a.extxyz",
        "--other-summaries", "a.jsonl", "-o", "study.html",
      ]
    ),
    (
      "score",
      ["score", "b.extxyz", "--reference", "reference.extxyz", "--html", "score.html", "-q"]
    ),
    (
      "compare",
      [
        "compare", "a.extxyz", "b.extxyz", "--reference", "reference.extxyz", "-p", "emt-morse",
        "--trajectories", "a-path.extxyz", "b-path.extxyz", "--summaries", "a.jsonl", "b.jsonl",
        "--name", hostile, "--html", "compare.html", "-q",
      ]
    ),
    ("view", ["view", "b-path.extxyz", "-o", "view.html"]),
  ]

  @Test("no page complains, asks the network, is wider than a screen, or takes an id for HTML")
  func soundness() throws {
    let scratch = try Self.study()
    let browser = try Browser()
    for page in Self.pages {
      let run = try CommandLineRun(page.arguments, in: scratch.folder)
      #expect([0, 3].contains(run.status), "\(page.name): \(run.error)")
      for (width, isDark) in [(320, false), (800, true), (1400, false)] {
        try browser.open(
          scratch.path("\(page.name).html"), width: width, height: 800, isDark: isDark)
        #expect(browser.complaints.isEmpty, "\(page.name) at \(width): \(browser.complaints)")
        let overhang = try browser.value(
          "document.documentElement.scrollWidth - document.documentElement.clientWidth")
        #expect(overhang == .integer(0), "\(page.name) at \(width) px")
        let foreign = try browser.value(
          "document.querySelectorAll('img, b b, iframe, script[src]').length")
        #expect(foreign == .integer(0), "\(page.name)")
        #expect(try browser.value("document.title") != .string("taken"), "\(page.name)")
        #expect(
          try browser.value("document.body.textContent.includes(\"onerror=\")") == .boolean(true),
          "\(page.name) shows the id as text")
      }
      let pdf = try browser.printed()
      #expect(pdf.starts(with: Array("%PDF".utf8)), "\(page.name)")
      #expect(browser.complaints.isEmpty, "\(page.name) printed: \(browser.complaints)")
    }
  }

  @Test("headings sort both ways by mouse and by key, missing values last")
  func sorting() throws {
    let scratch = try Self.study()
    #expect(try CommandLineRun(Self.pages[0].arguments, in: scratch.folder).status == 0)
    let browser = try Browser()
    try browser.open(scratch.path("runs.html"))
    try browser.value(Self.tools)
    let before = try browser.value("column('structures', 'largest force')")
    try browser.value("heading('structures', 'largest force').click()")
    let first = try Self.numbers(browser.value("column('structures', 'largest force')"))
    #expect(first.count == 24 && first == first.sorted(), "\(first)")
    #expect(try browser.value("order('structures', 'largest force')") == .string("ascending"))
    try browser.value("heading('structures', 'largest force').focus()")
    try browser.press("Enter")
    let second = try Self.numbers(browser.value("column('structures', 'largest force')"))
    #expect(second == second.sorted(by: >), "\(second)")
    #expect(try browser.value("order('structures', 'largest force')") == .string("descending"))
    #expect(try browser.value("column('structures', 'largest force')") != before)
  }

  @Test("a filter leaves the rows with its words, and a status those that ended so")
  func filtering() throws {
    let scratch = try Self.study()
    #expect(try CommandLineRun(Self.pages[0].arguments, in: scratch.folder).status == 0)
    let browser = try Browser()
    try browser.open(scratch.path("runs.html"))
    try browser.value(Self.tools)
    try browser.value("type('structures', 'onerror')")
    let ids = try browser.value("column('structures', 'id')")
    #expect(ids == .array([.string(Self.hostile), .string(Self.hostile)]))
    try browser.value("type('structures', '')")
    try browser.value("choose('structures', 'step_limit')")
    guard case .array(let statuses) = try browser.value("column('structures', 'status')") else {
      Issue.record("no column of statuses")
      return
    }
    #expect(!statuses.isEmpty && statuses.count < 24)
    #expect(statuses.allSatisfy { $0 == .string("step_limit") })
    let count = try browser.value("part('structures').querySelector('.count').textContent")
    #expect(count == .string("\(statuses.count) of 24"))
  }

  @Test("an id leads to the viewer, which shows each frame's own numbers, and back to the table")
  func viewing() throws {
    let scratch = try Self.study()
    #expect(try CommandLineRun(Self.pages[1].arguments, in: scratch.folder).status == 0)
    let browser = try Browser()
    try browser.open(scratch.path("study.html"))
    try browser.value(Self.tools)
    try browser.value(
      "[...part('structures').querySelectorAll('a.structure')].find((a) => a.textContent.includes('onerror')).click()"
    )
    let title = try browser.value("viewer.querySelector('[data-part=title]').textContent")
    guard case .string(let words) = title else {
      Issue.record("the viewer has no title")
      return
    }
    #expect(words.contains(Self.hostile), "\(words)")
    var facts: [String] = []
    for frame in [0, 1] {
      let text = try browser.value(
        """
        (() => { const slider = viewer.querySelector('input[type=range]'); slider.value = \(frame);
        slider.dispatchEvent(new Event('input', { bubbles: true }));
        return viewer.querySelector('[data-part=facts]').textContent; })()
        """)
      if case .string(let text) = text { facts.append(text) }
    }
    #expect(facts.count == 2 && facts[0] != facts[1], "\(facts)")
    // The trajectory's own numbers of both frames.
    let frames = try scratch.text("b-path.extxyz").split(separator: "\n")
      .filter { $0.contains("onerror") }
    for (text, frame) in zip(facts, frames) {
      let energy = try #require(
        frame.firstMatch(of: /[ ]energy=(-?[0-9.]+)/).flatMap { Double($0.1) })
      #expect(text.contains(String(format: "%.4f", energy)), "\(text): \(energy)")
    }
    try browser.value("viewer.querySelector('[data-part=title] a').click()")
    let focused = try browser.value(
      "document.activeElement.matches('a.structure') && !viewer.contains(document.activeElement)")
    #expect(focused == .boolean(true))
    #expect(try browser.value("document.activeElement.textContent") == .string(Self.hostile))
    #expect(browser.complaints.isEmpty, "\(browser.complaints)")
  }

  @Test("a thousand structures with their paths can be sorted, filtered and looked at")
  func many() throws {
    let scratch = try Scratch()
    let text = try String(contentsOfFile: "\(examples)/slabs.extxyz", encoding: .utf8)
    var all = ""
    for copy in 0..<83 { all += text.replacing("sid=random", with: "sid=copy\(copy)-") }
    try scratch.write(all, to: "slabs.extxyz")
    let run = try CommandLineRun(
      [
        "slabs.extxyz", "-p", "emt-morse", "--steps", "5", "-o", "many.extxyz", "--trajectory",
        "path.extxyz", "-q",
      ], in: scratch.folder)
    #expect(run.status == 3, "\(run.error)")
    let page = try CommandLineRun(
      ["report", "many.extxyz", "--trajectory", "path.extxyz", "-o", "many.html"],
      in: scratch.folder)
    #expect(page.status == 0, "\(page.error)")
    let browser = try Browser()
    try browser.open(scratch.path("many.html"))
    try browser.value(Self.tools)
    try browser.value("heading('structures', 'energy').click()")
    try browser.value("type('structures', 'copy82-902000012')")
    #expect(
      try browser.value("column('structures', 'id')") == .array([.string("copy82-902000012")]))
    try browser.value("part('structures').querySelector('td a.structure').click()")
    let title = try browser.value("viewer.querySelector('[data-part=title]').textContent")
    #expect("\(title)".contains("copy82-902000012"))
    #expect(browser.complaints.isEmpty, "\(browser.complaints)")
  }

  private static func numbers(_ value: JSONText) -> [Double] {
    guard case .array(let values) = value else { return [] }
    return values.compactMap { if case .string(let text) = $0 { Double(text) } else { nil } }
  }

  /// What the tests do on a page, as a reader would.
  private static let tools = """
    window.part = (name) => document.querySelector(`[data-table=${name}]`);
    window.viewer = document.querySelector("#structures");
    window.head = (name, words) => [...part(name).querySelectorAll("th")]
      .find((cell) => cell.textContent.trim().startsWith(words));
    window.heading = (name, words) => head(name, words).querySelector("button");
    window.order = (name, words) => head(name, words).getAttribute("aria-sort");
    window.column = (name, words) => {
      const place = head(name, words).cellIndex;
      return [...part(name).querySelectorAll("tbody tr")].filter((row) => row.offsetParent)
        .map((row) => row.cells[place].textContent.trim());
    };
    window.type = (name, words) => {
      const field = part(name).querySelector("input");
      field.value = words;
      field.dispatchEvent(new Event("input", { bubbles: true }));
      return new Promise((done) => setTimeout(() => done(true), 400));
    };
    window.choose = (name, word) => {
      const field = [...part(name).querySelectorAll("select")]
        .find((select) => [...select.options].some((option) => option.value === word || option.text === word));
      field.value = [...field.options].find((option) => option.value === word || option.text === word).value;
      for (const kind of ["input", "change"]) field.dispatchEvent(new Event(kind, { bubbles: true }));
    };
    true
    """
}
