// SPDX-License-Identifier: MIT

import CLZMA
import CZlib

/// How a file is compressed.
public enum Compression: Hashable, Sendable {
  /// Not at all.
  case none
  /// gzip, for names that end in `.gz`.
  case gzip
  /// xz, for names that end in `.xz`.
  case xz

  /// The compression that the extension of `path` asks for.
  public init(path: String) {
    let name = path.lowercased()
    self = name.hasSuffix(".gz") ? .gzip : name.hasSuffix(".xz") ? .xz : .none
  }

  /// Compresses `bytes` to one complete gzip member or xz stream.
  ///
  /// Such members make a valid file when written one after the other. The same bytes always give
  /// the same member. Uncompressed, the bytes come back as they are.
  ///
  /// - Throws: kind `unwritable`, if there is not enough memory.
  public func member(_ bytes: [UInt8]) throws(FileError) -> [UInt8] {
    switch self {
    case .none: return bytes
    case .gzip: return try Compression.gzipMember(bytes)
    case .xz: return try Compression.xzStream(bytes)
    }
  }

  private static func gzipMember(_ bytes: [UInt8]) throws(FileError) -> [UInt8] {
    // zlib remembers the address, so it must not move.
    let stream = UnsafeMutablePointer<z_stream>.allocate(capacity: 1)
    stream.initialize(to: z_stream())
    defer { stream.deallocate() }
    // 15 bits of window, plus 16 for a gzip header; its time stamp stays 0.
    let code = deflateInit2_(
      stream, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY, ZLIB_VERSION,
      Int32(MemoryLayout<z_stream>.size))
    guard code == Z_OK else { throw outOfMemory }
    defer { deflateEnd(stream) }
    var output: [UInt8] = []
    output.reserveCapacity(bytes.count / 3 + 64)
    var block = [UInt8](repeating: 0, count: 1 << 16)
    var input = bytes
    var start = 0
    var status = Z_OK
    while status != Z_STREAM_END {
      let piece = min(bytes.count - start, 1 << 30)
      let last = start + piece == bytes.count
      let (written, left) = input.withUnsafeMutableBufferPointer { input in
        block.withUnsafeMutableBufferPointer { block in
          stream.pointee.next_in = input.baseAddress.map { $0 + start }
          stream.pointee.avail_in = UInt32(piece)
          stream.pointee.next_out = block.baseAddress
          stream.pointee.avail_out = UInt32(block.count)
          status = deflate(stream, last ? Z_FINISH : Z_NO_FLUSH)
          return (block.count - Int(stream.pointee.avail_out), Int(stream.pointee.avail_in))
        }
      }
      guard status == Z_OK || status == Z_STREAM_END || status == Z_BUF_ERROR else {
        throw outOfMemory
      }
      start += piece - left
      output.append(contentsOf: block[..<written])
    }
    return output
  }

  private static func xzStream(_ bytes: [UInt8]) throws(FileError) -> [UInt8] {
    var options = lzma_options_lzma()
    guard lzma_lzma_preset(&options, 6) == 0 else { throw outOfMemory }
    // A dictionary larger than the data only costs memory and time.
    options.dict_size = min(options.dict_size, UInt32(max(4096, min(bytes.count, 1 << 23))))
    var output = [UInt8](repeating: 0, count: lzma_stream_buffer_bound(bytes.count))
    var used = 0
    let code = withUnsafeMutableBytes(of: &options) { options in
      var filters = [
        lzma_filter(id: lzma2, options: options.baseAddress),
        lzma_filter(id: lzma_vli.max, options: nil),
      ]
      return lzma_stream_buffer_encode(
        &filters, LZMA_CHECK_CRC64, nil, bytes, bytes.count, &output, &used, output.count)
    }
    guard code == LZMA_OK else { throw outOfMemory }
    output.removeSubrange(used...)
    return output
  }

  // LZMA_FILTER_LZMA2, a macro that Swift cannot see.
  private static let lzma2: lzma_vli = 0x21

  private static var outOfMemory: FileError {
    FileError(.unwritable, file: "compression", "not enough memory to compress")
  }
}
