// SPDX-License-Identifier: MIT

import Files
import Foundation
import RelaxNumerics
import Structures
import TestSupport
import Testing

@testable import Reporting

extension JSONText {
  /// The values of a list.
  var array: [JSONText]? { if case .array(let values) = self { values } else { nil } }
  /// A text.
  var string: String? { if case .string(let text) = self { text } else { nil } }
}

@Suite("What the viewer reads")
struct ViewerDataTests {
  /// The numbers of a packed text, by Foundation's base64 and a decoder that shares nothing with ours.
  private static func unpacked(_ text: String) throws -> [Int] {
    var numbers: [Int] = []
    var groups: [UInt8] = []
    for byte in try #require(Data(base64Encoded: text)) {
      groups.append(byte & 127)
      guard byte < 128 else { continue }
      numbers.append(groups.reversed().reduce(0) { $0 * 128 + Int($1) })
      groups = []
    }
    #expect(groups.isEmpty)
    return numbers
  }

  @Test("Positions come back within half a unit, however far out atoms are")
  func positions() throws {
    var random = SeededGenerator(seed: 5)
    for size in [1.0, 50, 1e5, 9e6] {
      let frames = (0..<4).map { _ in
        (0..<7).map { _ in
          Vector3(
            random.uniform(-size, size), random.uniform(-size, size), random.uniform(-size, size))
        }
      }
      let unit = max(PackedStructure.finest, size / 1e9)
      var last = [Int](repeating: 0, count: 21)
      for (frame, text) in zip(frames, PackedStructure.packed(frames, unit: unit)) {
        let differences = try Self.unpacked(text).map { $0 % 2 == 0 ? $0 / 2 : -($0 + 1) / 2 }
        last = zip(last, differences).map(+)
        for (atom, position) in frame.enumerated() {
          for axis in 0..<3 {
            #expect(abs(Double(last[3 * atom + axis]) * unit - position[axis]) <= 0.5001 * unit)
          }
        }
      }
    }
  }

  @Test("Forces are sizes to a ten-thousandth, and 0 where there are none")
  func forces() throws {
    let text = PackedStructure.packed([0, 0.01, .nan, 3.21987, .infinity, 1e30])
    #expect(try Self.unpacked(text) == [1, 101, 0, 32200, 0, 0])
  }

  @Test("Base64 is that of RFC 4648", arguments: 0..<7)
  func base64(count: Int) {
    let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 151 &+ 77) }
    #expect(PackedBytes.base64(bytes) == Data(bytes).base64EncodedString())
  }

  @Test("Runs are values with their counts")
  func runs() {
    #expect(PackedStructure.runs([29, 29, 29, 8, 1, 1]) == [29, 3, 8, 1, 1, 2])
    #expect(PackedStructure.runs([]) == [])
  }

  @Test("Every element has a colour and numbers that are none are null")
  func gallery() throws {
    for number in 1...118 {
      let element = try #require(Element(atomicNumber: number))
      #expect(element.colour.count == 7 && Int(element.colour.dropFirst(), radix: 16) != nil)
    }
    let hydrogen = try #require(Element(symbol: "H"))
    var gallery = StructureGallery()
    let structure = Structure(elements: [hydrogen], positions: [.zero])
    gallery.add(
      number: 7, id: "x", structure: structure,
      frames: [
        GalleryFrame(.frame, positions: [.zero], energy: .nan, fmax: .infinity),
        GalleryFrame(.frame, positions: [Vector3(1e300, 0, 0)]),
        GalleryFrame(.frame, positions: [.zero, .zero]),
      ])
    gallery.add(number: 8, id: "y", structure: structure, frames: [])
    #expect(gallery.shows(7) && !gallery.shows(8) && gallery.numbers == ["x": 7])
    #expect(gallery.count == 1 && gallery.frameCount == 1 && gallery.absurd == 1)
    let data = try JSONText(parsing: gallery.data.text())
    let first = try #require(data["structures"]?.array?.first)
    #expect(first["energies"] == [.null] && first["fmax"] == [.null])
    #expect(StructureGallery().isEmpty && ViewerSection(StructureGallery()).html().isEmpty)
  }

  @Test("A cell that nothing can repeat in repeats nothing")
  func brokenCell() throws {
    let hydrogen = try #require(Element(symbol: "H"))
    var gallery = StructureGallery()
    let cell = Cell(Vector3(1, 0, 0), Vector3(2, 0, 0), Vector3(0, 0, 1))
    gallery.add(
      number: 0, id: "x",
      structure: Structure(elements: [hydrogen], positions: [Vector3(5, 5, 5)], cell: cell),
      frames: [GalleryFrame(.frame, positions: [Vector3(5, 5, 5)])])
    let first = try #require(gallery.data["structures"]?.array?.first)
    #expect(first["pbc"] == nil && first["shifts"] == nil && first["up"]?.array?.count == 3)
  }

  @Test(
    "A path keeps its first and last frame, and others evenly", arguments: [1, 2, 5, 23, 24, 500])
  func thinned(count: Int) {
    var path = ThinnedPath(most: 8)
    for step in 0..<count {
      path.append(GalleryFrame(.path, step: step, positions: []))
      #expect(path.frames.first?.step == 0 && path.frames.last?.step == step)
      #expect(path.frames.count <= 8 && path.count <= 16 && path.seen == step + 1)
    }
    let steps = path.frames.compactMap(\.step)
    #expect(steps == steps.sorted() && Set(steps).count == steps.count)
    let gaps = zip(steps.dropFirst(), steps).map { $0 - $1 }
    #expect((gaps.max() ?? 0) <= max(1, 3 * count / 8))
    path.thin(to: 3)
    #expect(path.frames.count == min(3, count) && path.frames.last?.step == count - 1)
  }

  @Test("The end takes the place of a last frame that it is, and what it lacks from it")
  func joined() {
    let path = [
      GalleryFrame(.initial, step: 0, positions: [.zero], energy: -1, fmax: 3),
      GalleryFrame(.path, step: 4, positions: [Vector3(1, 0, 0)], energy: -2, fmax: 0.5),
    ]
    let same = GalleryFrame.joined(
      path: path, end: GalleryFrame(.predicted, positions: [Vector3(1, 1e-7, 0)], energy: -2.1))
    #expect(same.map(\.stage) == [.initial, .predicted])
    #expect(same[1].step == 4 && same[1].energy == -2.1 && same[1].fmax == 0.5)
    let other = GalleryFrame.joined(
      path: path, end: GalleryFrame(.predicted, positions: [Vector3(1, 0.1, 0)]))
    #expect(other.map(\.stage) == [.initial, .path, .predicted] && other[2].fmax == nil)
    #expect(GalleryFrame.joined(path: path, end: nil).count == 2)
  }
}

