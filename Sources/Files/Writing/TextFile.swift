// SPDX-License-Identifier: MIT

/// Small text files.
public enum TextFile {
  /// Replaces the file at `path` by `text`, in one step: a reader sees the old text or the new.
  public static func replace(_ path: String, with text: String) throws(OutputError) {
    guard !AppendFile.isSpecial(path) else {
      try AppendFile.create(path, overwrite: true).append(Array(text.utf8))
      return
    }
    let temporary = path + ".part"
    do {
      let file = try AppendFile.create(temporary, overwrite: true)
      try file.append(Array(text.utf8))
      try file.synchronize()
    } catch {
      AppendFile.remove(temporary)
      throw error
    }
    try AppendFile.rename(temporary, to: path)
  }

  /// All lines of the file at `path`, without their ends.
  ///
  /// - Throws: kind `unreadable`.
  public static func lines(of path: String) throws(FileError) -> [String] {
    try text(of: path).split(separator: "\n", omittingEmptySubsequences: false).map { line in
      String(line.last == "\r" ? line.dropLast() : line)
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
