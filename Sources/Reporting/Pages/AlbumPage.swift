// SPDX-License-Identifier: MIT

import CLibrary
import Structures

/// Structures as they are in files, as one page: what they are, a table, and what they look like.
public struct AlbumPage: Sendable {
  /// What is shown.
  public let album: StructureAlbum
  /// The files that it comes from, each with the name of its format.
  public let files: [(path: String, format: String)]
  /// What the reader of the page should know, such as frames that could not be read.
  public let remarks: [String]

  /// A page of `album`.
  public init(
    _ album: StructureAlbum, files: [(path: String, format: String)], remarks: [String] = []
  ) {
    (self.album, self.files, self.remarks) = (album, files, remarks)
  }

  /// What stands above it.
  private var title: String {
    let names = files.map(\.path)
    return names.count > 3
      ? "\(names[0]) and \(names.count - 1) more" : names.joined(separator: ", ")
  }

  /// The page: needs nothing else, network least of all.
  public func html() -> String {
    var gallery = StructureGallery()
    for (number, entry) in album.entries.enumerated() {
      gallery.add(
        number: number, id: entry.id, structure: entry.structure, status: entry.status,
        frames: entry.frames)
    }
    var body = "<p>\(head.map(HTMLText.escaped).joined(separator: "<br>\n"))</p>\n"
    if !remarks.isEmpty {
      body += "<ul>\n"
      body += remarks.map { "<li>\(HTMLText.escaped($0))</li>\n" }.joined() + "</ul>\n"
    }
    body += ViewerSection(gallery).html()
    body += "<h2 id=\"all\">All structures</h2>\n" + table(gallery).html(hasCaption: false)
    return HTMLPage(
      title: title, body: body, styles: [ViewerSection.style],
      scripts: gallery.isEmpty ? [] : [ViewerSection.script]
    ).text()
  }

  /// What it is, in a line or two.
  private var head: [String] {
    let formats = files.map(\.format)
    var kinds: [String] = []
    for format in formats where !kinds.contains(format) { kinds.append(format) }
    let frames = album.frameCount
    var lines = [
      "\(counted(files.count, "file")) (\(kinds.joined(separator: ", "))): "
        + "\(counted(album.count, "structure")), \(counted(frames, "frame"))"
        + (frames > album.shownFrames ? ", of which \(album.shownFrames) are shown" : "")
    ]
    if album.count == 1, let structure = album.entries.first?.structure {
      lines.append("\(structure.formula), \(counted(structure.count, "atom"))")
      lines.append("cell: \(AlbumPage.words(for: structure.cell))")
    }
    return lines
  }

  private func counted(_ count: Int, _ word: String) -> String {
    "\(count) \(word)\(count == 1 ? "" : "s")"
  }

  private func table(_ gallery: StructureGallery) -> ResultTable {
    let hasStatus = album.entries.contains { $0.status != nil }
    var table = ResultTable(
      "structures", caption: "Structures",
      columns: [
        .init("id", .left, key: "id"), .init("formula", .left, key: "formula"),
        .init("atoms", key: "atoms"), .init("frames", key: "frames"),
        .init("energy", unit: "eV", key: "energy"),
        .init("largest force", unit: "eV/Å", key: "fmax"),
        .init("ended", .left, key: "status", role: hasStatus ? .choice : .hidden),
        .init("cell", .left, unit: "Å", key: "cell"),
      ])
    table.notes = ["Energies and forces are those of each structure's last frame."]
    for (number, entry) in album.entries.enumerated() {
      let frames = entry.frames
      table.append(
        .structure(id: entry.id, number: gallery.shows(number) ? number : nil),
        .text(entry.structure.formula), .count(entry.structure.count), .count(frames.count),
        .number(frames.last?.energy, decimals: 4), .number(frames.last?.fmax, decimals: 4),
        entry.status.map { .text($0) } ?? .missing,
        .text(AlbumPage.words(for: entry.structure.cell)))
    }
    return table
  }

  /// Lengths and angles of a cell, and along which vectors it repeats.
  static func words(for cell: Cell) -> String {
    guard cell.hasVectors else { return "none" }
    let vectors = [cell.a, cell.b, cell.c]
    let lengths = vectors.map { Decimals.fixed($0.length, 2) }.joined(separator: " × ")
    let angles = [(1, 2), (0, 2), (0, 1)].map { first, second in
      Decimals.fixed(angle(vectors[first], vectors[second]), 1)
    }
    let isRight = angles.allSatisfy { $0 == Decimals.fixed(90, 1) }
    let axes = (0..<3).filter { cell.periodicity[$0] }.map { ["a", "b", "c"][$0] }
    let repeats =
      axes.count == 3
      ? "" : axes.isEmpty ? ", not periodic" : ", periodic along \(axes.joined(separator: " and "))"
    return lengths + (isRight ? "" : ", \(angles.joined(separator: "° "))°") + repeats
  }

  /// The angle in degrees; nil where a vector is none.
  private static func angle(_ a: SIMD3<Double>, _ b: SIMD3<Double>) -> Double? {
    let product = (a * b).sum() / ((a * a).sum() * (b * b).sum()).squareRoot()
    guard product.isFinite else { return nil }
    return acos(max(-1, min(1, product))) * 180 / .pi
  }
}
