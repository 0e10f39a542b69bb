// SPDX-License-Identifier: MIT

import CLibrary

/// A file that takes its name only when it is complete, or a pipe or device that is written directly.
public final class OutputFile {
  private let path: String
  private let target: FilePlace
  /// What is renamed at the end; nil if the target is written directly.
  private var temporary: String?
  private let overwrite: Bool
  private var descriptor: Int32

  /// Begins the output at `path`; `-` is standard output.
  ///
  /// - Throws: kind `exists` for a file that is there, unless `overwrite`; kind `unwritable`.
  public init(path: String, overwrite: Bool) throws(FileError) {
    (self.path, self.overwrite) = (path, overwrite)
    target = FilePlace(path)
    switch target.kind {
    case .folder: throw .folder(path)
    case .stream:
      descriptor = target.ownDescriptor.map { dup($0) } ?? FileSystem.open(path, O_WRONLY)
      guard descriptor >= 0 else { throw .refused(path) }
    case .file, .missing:
      guard target.kind == .missing || overwrite else { throw .exists(path) }
      // A link stays a link: the file it points to is replaced.
      do throws(FileError) {
        (descriptor, temporary) = try HiddenFile.make("partial", beside: target)
      } catch {
        throw FileError(error.kind, file: path, error.message)
      }
      if target.kind == .file { fchmod(descriptor, mode_t(target.mode)) }
    }
  }

  deinit { discard() }

  /// Where it lies until it has its name; nil if the target is written directly.
  package var temporaryPath: String? { temporary }

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
        throw failure()
      }
    }
  }

  /// Gives the file its name; the writer cannot be used afterwards.
  public func finish() throws(FileError) {
    guard let temporary else {
      let code = descriptor >= 0 && close(descriptor) != 0 ? errno : 0
      descriptor = -1
      if code != 0 { throw .refused(path, code) }
      return
    }
    guard FileSystem.synchronize(descriptor) == 0 else { throw failure() }
    // Without permission to overwrite, a link fails if the target has appeared meanwhile.
    if !overwrite {
      if FileSystem.link(temporary, of: descriptor, to: target.path) == 0 {
        discard()
        Folder.synchronize(target.parts.folder)
        return
      }
      if errno == EEXIST {
        discard()
        throw .exists(path)
      }
    }
    guard FileSystem.rename(temporary, of: descriptor, to: target.path) == 0 else {
      throw failure()
    }
    UnfinishedFiles.forget(temporary)
    self.temporary = nil
    discard()
    Folder.synchronize(target.parts.folder)
  }

  /// What the system has just refused; nothing stays behind.
  private func failure() -> FileError {
    let code = errno
    discard()
    return .refused(path, code)
  }

  /// Closes the file and removes it, if it has not taken its name.
  private func discard() {
    if descriptor >= 0 { close(descriptor) }
    descriptor = -1
    if let temporary {
      FileSystem.unlink(temporary)
      UnfinishedFiles.forget(temporary)
    }
    temporary = nil
  }

  /// Removes what killed processes have left of outputs at `path`; what a living one is writing stays.
  public static func removeAbandoned(at path: String) {
    HiddenFile.removeAbandoned("partial", beside: FilePlace(path))
  }
}
