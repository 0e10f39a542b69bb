// SPDX-License-Identifier: MIT

import CLibrary

/// The system's calls that take the name of a file, which may be any bytes: see ``PathText``.
///
/// They return what the system's do, and leave the reason of a failure in `errno`. What a signal has interrupted
/// is done again, and so is what a network file system refuses because a name leads to something else since it
/// was last asked (`ESTALE`): a second look finds what is there now.
package enum FileSystem {
  /// `open(2)`; descriptors are not inherited by programs that are started.
  package static func open(_ path: String, _ flags: Int32, mode: mode_t = 0o666) -> Int32 {
    withName(path) { name in
      // Who waits for the other end of a pipe can be told by a signal to give up.
      patiently(unless: { isPipe(name) }) { systemOpen(name, flags | O_CLOEXEC, mode) }
    }
  }

  private static func isPipe(_ name: UnsafePointer<CChar>) -> Bool {
    var status = stat()
    return stat(name, &status) == 0 && status.st_mode & S_IFMT == S_IFIFO
  }

  /// Does a system call again as long as signals interrupt it, and some times if it meets a stale handle.
  package static func patiently<Result: BinaryInteger>(
    unless givesUp: () -> Bool = { false }, _ call: () -> Result
  ) -> Result {
    var triesLeft = 4
    while true {
      let result = call()
      guard result < 0 else { return result }
      let code = errno
      switch code {
      case EINTR:
        guard !givesUp() else {
          errno = code
          return result
        }
      case ESTALE where triesLeft > 0: triesLeft -= 1
      default: return result
      }
    }
  }

  /// Waits until what was written is on the disk, as far as the file system can tell.
  ///
  /// - Returns: as `fsync(2)`; 0 also from file systems that have no such call.
  package static func synchronize(_ descriptor: Int32) -> Int32 {
    let result = patiently { fsync(descriptor) }
    return result == 0 || [EINVAL, ENOSYS, ENOTSUP].contains(errno) ? 0 : result
  }

  /// What is at `path`, links followed; nil if nothing is, or it cannot be known.
  package static func status(_ path: String) -> stat? {
    var status = stat()
    return withName(path) { name in patiently { stat(name, &status) } } == 0 ? status : nil
  }

  /// What is at `path`, a link itself included.
  package static func linkStatus(_ path: String) -> stat? {
    var status = stat()
    return withName(path) { name in patiently { lstat(name, &status) } } == 0 ? status : nil
  }

  /// Whether `path` is a name of an open file.
  package static func isName(_ path: String, of descriptor: Int32) -> Bool {
    var own = stat()
    guard patiently({ fstat(descriptor, &own) }) == 0, let named = linkStatus(path) else {
      return false
    }
    return own.st_dev == named.st_dev && own.st_ino == named.st_ino
  }

  /// Whether a file can be read by this process.
  package static func isReadable(_ path: String) -> Bool {
    withName(path) { access($0, R_OK) } == 0
  }

  /// `unlink(2)`.
  @discardableResult package static func unlink(_ path: String) -> Int32 {
    withName(path) { name in patiently { systemUnlink(name) } }
  }

  /// `rename(2)` of an open file.
  ///
  /// A network file system may do it, lose the answer, ask again and be told that there is no such file: what
  /// counts is whether the file has the name.
  package static func rename(
    _ path: String, of descriptor: Int32, to target: String
  ) -> Int32 {
    let result = withName(path) { from in
      withName(target) { to in patiently { systemRename(from, to) } }
    }
    return result == 0 ? 0 : unless(isName(target, of: descriptor), result)
  }

  /// `link(2)` of an open file, which may be done and seem refused as `rename` may.
  package static func link(_ path: String, of descriptor: Int32, to target: String) -> Int32 {
    let result = withName(path) { from in
      withName(target) { to in patiently { systemLink(from, to) } }
    }
    return result == 0 ? 0 : unless(isName(target, of: descriptor), result)
  }

  /// 0 if it was done all the same, else the result and its reason.
  private static func unless(_ isDone: @autoclosure () -> Bool, _ result: Int32) -> Int32 {
    let code = errno
    if isDone() { return 0 }
    errno = code
    return result
  }

  /// `rmdir(2)`.
  package static func removeFolder(_ path: String) { _ = withName(path) { rmdir($0) } }

  /// Where the link at `path` leads; nil if there is none.
  package static func linkTarget(_ path: String) -> String? {
    var buffer = [CChar](repeating: 0, count: 4097)
    let count = buffer.withUnsafeMutableBufferPointer { buffer in
      buffer.baseAddress.map { start in
        withName(path) { readlink($0, start, buffer.count - 1) }
      } ?? -1
    }
    return count > 0 ? PathText.text(of: buffer[..<count].map { UInt8(bitPattern: $0) }) : nil
  }

  /// `mkdir(2)`.
  package static func makeFolder(_ path: String) -> Int32 { withName(path) { mkdir($0, 0o777) } }

  /// The path without links and dots; nil if there is nothing.
  package static func resolved(_ path: String) -> String? {
    guard let real = withName(path, { realpath($0, nil) }) else { return nil }
    defer { free(real) }
    return text(real)
  }

  /// Names of what lies in a folder, in no order; nil if it cannot be read.
  package static func names(in folder: String) -> [String]? {
    guard let stream = withName(folder, { opendir($0) }) else { return nil }
    defer { closedir(stream) }
    var names: [String] = []
    while let entry = readdir(stream) {
      let bytes = withUnsafeBytes(of: &entry.pointee.d_name) { Array($0.prefix { $0 != 0 }) }
      names.append(PathText.text(of: bytes))
    }
    return names
  }

  /// The text of a name that the system gave.
  package static func text(_ name: UnsafePointer<CChar>) -> String {
    PathText.text(of: Array(UnsafeRawBufferPointer(start: name, count: strlen(name))))
  }

  private static func withName<Result>(
    _ path: String, _ body: (UnsafePointer<CChar>) -> Result
  ) -> Result {
    let bytes = PathText.bytes(of: path) + [0]
    return bytes.withUnsafeBufferPointer { buffer in
      buffer.withMemoryRebound(to: CChar.self) { name in
        guard let start = name.baseAddress else { preconditionFailure("a name ends with a zero") }
        return body(start)
      }
    }
  }
}

// Under names that the methods above do not hide.
private func systemOpen(_ path: UnsafePointer<CChar>, _ flags: Int32, _ mode: mode_t) -> Int32 {
  open(path, flags, mode)
}
private func systemUnlink(_ path: UnsafePointer<CChar>) -> Int32 { unlink(path) }
private func systemRename(_ path: UnsafePointer<CChar>, _ target: UnsafePointer<CChar>) -> Int32 {
  rename(path, target)
}
private func systemLink(_ path: UnsafePointer<CChar>, _ target: UnsafePointer<CChar>) -> Int32 {
  link(path, target)
}
