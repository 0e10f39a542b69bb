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

  /// Names of what lies in a folder, in no order.
  static func names(in folder: String) throws(StructureFileError) -> [String] {
    guard let stream = opendir(folder) else {
      throw StructureFileError(.unreadable, file: folder, FileBytes.reason(errno))
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
}
