// SPDX-License-Identifier: MIT

import Synchronization

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// An output that could not be made or written.
public enum OutputError: Error, Equatable, CustomStringConvertible {
  /// Something is there already and may not be replaced.
  case exists(String)
  /// The system refused.
  case system(String, action: String, reason: String)
  /// A file that an earlier run left is not what its journal says.
  case inconsistent(String, reason: String)

  /// What happened to which file, and what to do.
  public var description: String {
    switch self {
    case .exists(let path):
      "\(path) exists; pass --overwrite to replace it"
    case .system(let path, let action, let reason):
      "cannot \(action) \(path): \(reason)"
    case .inconsistent(let path, let reason):
      "\(path) \(reason)"
    }
  }

  static func lastSystemError(_ path: String, _ action: String) -> OutputError {
    .system(path, action: action, reason: String(cString: strerror(errno)))
  }
}

/// A file to which whole records are appended, straight through to the system, so that a killed
/// process loses nothing it has appended.
///
/// It may be handed from thread to thread, but one at a time must append.
public final class AppendFile: Sendable {
  /// Where it lies.
  public let path: String
  private let lengthInBytes: Atomic<Int>
  /// Whether it can be cut and continued; pipes and devices cannot.
  public let isRegular: Bool
  private let descriptor: Int32

  private init(path: String, descriptor: Int32, length: Int) {
    (self.path, self.descriptor) = (path, descriptor)
    lengthInBytes = Atomic(length)
    var status = stat()
    isRegular = fstat(descriptor, &status) == 0 && (status.st_mode & S_IFMT) == S_IFREG
  }

  deinit { close(descriptor) }

  /// Bytes in it.
  public var length: Int { lengthInBytes.load(ordering: .relaxed) }

  /// Makes an empty file, or opens a pipe or device.
  ///
  /// - Throws: `OutputError.exists` for a regular file that is there, unless `overwrite`.
  public static func create(_ path: String, overwrite: Bool) throws(OutputError) -> AppendFile {
    // A pipe opened for reading too would never tell us that its reader is gone.
    let flags =
      isSpecial(path) ? O_WRONLY : O_RDWR | O_CREAT | (overwrite ? 0 : O_EXCL)
    let descriptor = open(path, flags | O_CLOEXEC, 0o666)
    guard descriptor >= 0 else {
      if errno == EEXIST { throw .exists(path) }
      throw .lastSystemError(path, "write")
    }
    let file = AppendFile(path: path, descriptor: descriptor, length: 0)
    if file.isRegular && ftruncate(descriptor, 0) != 0 { throw .lastSystemError(path, "write") }
    return file
  }

  /// Opens a file that an earlier process left, at its end; makes it if it is not there.
  public static func reopen(_ path: String) throws(OutputError) -> AppendFile {
    let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o666)
    guard descriptor >= 0 else { throw .lastSystemError(path, "write") }
    let end = lseek(descriptor, 0, SEEK_END)
    guard end >= 0 else {
      close(descriptor)
      throw .system(path, action: "continue", reason: "it is not a regular file")
    }
    return AppendFile(path: path, descriptor: descriptor, length: Int(end))
  }

  /// A nameless file beside `path`, gone when it is closed.
  public static func anonymous(beside path: String) throws(OutputError) -> AppendFile {
    let name = path + ".part-\(getpid())-\(UInt64.random(in: 0...UInt64.max))"
    let file = try create(name, overwrite: false)
    unlink(name)
    return file
  }

  /// Whether something other than a regular file or folder is at `path`.
  public static func isSpecial(_ path: String) -> Bool {
    var status = stat()
    guard stat(path, &status) == 0 else { return false }
    let kind = status.st_mode & S_IFMT
    return kind != S_IFREG && kind != S_IFDIR
  }

  /// Whether anything is at `path`.
  public static func exists(_ path: String) -> Bool {
    var status = stat()
    return stat(path, &status) == 0
  }

  /// Appends all of `bytes`.
  public func append(_ bytes: [UInt8]) throws(OutputError) {
    var written = 0
    while written < bytes.count {
      let result = bytes.withUnsafeBytes { buffer in
        isRegular
          ? pwrite(
            descriptor, buffer.baseAddress.map { $0 + written }, bytes.count - written,
            off_t(length))
          : write(descriptor, buffer.baseAddress.map { $0 + written }, bytes.count - written)
      }
      if result < 0 && errno == EINTR { continue }
      guard result > 0 else { throw .lastSystemError(path, "write") }
      written += result
      lengthInBytes.wrappingAdd(result, ordering: .relaxed)
    }
  }

  /// `count` bytes from `offset` on.
  public func read(offset: Int, count: Int) throws(OutputError) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: count)
    var done = 0
    while done < count {
      let result = bytes.withUnsafeMutableBytes { buffer in
        pread(descriptor, buffer.baseAddress.map { $0 + done }, count - done, off_t(offset + done))
      }
      if result < 0 && errno == EINTR { continue }
      guard result > 0 else {
        throw result == 0
          ? .inconsistent(path, reason: "is shorter than expected")
          : .lastSystemError(path, "read")
      }
      done += result
    }
    return bytes
  }

  /// Appends a stretch of another file, a piece at a time.
  public func append(
    _ other: AppendFile, offset: Int, count: Int
  ) throws(OutputError) {
    var done = 0
    while done < count {
      let piece = min(count - done, 1 << 20)
      try append(other.read(offset: offset + done, count: piece))
      done += piece
    }
  }

  /// Cuts the file to its first `count` bytes.
  public func truncate(to count: Int) throws(OutputError) {
    precondition(count <= length, "truncate makes a file shorter")
    guard count != length else { return }
    guard ftruncate(descriptor, off_t(count)) == 0 else { throw .lastSystemError(path, "cut") }
    lengthInBytes.store(count, ordering: .relaxed)
  }

  /// Waits until everything is on the disk.
  public func synchronize() throws(OutputError) {
    guard isRegular else { return }
    guard fsync(descriptor) == 0 else { throw .lastSystemError(path, "write") }
  }

  /// Removes a file if it is there.
  public static func remove(_ path: String) { unlink(path) }

  /// Gives a file another name, replacing what has it.
  public static func rename(_ path: String, to target: String) throws(OutputError) {
    guard systemRename(path, target) == 0 else { throw .lastSystemError(target, "write") }
  }
}

/// `rename(2)`, under a name that the method above does not hide.
private func systemRename(_ path: String, _ target: String) -> Int32 { rename(path, target) }
