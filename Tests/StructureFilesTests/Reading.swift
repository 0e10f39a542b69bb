// SPDX-License-Identifier: MIT

import Files
import Structures

@testable import StructureFiles

/// All frames of a file.
func readFrames(path: String) throws -> [Frame] {
  try allFrames(StructureReader(path: path))
}

/// All frames of bytes in memory, which arrive `piece` at a time in a buffer of `capacity`.
func readFrames(
  _ bytes: [UInt8], piece: Int = Int.max, capacity: Int = 1 << 16, file: String = "a.xyz"
) throws -> [Frame] {
  try allFrames(
    StructureReader(MemoryBytes(bytes, piece: piece), file: file, capacity: capacity))
}

/// All frames of a text.
func readFrames(text: String) throws -> [Frame] { try readFrames(Array(text.utf8)) }

/// The only structure of a text.
func readStructure(_ text: String) throws -> Structure {
  let frames = try readFrames(text: text)
  precondition(frames.count == 1, "\(frames.count) frames")
  return try frames[0].structure()
}

private func allFrames(_ reader: StructureReader) throws -> [Frame] {
  var frames: [Frame] = []
  while let frame = try reader.next() { frames.append(frame) }
  return frames
}

/// The file that holds `structures`.
func write(_ structures: [Structure]) -> [UInt8] {
  var bytes: [UInt8] = []
  for structure in structures { ExtxyzFormatter.append(structure, to: &bytes) }
  return bytes
}
