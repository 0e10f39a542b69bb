// SPDX-License-Identifier: MIT

import Files
import RelaxNumerics
import Structures

/// Extended XYZ: a number of atoms, a comment line of entries, a line an atom.
struct ExtendedXYZ: StructureFormat {
  let name = "extended XYZ"
  let endings = ["extxyz", "xyz"]
  let encoder: (any FrameEncoder)? = ExtxyzFormatter()

  /// Whether a number of atoms comes first and a comment line follows.
  ///
  /// A title that is a number makes a POSCAR look like that; then its scale follows, a number too.
  func recognizes(_ start: FileStart) -> Bool {
    let lines = start.lines(2)
    guard let first = lines.first else { return false }
    let word = Array(first.utf8.drop { Ascii.isBlank($0) }.prefix { !Ascii.isBlank($0) })
    guard let count = try? NumberText.integer(in: word, 0..<word.count), count >= 0,
      ForeignFormat.numbers(first) == 1
    else { return false }
    let scale = lines.count > 1 ? ForeignFormat.numbers(lines[1]) : nil
    guard scale == 1 || scale == 3 else { return lines.count > 1 || start.isWhole }
    let more = start.lines(5)
    return more.count >= 3 && !ForeignFormat.isPoscar(more)
      && (more.count == 5 || start.isWhole || ForeignFormat.numbers(more[2]) != 3)
  }

  func frames(of file: StructureInput) throws(FileError) -> any FrameSource {
    ExtxyzReader(file.bytes, file: file.start.file, capacity: file.capacity)
  }
}
