// SPDX-License-Identifier: MIT

import CLibrary

/// The system's calls that take the name of a file, which may be any bytes: see ``PathText``.
///
/// They return what the system's do, and leave the reason of a failure in `errno`.
package enum FileSystem {
  /// `open(2)`; descriptors are not inherited by programs that are started.
  package static func open(_ path: String, _ flags: Int32, mode: mode_t = 0o666) -> Int32 {
    withName(path) { systemOpen($0, flags | O_CLOEXEC, mode) }
  }

  /// What is at `path`, links followed; nil if nothing is, or it cannot be known.
  package static func status(_ path: String) -> stat? {
    var status = stat()
    return withName(path) { stat($0, &status) } == 0 ? status : nil
  }

  /// What is at `path`, a link itself included.
  package static func linkStatus(_ path: String) -> stat? {
    var status = stat()
    return withName(path) { lstat($0, &status) } == 0 ? status : nil
  }

  /// Whether a file can be read by this process.
  package static func isReadable(_ path: String) -> Bool {
    withName(path) { access($0, R_OK) } == 0
  }

  /// `unlink(2)`.
  @discardableResult package static func unlink(_ path: String) -> Int32 {
    withName(path) { systemUnlink($0) }
  }

  /// `rename(2)`.
  package static func rename(_ path: String, to target: String) -> Int32 {
    withName(path) { from in withName(target) { systemRename(from, $0) } }
  }

  /// `link(2)`.
  package static func link(_ path: String, to target: String) -> Int32 {
    withName(path) { from in withName(target) { systemLink(from, $0) } }
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
