// SPDX-License-Identifier: MIT

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// A file that takes its name only when it is complete, or a pipe or device that is written directly.
public final class OutputFile {
  private let path: String
  /// What is renamed to `target` at the end; nil if the target is written directly.
  private var temporary: String?
  private let target: String
  private let overwrite: Bool
  private var descriptor: Int32

  /// Begins the output at `path`; `-` is standard output.
  public init(path: String, overwrite: Bool) throws(FileError) {
    (self.path, self.overwrite) = (path, overwrite)
    var status = stat()
    let exists = stat(path, &status) == 0
    let isRegular = status.st_mode & S_IFMT == S_IFREG
    // The standard streams are never replaced, even when a shell has sent them to a regular file.
    let isStream = path == "-" || path == "/dev/stdout" || path.hasPrefix("/dev/fd/")
    if isStream || exists && !isRegular {
      if exists && status.st_mode & S_IFMT == S_IFDIR {
        throw FileError(.unwritable, file: path, "this is a folder, not a file")
      }
      target = path
      descriptor =
        path == "-" || path == "/dev/stdout" ? dup(1) : open(path, O_WRONLY | O_CLOEXEC)
      guard descriptor >= 0 else { throw OutputFile.failure(path, errno) }
      return
    }
    guard !exists || overwrite else { throw OutputFile.existing(path) }
    // A link stays a link: the file it points to is replaced.
    target = exists ? OutputFile.resolved(path) : path
    if let made = OutputFile.makeTemporary(beside: target) {
      (descriptor, temporary) = made
    } else {
      let code = errno
      descriptor = -1
      throw code == ENOENT
        ? FileError(.unwritable, file: path, "the folder does not exist")
        : OutputFile.failure(path, code)
    }
    if exists { fchmod(descriptor, status.st_mode & 0o7777) }
  }

  deinit { discard() }

  /// Writes all of `bytes`.
  public func write(_ bytes: [UInt8]) throws(FileError) {
    var start = 0
    while start < bytes.count {
      let count = bytes.withUnsafeBytes { all in
        all.baseAddress.map { writeBytes(descriptor, $0 + start, all.count - start) } ?? 0
      }
      if count >= 0 {
        start += count
      } else if errno != EINTR {
        let code = errno
        discard()
        throw OutputFile.failure(path, code)
      }
    }
  }

  /// Gives the file its name; the writer cannot be used afterwards.
  public func finish() throws(FileError) {
    guard let temporary else {
      let code = descriptor >= 0 && close(descriptor) != 0 ? errno : 0
      descriptor = -1
      if code != 0 { throw OutputFile.failure(path, code) }
      return
    }
    guard fsync(descriptor) == 0 || errno == EINVAL else {
      let code = errno
      discard()
      throw OutputFile.failure(path, code)
    }
    // Without permission to overwrite, a link fails if the target has appeared meanwhile.
    if !overwrite {
      if link(temporary, target) == 0 {
        discard()
        syncFolder()
        return
      }
      if errno == EEXIST {
        discard()
        throw OutputFile.existing(path)
      }
    }
    guard rename(temporary, target) == 0 else {
      let code = errno
      discard()
      throw OutputFile.failure(path, code)
    }
    self.temporary = nil
    discard()
    syncFolder()
  }

  /// Closes the file and removes it, if it has not taken its name.
  private func discard() {
    if descriptor >= 0 { close(descriptor) }
    descriptor = -1
    if let temporary { unlink(temporary) }
    temporary = nil
  }

  /// Makes the new name itself durable, where the system can.
  private func syncFolder() {
    let folder = open(OutputFile.folder(of: target), O_RDONLY | O_CLOEXEC)
    guard folder >= 0 else { return }
    fsync(folder)
    close(folder)
  }

  private static func folder(of path: String) -> String {
    guard let slash = path.lastIndex(of: "/") else { return "." }
    return slash == path.startIndex ? "/" : String(path[..<slash])
  }

  /// Removes what killed processes have left of outputs at `path`; no other process may be writing
  /// one.
  public static func removeAbandoned(at path: String) {
    let (start, folder) = (temporaryStart(path), folder(of: path))
    for name in (try? Folder.names(in: folder)) ?? []
    where name.hasPrefix(start) && name.hasSuffix(temporaryEnd) {
      unlink(folder + "/" + name)
    }
  }

  private static func temporaryStart(_ target: String) -> String {
    let name = target.split(separator: "/").last.map(String.init) ?? "output"
    return ".\(name.prefix(64))."
  }

  private static let temporaryEnd = ".partial"

  private static func makeTemporary(beside target: String) -> (Int32, String?)? {
    for _ in 0..<100 {
      let tag = String(UInt32.random(in: .min ... .max), radix: 36)
      let candidate = "\(folder(of: target))/\(temporaryStart(target))\(tag)\(temporaryEnd)"
      let descriptor = open(candidate, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o666)
      if descriptor >= 0 { return (descriptor, candidate) }
      if errno != EEXIST { return nil }
    }
    return nil
  }

  private static func resolved(_ path: String) -> String {
    guard let real = realpath(path, nil) else { return path }
    defer { free(real) }
    return String(cString: real)
  }

  private static func existing(_ path: String) -> FileError {
    FileError(
      .unwritable, file: path, "the file exists; pass --overwrite to replace it")
  }

  private static func failure(_ path: String, _ code: Int32) -> FileError {
    FileError(.unwritable, file: path, FileBytes.reason(code))
  }
}

/// `write(2)`, which the method of the same name hides.
private func writeBytes(_ descriptor: Int32, _ bytes: UnsafeRawPointer, _ count: Int) -> Int {
  write(descriptor, bytes, count)
}
