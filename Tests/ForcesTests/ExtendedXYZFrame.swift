// SPDX-License-Identifier: MIT

import Foundation
import RelaxNumerics
import Structures
import TestSupport

/// A frame of the reference data, read by the fewest lines that will do: the files are our own.
struct ExtendedXYZFrame {
  var structure: Structure
  var energy: Double?
  var forces: [[Double]]

  /// All frames of a file in the folder of reference data; `.xz` is unpacked by the tool `xz`.
  static func read(_ path: String) throws -> [ExtendedXYZFrame] {
    var data = try Data(contentsOf: URL(fileURLWithPath: SharedData.path(path)))
    if path.hasSuffix(".xz") {
      let process = Process()
      process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
      process.arguments = ["xz", "-dc", SharedData.path(path)]
      let pipe = Pipe()
      process.standardOutput = pipe
      try process.run()
      data = pipe.fileHandleForReading.readDataToEndOfFile()
      process.waitUntilExit()
    }
    let lines = String(decoding: data, as: UTF8.self).split(separator: "\n")
    var frames: [ExtendedXYZFrame] = []
    var next = 0
    while next < lines.count, let count = Int(lines[next].filter { $0 != " " }) {
      frames.append(frame(lines[next + 1], lines[(next + 2)..<(next + 2 + count)]))
      next += 2 + count
    }
    return frames
  }

  private static func frame(
    _ comment: Substring, _ atoms: ArraySlice<Substring>
  ) -> ExtendedXYZFrame {
    let lattice = numbers(value("Lattice=\"", in: comment, until: "\""))
    let periodic = value("pbc=\"", in: comment, until: "\"").split(separator: " ").map { $0 == "T" }
    let cell = Cell(
      Vector3(lattice[0], lattice[1], lattice[2]), Vector3(lattice[3], lattice[4], lattice[5]),
      Vector3(lattice[6], lattice[7], lattice[8]),
      periodicity: Periodicity(periodic[0], periodic[1], periodic[2]))
    var elements: [Element] = []
    var positions: [Vector3] = []
    var forces: [[Double]] = []
    for line in atoms {
      let words = line.split(separator: " ")
      if let element = Element(symbol: String(words[0])) { elements.append(element) }
      let values = words.dropFirst().compactMap { Double($0) }
      positions.append(Vector3(values[0], values[1], values[2]))
      forces.append(Array(values.suffix(3)))
    }
    return ExtendedXYZFrame(
      structure: Structure(elements: elements, positions: positions, cell: cell),
      energy: Double(value(" energy=", in: comment, until: " ")), forces: forces)
  }

  private static func value(_ key: String, in text: Substring, until end: Character) -> String {
    guard let range = text.range(of: key) else { return "" }
    return String(text[range.upperBound...].prefix { $0 != end })
  }

  private static func numbers(_ text: String) -> [Double] {
    text.split(separator: " ").compactMap { Double($0) }
  }
}
