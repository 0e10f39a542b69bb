// SPDX-License-Identifier: MIT

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// Folders and what lies in them.
public enum Folder {
  /// Makes the folder at `path` and those it lies in, as far as they are not there.
  public static func make(_ path: String) throws(OutputError) {
    var made = path.hasPrefix("/") ? "/" : ""
    for part in path.split(separator: "/") {
      made += (made.isEmpty || made.hasSuffix("/") ? "" : "/") + part
      if FileSystem.makeFolder(made) == 0 || errno == EEXIST { continue }
      throw .lastSystemError(made, "make the folder")
    }
    guard isFolder(path) else {
      throw .system(path, action: "make the folder", reason: "there is a file of that name")
    }
  }

  /// Whether there is anything of that name.
  public static func exists(_ path: String) -> Bool { FileSystem.status(path) != nil }

  /// Whether a folder is there.
  public static func isFolder(_ path: String) -> Bool {
    FileSystem.status(path).map { $0.st_mode & S_IFMT == S_IFDIR } ?? false
  }

  /// Names of what lies in a folder, in no order.
  package static func names(in folder: String) throws(FileError) -> [String] {
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
          return exists(path(part)) ? [path(part)] : []
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
