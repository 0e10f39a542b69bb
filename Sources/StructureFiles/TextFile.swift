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
}
