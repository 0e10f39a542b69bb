// SPDX-License-Identifier: MIT

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// Folders for outputs.
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
}
