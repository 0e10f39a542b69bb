// SPDX-License-Identifier: MIT

import CLibrary

/// A regular file of which any part can be read at any time.
///
/// Nothing is allocated for more bytes than the file has: a part must lie in ``length``.
public final class RandomAccessFile: Sendable {
  /// Path as it was given.
  public let path: String
  /// Bytes in the file when it was opened.
  public let length: Int
  private let descriptor: Int32
  /// The name that a temporary file has or had.
  private let temporary: String?

  /// Opens the file at `path`.
  ///
  /// - Throws: kind `unreadable`.
  public init(path: String) throws(FileError) {
    // A named pipe without a writer would otherwise keep us waiting before we can refuse it.
    let opened = FileSystem.open(path, O_RDONLY | O_NONBLOCK)
    guard opened >= 0 else {
      let reason = errno == ENOENT ? "there is no such file" : FileBytes.reason(errno)
      throw FileError(.unreadable, file: path, reason)
    }
    var status = stat()
    guard fstat(opened, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
      close(opened)
      let reason =
        status.st_mode & S_IFMT == S_IFDIR
        ? "this is a folder, not a file" : "this is a pipe or device; a regular file is needed"
      throw FileError(.unreadable, file: path, reason)
    }
    (self.path, length, descriptor) = (path, Int(status.st_size), opened)
    temporary = nil
  }

  /// The bytes of `source`, unpacked and without a name, in a temporary file that goes with the value.
  ///
  /// - Parameters:
  ///   - source: what is read to its end.
  ///   - path: what messages call it.
  ///   - most: bytes that it may have; more is refused.
  ///   - keepsName: whether the file keeps its name, which others need to open it, until ``removeName()``.
  /// - Throws: kind `unreadable`, also if the disk is full; kind `framing`, if there are too many bytes.
  package init(
    copying source: any ByteSource, path: String, most: Int = 1 << 32, keepsName: Bool = false
  ) throws(FileError) {
    let folder = getenv("TMPDIR").map { FileSystem.text($0) } ?? "/tmp"
    let (opened, name) = try UnfinishedFiles.making {
      var name = Array((folder + "/relax-XXXXXX").utf8CString)
      let opened = mkstemp(&name)
      let text = FileSystem.text(name)
      return opened >= 0
        ? .success((text, (opened, text)))
        : .failure(
          FileError(
            .unreadable, file: path,
            "no temporary file can be made in \(folder): \(FileBytes.reason(errno))"))
    }
    temporary = name
    if !keepsName {
      FileSystem.unlink(name)
      UnfinishedFiles.forget(name)
    }
    _ = fcntl(opened, F_SETFD, FD_CLOEXEC)
    (self.path, descriptor) = (path, opened)
    do throws(FileError) {
      length = try RandomAccessFile.copy(source, into: opened, in: folder, path: path, most: most)
    } catch {
      FileSystem.unlink(name)
      UnfinishedFiles.forget(name)
      close(opened)
      throw error
    }
  }

  /// - Returns: the bytes copied.
  private static func copy(
    _ source: any ByteSource, into descriptor: Int32, in folder: String, path: String, most: Int
  ) throws(FileError) -> Int {
    var buffer = [UInt8](repeating: 0, count: 1 << 18)
    var total = 0
    while true {
      let count = try source.read(into: &buffer, at: 0)
      if count == 0 { return total }
      guard total + count <= most else {
        throw FileError(
          .framing, file: path, "it holds more than \(most >> 30) GiB; unpack it into a file first")
      }
      var done = 0
      while done < count {
        let written = buffer.withUnsafeBytes { bytes in
          write(descriptor, bytes.baseAddress.map { $0 + done }, count - done)
        }
        if written < 0 && errno == EINTR { continue }
        guard written > 0 else {
          throw FileError(
            .unreadable, file: path,
            "its content cannot be kept in \(folder): \(FileBytes.reason(errno))")
        }
        done += written
      }
      total += count
    }
  }

  /// Where the file lies; of a temporary one its own name.
  package var place: String { temporary ?? path }

  /// Takes the name of a temporary file away; what has it open can go on.
  package func removeName() {
    guard let temporary, UnfinishedFiles.isKnown(temporary) else { return }
    FileSystem.unlink(temporary)
    UnfinishedFiles.forget(temporary)
  }

  deinit {
    removeName()
    close(descriptor)
  }

  /// The bytes of `range`.
  public func bytes(_ range: Range<Int>) throws(FileError) -> [UInt8] {
    try numbers(at: range.lowerBound, count: range.count)
  }

  /// `count` numbers that lie one after the other from byte `offset` on, the least significant byte
  /// of each first.
  public func numbers<Number: FileNumber>(
    at offset: Int, count: Int
  ) throws(FileError) -> [Number] {
    let size = MemoryLayout<Number>.size
    precondition(
      offset >= 0 && count >= 0 && count <= (length - offset) / size,
      "\(count) numbers of \(size) bytes from \(offset) on in \(length) bytes")
    var code: Int32 = 0
    var numbers = [Number](unsafeUninitializedCapacity: count) { buffer, filled in
      code = fill(UnsafeMutableRawBufferPointer(buffer)[..<(count * size)], from: offset)
      filled = code == 0 ? count : 0
    }
    guard code == 0 else {
      throw FileError(
        .unreadable, file: path, code == endOfFile ? "the file was cut" : FileBytes.reason(code))
    }
    #if _endian(big)
      for i in numbers.indices { numbers[i] = Number(swapping: numbers[i]) }
    #endif
    return numbers
  }

  /// Reads until `buffer` is full.
  ///
  /// - Returns: 0, or an error number.
  private func fill(_ buffer: Slice<UnsafeMutableRawBufferPointer>, from offset: Int) -> Int32 {
    let buffer = UnsafeMutableRawBufferPointer(rebasing: buffer)
    var done = 0
    while done < buffer.count {
      let result = pread(
        descriptor, buffer.baseAddress.map { $0 + done }, buffer.count - done, off_t(offset + done))
      if result < 0 && errno == EINTR { continue }
      guard result > 0 else { return result == 0 ? endOfFile : errno }
      done += result
    }
    return 0
  }
}

/// No error number of the system.
private let endOfFile: Int32 = -1

/// A number that a file can hold as it lies in memory.
public protocol FileNumber: BitwiseCopyable {
  /// The number whose bytes are those of `other` in reverse.
  init(swapping other: Self)
}

extension UInt8: FileNumber {
  /// The same byte.
  public init(swapping other: UInt8) { self = other }
}

extension UInt16: FileNumber {
  /// The number whose bytes are those of `other` in reverse.
  public init(swapping other: UInt16) { self = other.byteSwapped }
}

extension UInt32: FileNumber {
  /// The number whose bytes are those of `other` in reverse.
  public init(swapping other: UInt32) { self = other.byteSwapped }
}

extension UInt64: FileNumber {
  /// The number whose bytes are those of `other` in reverse.
  public init(swapping other: UInt64) { self = other.byteSwapped }
}

extension Float: FileNumber {
  /// The number whose bytes are those of `other` in reverse.
  public init(swapping other: Float) { self.init(bitPattern: other.bitPattern.byteSwapped) }
}

extension Double: FileNumber {
  /// The number whose bytes are those of `other` in reverse.
  public init(swapping other: Double) { self.init(bitPattern: other.bitPattern.byteSwapped) }
}
