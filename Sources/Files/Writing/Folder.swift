// SPDX-License-Identifier: MIT

import CLibrary

/// Folders and what lies in them.
public enum Folder {
  /// Makes the folder at `path` and those it lies in, as far as they are not there.
  ///
  /// - Returns: the folders made, the innermost last.
  @discardableResult
  public static func make(_ path: String) throws(FileError) -> [String] {
    var made: [String] = []
    var folder = path.hasPrefix("/") ? "/" : ""
    for part in path.split(separator: "/") {
      folder += (folder.isEmpty || folder.hasSuffix("/") ? "" : "/") + part
      if FileSystem.makeFolder(folder) == 0 {
        made.append(folder)
      } else if errno != EEXIST {
        let code = errno
        removeEmpty(made)
        throw FileError(
          .unwritable, file: folder, "the folder cannot be made: \(FileBytes.reason(code))")
      }
    }
    guard isFolder(path) else {
      throw FileError(
        .unwritable, file: path, "the folder cannot be made: there is a file of that name")
    }
    return made
  }

  /// Removes folders as far as nothing is in them, the last first.
  package static func removeEmpty(_ folders: [String]) {
    for folder in folders.reversed() { FileSystem.removeFolder(folder) }
  }

  /// Makes the names in a folder durable, where the system can.
  static func synchronize(_ folder: String) {
    let descriptor = FileSystem.open(folder, O_RDONLY)
    guard descriptor >= 0 else { return }
    fsync(descriptor)
    close(descriptor)
  }

  /// Whether a folder is there.
  public static func isFolder(_ path: String) -> Bool {
    FileSystem.status(path).map { $0.st_mode & S_IFMT == S_IFDIR } ?? false
  }

  /// Names of what lies in a folder, in no order.
  public static func names(in folder: String) throws(FileError) -> [String] {
    guard let names = FileSystem.names(in: folder) else {
      throw FileError(.unreadable, file: folder, FileBytes.reason(errno))
    }
    return names
  }

  /// Folders and files whose path has the form of `pattern`, in which the last `*` of a name stands for any
  /// characters; in the order of their names.
  public static func matches(_ pattern: String) -> [String] {
    var found = [pattern.hasPrefix("/") ? "/" : ""]
    for part in pattern.split(separator: "/").map(String.init) {
      found = found.flatMap { folder -> [String] in
        func path(_ name: String) -> String {
          folder.isEmpty || folder.hasSuffix("/") ? folder + name : "\(folder)/\(name)"
        }
        guard let star = part.lastIndex(of: "*") else {
          return FilePlace(path(part)).exists ? [path(part)] : []
        }
        let (start, end) = (part[..<star], part[part.index(after: star)...])
        let names = (try? names(in: folder.isEmpty ? "." : folder)) ?? []
        return names.filter {
          $0.count >= start.count + end.count && $0.hasPrefix(start) && $0.hasSuffix(end)
        }.sorted().map(path)
      }
    }
    return found
  }
}
