// SPDX-License-Identifier: MIT

import CLibrary
import Synchronization

/// A file to which whole records are appended, straight through to the system, so that a killed
/// process loses nothing it has appended.
///
/// Once the system has refused something, it takes nothing more: what comes later would stand behind a gap, and what
/// could not be forced onto the disk may be lost though a second try seems to succeed.
///
/// It may be handed from thread to thread, but one at a time must append.
public final class AppendFile: Sendable {
  /// Where it lies, as it was given.
  public let path: String
  /// Where links lead.
  package var resolvedPath: String { place.path }
  /// Whether it can be cut and continued; pipes and devices cannot.
  public let isRegular: Bool
  private let place: FilePlace
  /// Whether its name is still to be there at the end.
  private let isNamed: Bool
  private let lengthInBytes: Atomic<Int>
  /// Why the system has refused something; 0 as long as it has not.
  private let refusal = Atomic<Int32>(0)
  private let descriptor: Int32

  private init(
    _ path: String, _ place: FilePlace, descriptor: Int32, length: Int, isNamed: Bool = true
  ) {
    (self.path, self.place, self.descriptor) = (path, place, descriptor)
    self.isNamed = isNamed
    isRegular = place.kind != .stream
    lengthInBytes = Atomic(length)
  }

  deinit { close(descriptor) }

  /// Bytes in it.
  public var length: Int { lengthInBytes.load(ordering: .relaxed) }

  /// Whether it has the length that we gave it, or another program has written to it.
  package var isOurs: Bool {
    var status = stat()
    return !isRegular
      || FileSystem.patiently({ fstat(descriptor, &status) }) == 0
        && Int(status.st_size) == length
  }

  /// Makes an empty file, or opens a pipe or device; `-` is standard output.
  ///
  /// A file that is replaced is put out of the way, not emptied: other names of it keep its content.
  ///
  /// - Throws: kind `exists` for a file that is there, unless `replacing`; kind `unwritable`.
  public static func create(
    _ path: String, replacing: Bool = false
  ) throws(FileError) -> AppendFile {
    let place = FilePlace(path)
    if place.kind == .stream { return try stream(path, place) }
    guard place.kind != .folder else { throw .folder(path) }
    if place.kind == .file {
      guard replacing else { throw .exists(path) }
      // A network file system may have done it and say that there is nothing.
      guard FileSystem.unlink(place.path) == 0 || errno == ENOENT else { throw .refused(path) }
    }
    let mode = place.kind == .file ? mode_t(place.mode) : 0o666
    let descriptor = FileSystem.open(place.path, O_RDWR | O_CREAT | O_EXCL, mode: mode)
    guard descriptor >= 0 else {
      if errno == EEXIST { throw .exists(path) }
      throw .refused(path)
    }
    return AppendFile(path, place, descriptor: descriptor, length: 0)
  }

  private static func stream(_ path: String, _ place: FilePlace) throws(FileError) -> AppendFile {
    // A pipe opened for reading too would never tell us that its reader is gone.
    let descriptor = place.ownDescriptor.map { dup($0) } ?? FileSystem.open(path, O_WRONLY)
    guard descriptor >= 0 else { throw .refused(path) }
    return AppendFile(path, place, descriptor: descriptor, length: 0)
  }

  /// Opens a file that an earlier process left, at its end; a pipe or device as `create` does.
  ///
  /// What it is read as is what the disk has: of bytes that an earlier process could not get there the system
  /// may keep a copy in memory that looks as if they were.
  public static func reopen(_ path: String) throws(FileError) -> AppendFile {
    let place = FilePlace(path)
    if place.kind == .stream { return try stream(path, place) }
    guard place.kind != .folder else { throw .folder(path) }
    let descriptor = FileSystem.open(place.path, O_RDWR)
    guard descriptor >= 0 else { throw .refused(path) }
    let end = lseek(descriptor, 0, SEEK_END)
    guard end >= 0 else {
      close(descriptor)
      throw .refused(path)
    }
    guard FileSystem.synchronize(descriptor) == 0 else {
      let code = errno
      close(descriptor)
      throw .refused(path, code)
    }
    #if !canImport(Darwin)
      posix_fadvise(descriptor, 0, 0, POSIX_FADV_DONTNEED)
    #endif
    return AppendFile(path, place, descriptor: descriptor, length: Int(end))
  }

  /// A file under a hidden name beside `path` that nobody else has.
  public static func hidden(_ kind: String, beside path: String) throws(FileError) -> AppendFile {
    let (descriptor, name) = try HiddenFile.make(kind, beside: FilePlace(path))
    // What lies in it is kept from run to run.
    UnfinishedFiles.forget(name)
    return AppendFile(name, FilePlace(name), descriptor: descriptor, length: 0)
  }

  /// A nameless file in the folder of `path`, or of temporary files if that is a pipe or device; gone
  /// when it is closed.
  public static func anonymous(beside path: String) throws(FileError) -> AppendFile {
    let isStream = FilePlace(path).kind == .stream
    let (descriptor, name) = try HiddenFile.make(
      "partial", beside: FilePlace(isStream ? "\(temporaryFolder)/relax" : path))
    let place = FilePlace(name)
    FileSystem.unlink(name)
    UnfinishedFiles.forget(name)
    return AppendFile(name, place, descriptor: descriptor, length: 0, isNamed: false)
  }

  private static var temporaryFolder: String {
    getenv("TMPDIR").map { String(cString: $0) }.flatMap { $0.isEmpty ? nil : $0 } ?? "/tmp"
  }

