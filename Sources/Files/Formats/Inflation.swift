// SPDX-License-Identifier: MIT

import CZlib

/// Unpacks what `zlib.compress` of Python packed: one stream in memory.
package enum Inflation {
  /// The content of `bytes`.
  ///
  /// - Parameter most: bytes that it may have; more is refused, so that a bomb takes no memory.
  /// - Throws: if the data are corrupt or cut, are followed by something else, or hold too much.
  package static func inflate(_ bytes: [UInt8], most: Int) throws(DataError) -> [UInt8] {
    var stream = z_stream()
    guard
      inflateInit_(&stream, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size)) == Z_OK
    else { throw DataError("not enough memory to decompress", kind: .unreadable) }
    defer { inflateEnd(&stream) }
    var source = bytes
    var target = [UInt8](repeating: 0, count: max(4096, min(most, 8 * bytes.count)))
    var count = 0
    while true {
      let status = source.withUnsafeMutableBufferPointer { source in
        target.withUnsafeMutableBufferPointer { target in
          stream.next_in = source.baseAddress.map { $0 + Int(stream.total_in) }
          stream.avail_in = UInt32(source.count - Int(stream.total_in))
          stream.next_out = target.baseAddress.map { $0 + count }
          stream.avail_out = UInt32(target.count - count)
          return CZlib.inflate(&stream, Z_NO_FLUSH)
        }
      }
      count = Int(stream.total_out)
      switch status {
      case Z_STREAM_END:
        guard Int(stream.total_in) == bytes.count else {
          throw DataError("the zlib data are followed by something else")
        }
        target.removeLast(target.count - count)
        return target
      case Z_OK where count == target.count, Z_BUF_ERROR where count == target.count:
        guard target.count < most else {
          throw DataError("the zlib data hold more than \(most >> 20) MiB")
        }
        target.append(contentsOf: repeatElement(0, count: min(target.count, most - target.count)))
      case Z_OK: continue
      case Z_BUF_ERROR: throw DataError("the zlib data end too early")
      default: throw DataError("the zlib data are corrupt")
      }
    }
  }
}
