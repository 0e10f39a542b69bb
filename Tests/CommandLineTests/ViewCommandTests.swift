// SPDX-License-Identifier: MIT

import Foundation
import TestSupport
import Testing

@Suite("relax view")
struct ViewCommandTests {
  private static let path = (0..<3).map { step in
    """
    2
    Lattice="6 0 0 0 6 0 0 0 20" Properties=species:S:1:pos:R:3:forces:R:3 energy=-\(step).5 pbc="T T T" sid=</script><b> fid=\(step)
    Cu 0 0 1 0 0 0
    H 0 0 \(3 - step).25 0 0 0.\(3 - step)

    """
  }.joined()
  private static let single = "1\nid=alone\nHe 1 2 3\n"

  private static func scratch() throws -> Scratch {
    let scratch = try Scratch()
    try scratch.write(path, to: "path.xyz")
    try scratch.write(single, to: "one.xyz")
    try scratch.write("#!/bin/sh\nprintf '%s' \"$1\" > opened\n", to: "browser")
    try FileManager.default.setAttributes(
      [.posixPermissions: 0o755], ofItemAtPath: scratch.path("browser"))
    return scratch
  }

  /// A machine without a screen or a browser.
  private static let bare = ["BROWSER": "", "DISPLAY": "", "WAYLAND_DISPLAY": ""]

  private static func text(_ scratch: Scratch, _ name: String) throws -> String {
    try String(contentsOfFile: scratch.path(name), encoding: .utf8)
  }

  @Test("-o writes a page of structures with their paths, and opens nothing")
  func page() throws {
    let scratch = try Self.scratch()
    let run = try CommandLineRun(
      ["view", "path.xyz", "one.xyz", "-o", "page.html"], in: scratch.folder,
      environment: ["BROWSER": scratch.path("browser")])
    #expect(run.status == 0 && run.error == "written: page.html\n" && run.output.isEmpty)
    let page = try Self.text(scratch, "page.html")
    #expect(page.contains("2 structures, 4 frames"))
    #expect(page.contains("data-structure=\"1\"") && page.contains("aria-label=\"frame\""))
    #expect(page.contains("\\u003c/script\\u003e\\u003cb\\u003e"))
    #expect(!page.contains("</script><b>") && !page.contains("http"))
    #expect(page.contains("\"energies\": [-0.5, -1.5, -2.5]"))
    #expect(!FileManager.default.fileExists(atPath: scratch.path("opened")))
    let again = try CommandLineRun(["view", "one.xyz", "-o", "page.html"], in: scratch.folder)
    #expect(again.status == 74 && again.error.contains("page.html: the file exists"))
    #expect(try Self.text(scratch, "page.html") == page)
  }

  @Test("Without a browser the page lies in this folder, and nothing is replaced")
  func withoutBrowser() throws {
    let scratch = try Self.scratch()
    let run = try CommandLineRun(["view", "one.xyz"], in: scratch.folder, environment: Self.bare)
    #expect(run.status == 0)
    #expect(run.error.contains("written: one.html\n") && run.error.contains("no browser was found"))
    let page = try Self.text(scratch, "one.html")
    #expect(page.contains("1 structure, 1 frame") && page.contains("cell: none"))
    let again = try CommandLineRun(["view", "one.xyz"], in: scratch.folder, environment: Self.bare)
    #expect(again.status == 74 && again.error.contains("name another with -o"))
    #expect(try Self.text(scratch, "one.html") == page)
  }

  @Test("With one it is a temporary file that only this user can read, and is opened")
  func opened() throws {
    let scratch = try Self.scratch()
    try FileManager.default.createDirectory(
      atPath: scratch.path("tmp"), withIntermediateDirectories: false)
    let environment = [
      "BROWSER": "/nowhere/browser:\(scratch.path("browser"))", "TMPDIR": scratch.path("tmp"),
    ]
    let run = try CommandLineRun(
      ["view", "path.xyz"], in: scratch.folder, environment: environment)
    #expect(run.status == 0 && run.error.hasPrefix("opened: "))
    // The browser runs on its own.
    var page = ""
    for _ in 0..<200 where page.isEmpty {
      page = (try? Self.text(scratch, "opened")) ?? ""
      if page.isEmpty { Thread.sleep(forTimeInterval: 0.05) }
    }
    #expect(page.hasSuffix("/path.html"))
    #expect(try String(contentsOfFile: page, encoding: .utf8).contains("structures-data"))
    let folder = URL(fileURLWithPath: page).deletingLastPathComponent().path
    let mode = try FileManager.default.attributesOfItem(atPath: folder)[.posixPermissions] as? Int
    #expect(mode == 0o700)
    #expect(!FileManager.default.fileExists(atPath: scratch.path("path.html")))
  }

  @Test("A frame that cannot be used is named, the others are shown, and nothing at all is 65")
  func unusable() throws {
    let scratch = try Self.scratch()
    try scratch.write(Self.single + "1\nid=bad\nXx 1 2 3\n", to: "mixed.xyz")
    let run = try CommandLineRun(["view", "mixed.xyz", "-o", "page.html"], in: scratch.folder)
    #expect(run.status == 65 && run.error.contains("mixed.xyz:6"))
    #expect(try Self.text(scratch, "page.html").contains("1 frame cannot be used"))
    try scratch.write("1\nid=bad\nXx 1 2 3\n", to: "bad.xyz")
    let none = try CommandLineRun(
      ["view", "bad.xyz", "-o", "none.html"], in: scratch.folder, environment: Self.bare)
    #expect(none.status == 65 && !FileManager.default.fileExists(atPath: scratch.path("none.html")))
    let selected = try CommandLineRun(
      ["view", "path.xyz", "--select", "fid=9", "-o", "none.html"], in: scratch.folder)
    #expect(selected.status == 65 && selected.error.contains("no frame of path.xyz has fid=9"))
    let output = try CommandLineRun(["view", "one.xyz", "--open", "-o", "-"], in: scratch.folder)
    #expect(output.status == 64 && output.error.contains("--open needs a file"))
  }

  @Test("The same structures give the same bytes")
  func sameBytes() throws {
    let scratch = try Self.scratch()
    for name in ["a.html", "b.html"] {
      _ = try CommandLineRun(["view", "path.xyz", "one.xyz", "-o", name], in: scratch.folder)
    }
    #expect(try Self.text(scratch, "a.html") == Self.text(scratch, "b.html"))
  }
}
