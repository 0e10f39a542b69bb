// SPDX-License-Identifier: MIT

/// Small text files.
public enum TextFile {
  /// Writes a file in one step: a reader sees what was there before or all of `text`.
  ///
  /// - Throws: as ``OutputFile``.
  public static func write(
    _ text: String, to path: String, overwrite: Bool
  ) throws(FileError) {
    let file = try OutputFile(path: path, overwrite: overwrite)
    try file.write(Array(text.utf8))
    try file.finish()
  }

  /// All lines of the file at `path`, without their ends.
  ///
  /// - Throws: kind `unreadable`.
  public static func lines(of path: String) throws(FileError) -> [String] {
    lines(in: try text(of: path))
  }

  /// All lines of `text`, without their ends, be they of Unix or of Windows, where both bytes of an end
  /// are one character.
  public static func lines(in text: String) -> [String] {
    let end = UInt8(ascii: "\n"), start = UInt8(ascii: "\r")
    return text.utf8.split(separator: end, omittingEmptySubsequences: false).map { line in
      String(Substring(line.last == start ? line.dropLast() : line))
    }
  }

  /// The file at `path`, with U+FFFD for what is no UTF-8.
  ///
  /// - Throws: kind `unreadable`.
  public static func text(of path: String) throws(FileError) -> String {
    let file = try RandomAccessFile(path: path)
    return String(decoding: try file.bytes(0..<file.length), as: UTF8.self)
  }
}
