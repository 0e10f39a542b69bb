// SPDX-License-Identifier: MIT

import CLibrary
import Synchronization

/// The right to write some outputs, which one process has at a time.
///
/// Each output has a hidden lock file beside it, a folder of outputs one in it. The system gives the
/// lock back when the process ends, however it ends; the file is removed by who took it in order, and
/// one that a kill has left is taken over. Locks of file systems that have none are not waited for.
public final class OutputClaim: Sendable {
  private let locks: [Lock]
  /// Folders that were made for it, the innermost last; those still empty go with it.
  private let made: [String]
  private let isReleased = Atomic(false)

  /// Claims files and folders; folders that are not there are made.
  ///
  /// - Throws: kind `inUse`, naming the process, if one of them is claimed; kind `unwritable` if nothing
  ///   can be made where they are to be.
  public init(files: [String], folders: [String] = []) throws(FileError) {
    var locks: [Lock] = []
    var made: [String] = []
    do throws(FileError) {
      for folder in folders {
        made += try Folder.make(folder)
        locks.append(try Lock(folder))
      }
      for path in files where FilePlace(path).kind != .stream { locks.append(try Lock(path)) }
      // Only now: of two that claim a folder and a file in it at once, one at least sees the other.
      let own = Set(locks.map(\.path))
      for folder in folders { try Lock.requireFreeFiles(in: folder, but: own) }
      for path in files where FilePlace(path).kind != .stream {
        try Lock.requireFreeFolders(around: path, but: own)
      }
    } catch {
      locks.forEach { $0.release() }
      Folder.removeEmpty(made)
      throw error
    }
    (self.locks, self.made) = (locks, made)
  }

  deinit { release() }

  /// Gives the right back, before the last reference to this object is gone.
  public func release() {
    guard !isReleased.exchange(true, ordering: .acquiringAndReleasing) else { return }
    locks.forEach { $0.release() }
    Folder.removeEmpty(made)
  }
}

/// A locked file, which stays locked as long as this process lives.
private struct Lock: Sendable {
  let path: String
  private let descriptor: Int32

  init(_ output: String) throws(FileError) {
    let path = HiddenFile.path("lock", of: output)
    self.path = path
    descriptor = try UnfinishedFiles.making {
      do throws(FileError) {
        return .success((path, try Lock.take(path, for: output)))
      } catch {
        return .failure(error)
      }
    }
    // For the message to who comes next; the lock itself does not need it.
    let text = Array("\(Lock.start)\(getpid())\n".utf8)
    _ = ftruncate(descriptor, 0)
    _ = text.withUnsafeBytes { pwrite(descriptor, $0.baseAddress, $0.count, 0) }
  }

  /// Makes the file at `path`, or takes over one that a kill has left, and locks it.
  private static func take(_ path: String, for output: String) throws(FileError) -> Int32 {
    while true {
      let opened = FileSystem.open(path, O_RDWR | O_CREAT | O_NOFOLLOW)
      guard opened >= 0 else {
        throw errno == ENOENT
          ? FileError(.unwritable, file: output, "the folder does not exist") : .refused(output)
      }
      let isTaken = flock(opened, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK
      let text = Lock.text(of: opened)
      guard !isTaken else {
        close(opened)
        throw Lock.inUse(output, text)
      }
      guard text.isEmpty || text.hasPrefix(Lock.start) else {
        close(opened)
        throw FileError(
          .unwritable, file: output, "\(path) is in the way, which is no lock file of relax")
      }
      // Who had it may have removed the file between our two calls; then others lock a new one.
      var own = stat()
      if fstat(opened, &own) == 0, let named = FileSystem.linkStatus(path),
        own.st_dev == named.st_dev, own.st_ino == named.st_ino
      {
        return opened
      }
      close(opened)
    }
  }

  func release() {
    FileSystem.unlink(path)
    UnfinishedFiles.forget(path)
    close(descriptor)
  }

  /// Requires that no process has claimed a file in `folder`.
  static func requireFreeFiles(in folder: String, but own: Set<String>) throws(FileError) {
    let folder = FilePlace(folder).path
    for name in (try? Folder.names(in: folder)) ?? []
    where name.hasPrefix(".") && name.hasSuffix(".lock") {
      try requireFree("\(folder)/\(name)", for: folder, but: own)
    }
  }

  /// Requires that no process has claimed a folder that `output` lies in, at whatever depth.
  static func requireFreeFolders(around output: String, but own: Set<String>) throws(FileError) {
    var folder = FilePlace(output).parts.folder
    while true {
      try requireFree(HiddenFile.path("lock", of: folder), for: output, but: own)
      let outer = FilePlace.parts(folder).folder
      guard outer != folder, folder != "." else { return }
      folder = outer
    }
  }

  private static func requireFree(
    _ lock: String, for output: String, but own: Set<String>
  ) throws(FileError) {
    guard !own.contains(lock) else { return }
    let descriptor = FileSystem.open(lock, O_RDWR | O_NOFOLLOW)
    guard descriptor >= 0 else { return }
    defer { close(descriptor) }
    guard flock(descriptor, LOCK_EX | LOCK_NB) != 0, errno == EWOULDBLOCK else { return }
    throw inUse(output, text(of: descriptor))
  }

  /// What a lock file holds before the number of its process.
  private static let start = "relax process "

  private static func inUse(_ output: String, _ text: String) -> FileError {
    let number =
      text.hasPrefix(start) ? Int(text.dropFirst(start.count).prefix { $0 != "\n" }) : nil
    let holder = number.map { "another process (\($0))" } ?? "another process"
    return FileError(
      .inUse, file: output,
      "\(holder) is writing this file; wait for its end, or choose another name")
  }

  private static func text(of descriptor: Int32) -> String {
    var bytes = [UInt8](repeating: 0, count: 64)
    let count = bytes.withUnsafeMutableBytes { pread(descriptor, $0.baseAddress, $0.count, 0) }
    return String(decoding: bytes.prefix(max(0, count)), as: UTF8.self)
  }
}
