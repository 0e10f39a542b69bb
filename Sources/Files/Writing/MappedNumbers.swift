// SPDX-License-Identifier: MIT

import CLibrary

/// A small file of whole numbers that are stored without a call of the system: a kill loses none, a power failure
/// perhaps.
///
/// Where the file system maps no files, each store is a call. Threads may store at once, to different places.
package final class MappedNumbers: Sendable {
  /// Where it lies.
  package let path: String
  private let count: Int
  private let descriptor: Int32
  /// Address of the first number; 0 where the file is not mapped.
  private let base: UInt

  /// A file of `count` zeros at `path`, which is replaced if it is there.
  ///
  /// - Throws: kind `unwritable`.
  package init(_ path: String, count: Int) throws(FileError) {
    (self.path, self.count) = (path, count)
    FileSystem.unlink(path)
    descriptor = FileSystem.open(path, O_RDWR | O_CREAT | O_EXCL, mode: 0o666)
    guard descriptor >= 0 else { throw .refused(path) }
    let length = 8 * count
    // Bytes that are there: a store into a hole of a full disk would end the process.
    let zeros = [UInt8](repeating: 0, count: length)
    guard pwrite(descriptor, zeros, length, 0) == length else {
      let code = errno
      FileSystem.unlink(path)
      close(descriptor)
      throw .refused(path, code)
    }
    let address = mmap(nil, length, PROT_READ | PROT_WRITE, MAP_SHARED, descriptor, 0)
    base = address == MAP_FAILED ? 0 : UInt(bitPattern: address)
  }

  deinit {
    if base != 0 { munmap(UnsafeMutableRawPointer(bitPattern: base), 8 * count) }
    close(descriptor)
  }

  /// Stores a number at `place`.
  package func store(_ number: Int, at place: Int) {
    precondition(place >= 0 && place < count, "place \(place) of \(count)")
    if let address = UnsafeMutableRawPointer(bitPattern: base) {
      address.storeBytes(of: Int64(number), toByteOffset: 8 * place, as: Int64.self)
    } else {
      withUnsafeBytes(of: Int64(number)) { bytes in
        _ = pwrite(descriptor, bytes.baseAddress, 8, off_t(8 * place))
      }
    }
  }

  /// The numbers that such a file holds; none if it cannot be read.
  package static func read(_ path: String) -> [Int] {
    guard let file = try? RandomAccessFile(path: path),
      let numbers: [UInt64] = try? file.numbers(at: 0, count: file.length / 8)
    else { return [] }
    return numbers.map { Int(truncatingIfNeeded: $0) }
  }
}
