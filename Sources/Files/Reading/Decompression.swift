// SPDX-License-Identifier: MIT

import CLZMA
import CZlib

/// Recognises compression by the first bytes of a source, whatever the file is called.
package enum Decompression {
  /// `source` as plain bytes.
  package static func plain(
    _ source: some ByteSource, name: String
  ) throws(FileError) -> any ByteSource {
    let input = InputBlock(source)
    while input.available < 6, try input.refill() {}
    let start = Array(input.bytes[input.start..<min(input.end, input.start + 6)])
    if start.starts(with: [0x1F, 0x8B]) { return try GzipBytes(input, name: name) }
    if start.starts(with: [0xFD, 0x37, 0x7A, 0x58, 0x5A, 0x00]) {
      return try XZBytes(input, name: name)
    }
    return input
  }
}

/// A block of bytes from a source, of which the first have perhaps been used.
package final class InputBlock: ByteSource {
  fileprivate(set) var bytes = [UInt8](repeating: 0, count: 1 << 16)
  fileprivate(set) var start = 0
  fileprivate(set) var end = 0
  private let source: any ByteSource

  package init(_ source: any ByteSource) { self.source = source }

  package var isChecked: Bool { source.isChecked }

  package var available: Int { end - start }

  /// The bytes that are ready to be read, at most `count`.
  package func peek(_ count: Int) -> [UInt8] { Array(bytes[start..<min(end, start + count)]) }

  /// Reads more bytes behind those that are left; false at the end.
  package func refill() throws(FileError) -> Bool {
    if start == end { (start, end) = (0, 0) }
    if end == bytes.count {
      bytes.removeSubrange(..<start)
      bytes.append(contentsOf: repeatElement(0, count: (1 << 16) - bytes.count))
      (start, end) = (0, end - start)
    }
    let count = try source.read(into: &bytes, at: end)
    end += count
    return count > 0
  }

  package func read(into buffer: inout [UInt8], at position: Int) throws(FileError) -> Int {
    if available == 0 { return try source.read(into: &buffer, at: position) }
    let count = min(available, buffer.count - position)
    buffer.replaceSubrange(position..<position + count, with: bytes[start..<start + count])
    start += count
    return count
  }
}

/// The content of a gzip file of one or several members.
private final class GzipBytes: ByteSource {
  private let input: InputBlock
  private let name: String
  // zlib remembers the address, so it must not move.
  private let stream = UnsafeMutablePointer<z_stream>.allocate(capacity: 1)
  private var insideMember = true
  private var failure: FileError?
  let isChecked = true
  private var ended = false
  private var inputEnded = false

  package init(_ input: InputBlock, name: String) throws(FileError) {
    (self.input, self.name) = (input, name)
    stream.initialize(to: z_stream())
    let size = Int32(MemoryLayout<z_stream>.size)
    guard inflateInit2_(stream, 15 + 16, ZLIB_VERSION, size) == Z_OK else {
      throw FileError(.unreadable, file: name, "not enough memory to decompress")
    }
  }

  deinit {
    inflateEnd(stream)
    stream.deallocate()
  }

  package func read(into buffer: inout [UInt8], at position: Int) throws(FileError) -> Int {
    if let failure { throw failure }
    var produced = 0
    // What was decompressed before an error is delivered; the error comes with the next call.
    while produced == 0 && !ended && position < buffer.count {
      if input.available == 0 && !inputEnded { inputEnded = try !input.refill() }
      if !insideMember {
        if inputEnded {
          ended = true
          break
        }
        if !startMember() { continue }
        if let failure { throw failure }
      }
      // Even without more input there may be output that did not fit the last time.
      switch inflateOnce(into: &buffer, at: position, produced: &produced) {
      case Z_OK: break
      case Z_STREAM_END: insideMember = false
      case Z_BUF_ERROR where !inputEnded: break
      case Z_BUF_ERROR: failure = fail("the gzip data end too early; the file is incomplete")
      case Z_MEM_ERROR:
        failure = FileError(.unreadable, file: name, "not enough memory to decompress")
      default: failure = fail("the gzip data are corrupt")
      }
      if produced == 0, let failure { throw failure }
    }
    return produced
  }

