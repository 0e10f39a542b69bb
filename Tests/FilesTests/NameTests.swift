// SPDX-License-Identifier: MIT

import Files
import RelaxNumerics
import Testing

@Suite struct NameTests {
  @Test("any bytes are a name, and its text stands for those bytes alone", arguments: 0..<200)
  func anyBytes(seed: Int) {
    var random = SeededGenerator(seed: UInt64(seed))
    // Pieces of UTF-8, of the private characters and of neither.
    let pieces: [[UInt8]] = [
      [0x61], [0xFC], [0xEE, 0xBE, 0x80], [0xEE, 0xBF, 0xBF], [0xEE, 0xBE], [0xC3, 0xBC], [0xFF],
      [0xF0, 0x9F, 0x98, 0x80], [0xF0, 0x9F], [0x80], [0x0A], [0xED, 0xA0, 0x80],
    ]
    var bytes: [UInt8] = []
    for _ in 0..<12 { bytes += pieces[random.below(pieces.count)] }
    let text = PathText.text(of: bytes)
    #expect(PathText.bytes(of: text) == bytes)
    #expect(String(validating: Array(text.utf8), as: UTF8.self) == text)
  }

  @Test("a name that is UTF-8 is its own text")
  func plain() {
    for name in ["slabs.extxyz", "Müller/µ😀", "", "/", "a\nb"] {
      #expect(PathText.text(of: Array(name.utf8)) == name)
    }
    #expect(PathText.shown(PathText.text(of: Array("m".utf8) + [0xFC])) == "m\\xFC")
    #expect(PathText.shown("a\nb\u{7F}\u{202E}") == "a\\nb\\u{7f}\\u{202e}")
  }

  @Test("a name is taken apart at its dots")
  func parts() {
    func parts(_ path: String) -> [String?] {
      let name = FileName(path)
      return [name.stem, name.kind, name.packing]
    }
    #expect(parts("data/slab.1.EXTXYZ.GZ") == ["slab.1", "extxyz", "gz"])
    #expect(parts(".hidden") == [".hidden", nil, nil])
    #expect(parts("a.gz") == ["a", nil, "gz"])
    #expect(parts("a.") == ["a", "", nil])
    #expect(parts("/x/POSCAR") == ["POSCAR", nil, nil])
    #expect(parts("..") == [".", "", nil])
  }

  @Test(
    "an ending that stands for no format is taken for any kind",
    arguments: ["a.", "relaxed.2x2", "a.st", "s.out"])
  func unknownEndings(name: String) throws {
    for kind in [OutputKind.html, .csv, .latex, .json, .jsonLines, .markdown, .model, .svg] {
      try kind.requireName(name)
    }
  }

  @Test(
    "an ending that promises something else is refused",
    arguments: [
      (OutputKind.html, "a.pdf"), (.html, "a.html.gz"), (.json, "a.csv"), (.json, "a.json.xz"),
      (.jsonLines, "s.csv"), (.jsonLines, "s.jsonl.xz"), (.markdown, "t.tex"), (.model, "m.pt"),
      (.svg, "a.png"), (.csv, "t.tsv"), (.csv, "t.csv.gz"), (.latex, "t.pdf"),
    ] as [(OutputKind, String)])
  func refused(kind: OutputKind, name: String) {
    for path in [name, "folder.html/" + name, name.uppercased()] {
      let error = #expect(throws: FileError.self) { try kind.requireName(path) }
      #expect(error?.kind == .wrongName)
      #expect(error?.message.contains(kind.endings[0]) == true)
    }
  }

  @Test("other names are taken")
  func taken() throws {
    for (kind, name) in [
      (OutputKind.html, "a.HTM"), (.json, "x/a.json"), (.json, "out"), (.jsonLines, "-"),
      (.jsonLines, "s.ndjson"), (.json, "/dev/stdout"), (.model, "a.b/m"), (.markdown, ".md"),
    ] as [(OutputKind, String)] {
      try kind.requireName(name)
    }
  }
}
