// SPDX-License-Identifier: MIT

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// A quick hash of a whole file, to notice that it changed; no protection against malice.
public enum FileHash {
  /// Size in bytes and hash of the file, or nil if it cannot be read.
  ///
  /// Eight bytes at a time are mixed in by a multiplication and a rotation, about as fast as the
  /// file can be read.
  public static func compute(_ path: String) -> (bytes: Int, value: UInt64)? {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return nil }
    defer { close(descriptor) }
    var buffer = [UInt64](repeating: 0, count: 1 << 15)
    var hash: UInt64 = 0x9E37_79B9_7F4A_7C15
    var bytes = 0
    while true {
      let filled = buffer.withUnsafeMutableBytes { fill($0, from: descriptor) }
      guard let filled else { return nil }
      if filled == 0 { break }
      bytes += filled
      for word in buffer[..<((filled + 7) / 8)] {
        hash = (hash ^ word) &* 0xFF51_AFD7_ED55_8CCD
        hash ^= hash >> 32
      }
    }
    return (bytes, (hash ^ UInt64(bytes)) &* 0xC4CE_B9FE_1A85_EC53)
  }

  /// Fills the buffer as far as the file goes and the rest of the last word with zeros.
  private static func fill(_ buffer: UnsafeMutableRawBufferPointer, from file: Int32) -> Int? {
    var filled = 0
    while filled < buffer.count {
      let result = read(file, buffer.baseAddress.map { $0 + filled }, buffer.count - filled)
      if result < 0 && errno == EINTR { continue }
      guard result >= 0 else { return nil }
      if result == 0 { break }
      filled += result
    }
    let end = min(buffer.count, (filled + 7) / 8 * 8)
    for i in filled..<max(filled, end) { buffer[i] = 0 }
    return filled
  }
}
