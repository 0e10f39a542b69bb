// SPDX-License-Identifier: MIT

import CLibrary

/// Something that hands out bytes in order: a file, a pipe, or a decompressor around one.
package protocol ByteSource: AnyObject {
  /// Fills `buffer[position...]` with up to as many bytes as fit.
  ///
  /// - Returns: how many bytes were delivered; 0 only at the end.
  func read(into buffer: inout [UInt8], at position: Int) throws(FileError) -> Int

  /// Whether damage shows at the end at the latest, since the bytes are followed by a checksum.
  var isChecked: Bool { get }
}

extension ByteSource {
  /// Plain bytes are not.
  package var isChecked: Bool { false }
}

/// The bytes of an open file as they stand there.
package final class FileBytes: ByteSource {
  package let name: String
  private let descriptor: Int32
  private let closes: Bool
  /// Asked while nothing comes from a pipe or terminal; nil for regular files, where there is no waiting.
  private let shouldStop: (@Sendable () -> Bool)?

  /// Opens the file at `path`; `-` is standard input.
  ///
  /// - Parameter shouldStop: asked while a pipe lets wait; true ends that with an error.
  package init(
    path: String, shouldStop: (@Sendable () -> Bool)? = nil
  ) throws(FileError) {
    let waits = FilePlace(path).kind == .stream
    self.shouldStop = waits ? shouldStop : nil
    if path == "-" {
      (name, descriptor, closes) = ("standard input", 0, false)
      return
    }
    // To open a pipe would wait for its writer, which only reading can give up.
    let mode = waits && shouldStop != nil ? O_RDONLY | O_NONBLOCK : O_RDONLY
    let opened = FileSystem.open(path, mode)
    guard opened >= 0 else {
      throw FileError(.unreadable, file: path, FileBytes.openingReason(errno))
    }
    var status = stat()
    if fstat(opened, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR {
      close(opened)
      throw FileError(.unreadable, file: path, "this is a folder, not a file")
    }
    (name, descriptor, closes) = (path, opened, true)
  }

  deinit { if closes { close(descriptor) } }

  package func read(into buffer: inout [UInt8], at position: Int) throws(FileError) -> Int {
    while true {
      try waitForBytes()
      let count = buffer.withUnsafeMutableBytes { bytes in
        bytes.baseAddress.map { start in
          #if canImport(Darwin)
            Darwin.read(descriptor, start + position, bytes.count - position)
          #elseif canImport(Musl)
            Musl.read(descriptor, start + position, bytes.count - position)
          #else
            Glibc.read(descriptor, start + position, bytes.count - position)
          #endif
        } ?? 0
      }
      if count >= 0 { return count }
      if errno != EINTR && errno != EAGAIN {
        throw FileError(.unreadable, file: name, FileBytes.reason(errno))
      }
    }
  }

  /// Waits until there is something to read, an end, or a reason to stop.
  private func waitForBytes() throws(FileError) {
    guard let shouldStop else { return }
    var request = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
    while poll(&request, 1, 50) <= 0 {
      guard !shouldStop() else {
        throw FileError(.unreadable, file: name, "stopped while waiting for more of it")
      }
    }
  }

  /// Why a file could not be opened: what the system says, but for one that is not there in one sentence
  /// everywhere.
  package static func openingReason(_ code: Int32) -> String {
    code == ENOENT ? "there is no such file" : reason(code)
  }

  /// What the system says about an error number, in lower case.
  package static func reason(_ code: Int32) -> String {
    guard let text = strerror(code) else { return "error \(code)" }
    let words = String(cString: text)
    return words.prefix(1).lowercased() + words.dropFirst()
  }
}

/// Bytes in memory, handed out in pieces.
package final class MemoryBytes: ByteSource {
  private let bytes: [UInt8]
  private let piece: Int
  private var next = 0

  /// Hands out `bytes` at most `piece` at a time.
  package init(_ bytes: [UInt8], piece: Int = Int.max) { (self.bytes, self.piece) = (bytes, piece) }

  package func read(into buffer: inout [UInt8], at position: Int) throws(FileError) -> Int {
    let count = min(piece, bytes.count - next, buffer.count - position)
    buffer.replaceSubrange(position..<position + count, with: bytes[next..<next + count])
    next += count
    return count
  }
}