  /// Whether the next byte begins another member; skips the zeros that may fill a file up.
  private func startMember() -> Bool {
    if input.bytes[input.start] == 0 {
      input.start += 1
      return false
    }
    if input.bytes[input.start] == 0x1F && inflateReset(stream) == Z_OK {
      insideMember = true
    } else {
      failure = fail("the gzip data are followed by something else")
    }
    return true
  }

  private func inflateOnce(
    into buffer: inout [UInt8], at position: Int, produced: inout Int
  ) -> Int32 {
    input.bytes.withUnsafeMutableBufferPointer { source in
      buffer.withUnsafeMutableBufferPointer { target in
        let space = min(target.count - position, 1 << 30)
        stream.pointee.next_in = source.baseAddress.map { $0 + input.start }
        stream.pointee.avail_in = UInt32(input.end - input.start)
        stream.pointee.next_out = target.baseAddress.map { $0 + position }
        stream.pointee.avail_out = UInt32(space)
        let status = inflate(stream, Z_NO_FLUSH)
        input.start = input.end - Int(stream.pointee.avail_in)
        produced = space - Int(stream.pointee.avail_out)
        return status
      }
    }
  }

  private func fail(_ message: String) -> FileError { FileError(.framing, file: name, message) }
}

/// The content of an xz file of one or several streams.
private final class XZBytes: ByteSource {
  private let input: InputBlock
  private let name: String
  private var stream = lzma_stream()
  private var failure: FileError?
  let isChecked = true
  private var ended = false
  private var inputEnded = false

  package init(_ input: InputBlock, name: String) throws(FileError) {
    (self.input, self.name) = (input, name)
    // Enough for the largest preset; a hostile header cannot ask for more.
    let code = lzma_stream_decoder(&stream, 1 << 30, XZBytes.concatenated)
    guard code == LZMA_OK else {
      throw FileError(.unreadable, file: name, "not enough memory to decompress")
    }
  }

  deinit { lzma_end(&stream) }

  // LZMA_CONCATENATED, a macro that Swift cannot see.
  private static let concatenated: UInt32 = 0x08

  package func read(into buffer: inout [UInt8], at position: Int) throws(FileError) -> Int {
    if let failure { throw failure }
    var produced = 0
    while produced == 0 && !ended && position < buffer.count {
      if input.available == 0 && !inputEnded { inputEnded = try !input.refill() }
      let status = decodeOnce(into: &buffer, at: position, produced: &produced)
      switch status {
      case LZMA_OK: break
      case LZMA_STREAM_END: ended = true
      case LZMA_BUF_ERROR: failure = fail("the xz data end too early; the file is incomplete")
      case LZMA_MEM_ERROR, LZMA_MEMLIMIT_ERROR:
        failure = fail("decompressing this file needs more than 1 GiB of memory")
      case LZMA_OPTIONS_ERROR: failure = fail("the xz data use options that are not supported")
      default: failure = fail("the xz data are corrupt or followed by something else")
      }
      if produced == 0, let failure { throw failure }
    }
    return produced
  }

  private func decodeOnce(
    into buffer: inout [UInt8], at position: Int, produced: inout Int
  ) -> lzma_ret {
    input.bytes.withUnsafeBufferPointer { source in
      buffer.withUnsafeMutableBufferPointer { target in
        let space = target.count - position
        stream.next_in = source.baseAddress.map { $0 + input.start }
        stream.avail_in = input.end - input.start
        stream.next_out = target.baseAddress.map { $0 + position }
        stream.avail_out = space
        let status = lzma_code(&stream, inputEnded ? LZMA_FINISH : LZMA_RUN)
        input.start = input.end - stream.avail_in
        produced = space - stream.avail_out
        return status
      }
    }
  }

  private func fail(_ message: String) -> FileError { FileError(.framing, file: name, message) }
}