  /// Appends all of `bytes`, or, if the system refuses a part of them, none.
  ///
  /// - Throws: kind `unwritable`; kind `inconsistent` if another program has written to the file meanwhile: its
  ///   bytes stay.
  public func append(_ bytes: [UInt8]) throws(FileError) {
    try requireUnrefused()
    if isRegular {
      var status = stat()
      guard FileSystem.patiently({ fstat(descriptor, &status) }) == 0 else { throw refused(errno) }
      guard Int(status.st_size) == length else { throw .changedMeanwhile(path) }
    }
    let start = length
    let code = write(bytes, at: start)
    guard code != 0 else { return }
    // What room there was is given back, and no half record stays.
    if isRegular, FileSystem.patiently({ ftruncate(descriptor, off_t(start)) }) == 0 {
      lengthInBytes.store(start, ordering: .relaxed)
    }
    throw refused(code)
  }

  /// Writes `bytes` over what stands at `offset`.
  package func replace(at offset: Int, with bytes: [UInt8]) throws(FileError) {
    precondition(offset >= 0 && bytes.count <= length - offset, "what is replaced is there")
    try requireUnrefused()
    let code = write(bytes, at: offset)
    guard code == 0 else { throw refused(code) }
  }

  /// - Returns: 0, or the reason of a refusal.
  private func write(_ bytes: [UInt8], at offset: Int) -> Int32 {
    var done = 0
    while done < bytes.count {
      let result = bytes.withUnsafeBytes { buffer in
        FileSystem.patiently {
          let start = buffer.baseAddress.map { $0 + done }
          return isRegular
            ? pwrite(descriptor, start, bytes.count - done, off_t(offset + done))
            : writeBytes(descriptor, start, bytes.count - done)
        }
      }
      guard result > 0 else { return result == 0 ? EIO : errno }
      done += result
      let end = offset + done
      if end > length { lengthInBytes.store(end, ordering: .relaxed) }
    }
    return 0
  }

  private func requireUnrefused() throws(FileError) {
    let code = refusal.load(ordering: .relaxed)
    if code != 0 { throw .refused(path, code) }
  }

  /// Notes that the system has refused something.
  private func refused(_ code: Int32) -> FileError {
    refusal.store(code, ordering: .relaxed)
    return .refused(path, code)
  }

  /// `count` bytes from `offset` on.
  public func read(offset: Int, count: Int) throws(FileError) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: count)
    var done = 0
    while done < count {
      let result = bytes.withUnsafeMutableBytes { buffer in
        FileSystem.patiently {
          pread(
            descriptor, buffer.baseAddress.map { $0 + done }, count - done, off_t(offset + done))
        }
      }
      guard result >= 0 else { throw FileError(.unreadable, file: path, FileBytes.reason(errno)) }
      guard result > 0 else {
        throw FileError(.inconsistent, file: path, "the file is shorter than expected")
      }
      done += result
    }
    return bytes
  }

  /// Hands out a stretch of the file, a piece at a time.
  public func pieces<Failure: Error>(
    offset: Int, count: Int, _ body: ([UInt8]) throws(Failure) -> Void
  ) throws {
    var done = 0
    while done < count {
      let piece = min(count - done, 1 << 20)
      try body(read(offset: offset + done, count: piece))
      done += piece
    }
  }

  /// Cuts the file to its first `count` bytes.
  public func truncate(to count: Int) throws(FileError) {
    precondition(count <= length, "truncate makes a file shorter")
    guard isRegular, count != length else { return }
    try requireUnrefused()
    guard FileSystem.patiently({ ftruncate(descriptor, off_t(count)) }) == 0 else {
      throw refused(errno)
    }
    lengthInBytes.store(count, ordering: .relaxed)
  }

  /// Waits until everything is on the disk.
  ///
  /// - Throws: kind `unwritable` if the system has not got there all that it took; kind `inconsistent` if the
  ///   file has been deleted or replaced meanwhile: what is written from then on would be lost.
  public func synchronize() throws(FileError) {
    try synchronize(by: FileSystem.synchronize)
  }

  func synchronize(by force: (Int32) -> Int32) throws(FileError) {
    guard isRegular else { return }
    try requireUnrefused()
    guard force(descriptor) == 0 else { throw refused(errno) }
    guard !isNamed || FileSystem.isName(place.path, of: descriptor) else {
      throw FileError(
        .inconsistent, file: path, "the file was deleted or replaced while it was being written")
    }
  }

  /// Makes the file's name durable, where the system can.
  public func synchronizeName() { if isRegular { Folder.synchronize(place.parts.folder) } }

  /// Gives the file another name.
  ///
  /// - Parameter replacing: whether what has the name is replaced. If not, nothing may have it, also if that
  ///   does not show yet, as on file systems that several machines share.
  /// - Throws: kind `exists`; kind `unwritable`.
  public func rename(
    to target: String, replacing: Bool = true
  ) throws(FileError) -> AppendFile {
    if !replacing {
      if FileSystem.link(path, of: descriptor, to: target) == 0 {
        FileSystem.unlink(path)
        return named(target)
      }
      // Where there are no links, it has to be looked at first.
      guard errno != EEXIST, FileSystem.linkStatus(target) == nil else {
        throw FileError(
          .exists, file: target,
          "another process or machine has just made this file; see what it does, and start again")
      }
    }
    guard FileSystem.rename(path, of: descriptor, to: target) == 0 else { throw .refused(target) }
    return named(target)
  }

  private func named(_ path: String) -> AppendFile {
    AppendFile(
      path, FilePlace(path), descriptor: fcntl(descriptor, F_DUPFD_CLOEXEC, 0), length: length)
  }

  /// Removes a file if it is there.
  public static func remove(_ path: String) { FileSystem.unlink(path) }
}

/// `write(2)`, which methods of the same name hide.
func writeBytes(_ descriptor: Int32, _ bytes: UnsafeRawPointer?, _ count: Int) -> Int {
  write(descriptor, bytes, count)
}
