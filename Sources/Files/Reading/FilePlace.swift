// SPDX-License-Identifier: MIT

import CLibrary

/// Where a path leads, links followed, and what is there; also where nothing is yet.
public struct FilePlace: Sendable {
  /// What is at a path.
  public enum Kind: Hashable, Sendable {
    /// Nothing has that name.
    case missing
    /// A regular file.
    case file
    /// A folder has that name.
    case folder
    /// A pipe, a terminal, a device, or one of the process's own streams, wherever a shell has sent it:
    /// written from here on, never replaced, cut or continued.
    case stream
  }

  /// The path without links in it; as it was given for streams and below folders that are not there.
  public let path: String
  /// What is there.
  public let kind: Kind
  /// Permissions of what is there.
  public let mode: UInt32
  /// The descriptor of the process's own that it names (1 is standard output), if it names one.
  public let ownDescriptor: Int32?
  /// Equal for two names of one file, there or to come; nil for pipes and devices, of which any number
  /// of outputs may be given the same.
  public let identity: String?

  /// Looks at `path`; `-` is standard output.
  public init(_ path: String) {
    ownDescriptor = FilePlace.ownDescriptor(path)
    if let ownDescriptor {
      var status = stat()
      self.path = path
      kind = .stream
      let isFile = fstat(ownDescriptor, &status) == 0 && status.st_mode & S_IFMT == S_IFREG
      identity = isFile ? FilePlace.identity(status) : "stream \(ownDescriptor)"
      mode = 0
      return
    }
    let resolved = FilePlace.resolved(path)
    guard let status = FileSystem.status(resolved) else {
      (self.path, kind, mode) = (resolved, .missing, 0)
      let (folder, name) = FilePlace.parts(resolved)
      identity =
        FileSystem.status(folder).map { "\(FilePlace.identity($0))/\(name)" } ?? resolved
      return
    }
    self.path = resolved
    mode = UInt32(status.st_mode) & 0o7777
    switch status.st_mode & S_IFMT {
    case S_IFREG: (kind, identity) = (.file, FilePlace.identity(status))
    case S_IFDIR: (kind, identity) = (.folder, FilePlace.identity(status))
    default: (kind, identity) = (.stream, nil)
    }
  }

  /// Whether anything is there.
  public var exists: Bool { kind != .missing }

  /// The folder that it lies in, and its name there.
  package var parts: (folder: String, name: String) { FilePlace.parts(path) }

  private static func identity(_ status: stat) -> String { "\(status.st_dev):\(status.st_ino)" }

  private static func ownDescriptor(_ path: String) -> Int32? {
    switch path {
    case "-", "/dev/stdout": return 1
    case "/dev/stderr": return 2
    default:
      for start in ["/dev/fd/", "/proc/self/fd/"] where path.hasPrefix(start) {
        return Int32(path.dropFirst(start.count))
      }
      return nil
    }
  }

  /// `path` with every link on it followed, the last one also if it leads to nothing.
  private static func resolved(_ path: String) -> String {
    var path = path
    for _ in 0..<40 {
      if let real = FileSystem.resolved(path) { return real }
      guard let next = FileSystem.linkTarget(path) else { break }
      path = next.hasPrefix("/") ? next : parts(path).folder + "/" + next
    }
    let (folder, name) = parts(path)
    guard !name.isEmpty, let real = FileSystem.resolved(folder) else { return path }
    return real == "/" ? "/" + name : "\(real)/\(name)"
  }

  static func parts(_ path: String) -> (folder: String, name: String) {
    guard let slash = path.utf8.lastIndex(of: UInt8(ascii: "/")) else { return (".", path) }
    let folder = slash == path.startIndex ? "/" : String(path[..<slash])
    return (folder, String(path[path.utf8.index(after: slash)...]))
  }
}
