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
      if mkdir(made, 0o777) == 0 || errno == EEXIST { continue }
      throw .lastSystemError(made, "make the folder")
    }
    var status = stat()
    guard stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFDIR else {
      throw .system(path, action: "make the folder", reason: "there is a file of that name")
    }
  }

  /// Whether there is anything of that name.
  public static func exists(_ path: String) -> Bool {
    var status = stat()
    return stat(path, &status) == 0
  }

  /// Names of what lies in a folder, in no order.
  package static func names(in folder: String) throws(FileError) -> [String] {
    guard let stream = opendir(folder) else {
      throw FileError(.unreadable, file: folder, FileBytes.reason(errno))
    }
    defer { closedir(stream) }
    var names: [String] = []
    while let entry = readdir(stream) {
      names.append(
        withUnsafeBytes(of: &entry.pointee.d_name) {
          String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
        })
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