private enum Node {
  /// The program, where there is one.
  static let path: String? = (ProcessInfo.processInfo.environment["PATH"] ?? "")
    .split(separator: ":").map { "\($0)/node" }
    .first { FileManager.default.isExecutableFile(atPath: $0) }
}

/// The scripts' own arithmetic, run by node where there is one.
@Suite("The viewer's script", .enabled(if: Node.path != nil))
struct ViewerScriptTests {
  /// What `script` prints, with all of the viewer's functions at hand.
  private func run(_ script: String) throws -> String {
    let scratch = try Scratch()
    var code = ViewerSection.script
    let end = try #require(code.range(of: "// The table that ids lead to"))
    code = code[..<end.lowerBound] + script + "\n})();\n"
    try scratch.write(code, to: "viewer.js")
    let process = Process()
    process.executableURL = URL(fileURLWithPath: try #require(Node.path))
    process.arguments = [scratch.path("viewer.js")]
    let pipe = Pipe()
    process.standardOutput = pipe
    try process.run()
    let text = String(decoding: pipe.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    #expect(process.terminationStatus == 0)
    return text.trimmingCharacters(in: .whitespacesAndNewlines)
  }

  @Test("It reads what was packed, and leads back to the positions of the file")
  func reads() throws {
    let (copper, oxygen) = (
      try #require(Element(symbol: "Cu")), try #require(Element(symbol: "O"))
    )
    let raw = [
      [Vector3(0.1, 0.2, 1), Vector3(5.9, 0.1, 3)],
      [Vector3(0.1, 0.2, 1), Vector3(0.3, 0.1, 3.1234)],
    ]
    var gallery = StructureGallery()
    gallery.add(
      number: 3, id: "id",
      structure: Structure(
        elements: [copper, oxygen], positions: raw[0],
        cell: Cell(Vector3(6, 0, 0), Vector3(0, 6, 0), Vector3(0, 0, 20)),
        moveMask: MoveMask(free: [false, true]), tags: [0, 2]),
      frames: raw.enumerated().map {
        GalleryFrame(.path, step: $0, positions: $1, forces: [.nan, 0.25])
      })
    let printed = try run(
      """
      const data = \(ScriptText.expression(gallery.data));
      const shown = new Shown(data.structures[0], data.elements);
      const list = (values) => Array.from(values, (value) => value === null || Number.isNaN(value)
        ? null : Math.round(value * 1e4) / 1e4);
      console.log(JSON.stringify({
        file: [0, 1].map((frame) => list(shown.asInFile(frame))),
        step: list(shown.toPartner(shown.frames[0], shown.frames[1], 1, shown.cell(0))),
        forces: list(shown.forces(1)), kinds: shown.kinds.map((kind) => kind[0]),
        free: shown.free, tags: shown.tags, stage: shown.stage(1), end: shown.end,
      }));
      """)
    let read = try JSONText(parsing: printed)
    let file = read["file"]?.array?.map { $0.array?.compactMap(\.number) }
    #expect(file == raw.map { $0.flatMap { [$0.x, $0.y, $0.z] } })
    #expect(read["step"]?.array?.compactMap(\.number) == [0.4, 0, 0.1234])
    #expect(read["forces"] == [.null, 0.25] && read["stage"]?.string == "step 1")
    #expect(read["kinds"]?.array?.compactMap(\.string) == ["Cu", "O"])
    #expect(read["free"] == [0, 7] && read["tags"] == [0, 2] && read["end"] == 1)
  }

  @Test("Views are right-handed, and turning keeps them so")
  func views() throws {
    let printed = try run(
      """
      let view = looking([1, 0, 0], [0, 0, 1]);
      for (let turn = 0; turn < 1000; turn++) view = turned(view, 0.1, 0.07);
      const worst = Math.max(
        ...view.map((row) => Math.abs(length(row) - 1)), Math.abs(dot(view[0], view[1])),
        length(cross(view[0], view[1]).map((value, k) => value - view[2][k])));
      const front = turned(looking([1, 0, 0], [0, 0, 1]), Math.PI / 2, 0);
      console.log(worst < 1e-12, looking([1, 0, 0], [0, 0, 1])[2].join(" "),
        front.map((row) => row.map((value) => Math.round(value))).join(";"));
      """)
    // Seen from below y = 0; turned by a right angle, what was near is to the right.
    #expect(printed == "true 0 -1 0 0,-1,0;0,0,1;-1,0,0")
  }

  @Test("Numbers are written as in tables")
  func numbers() throws {
    let printed = try run(
      """
      console.log([[-1.23456, 4], [0, 4], [null, 4], [NaN, 2], [1e30, 4], [1e-9, 4], [12, 3]]
        .map(([value, digits]) => written(value, digits)).join(" "));
      """)
    #expect(printed == "-1.2346 0.0000 – – 1.000e+30 1.000e-9 12.000")
  }

  @Test("Bonds are as long as radii and a bit, and atoms find those in other boxes")
  func bonds() throws {
    let printed = try run(
      """
      const kinds = Array.from({ length: 50 }, () => ["Cu", "#c88033", 1.32]);
      const positions = kinds.flatMap((_, k) => [2.5 * k - 60, 0.1, -0.1]);
      console.log(bondsAmong(positions, kinds).length / 2,
        bondsAmong([0, 0, 0, 2.95, 0, 0], kinds.slice(0, 2)).length);
      """)
    #expect(printed == "49 0")
  }
}
