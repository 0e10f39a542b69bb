// SPDX-License-Identifier: MIT

/// An LMDB database that is only read: keys and values of its main table.
///
/// Nothing is locked and nothing made beside the file, and no page is trusted: whatever is damaged is an
/// error that names the page. Memory is that of some pages and one value, however large the file, which may
/// be sparse.
///
/// Source of the layout: `mdb.c` of OpenLDAP, version 0.9 (data version 1).
package final class LMDBFile {
  /// Path of the file.
  package var path: String { file.path }
  /// How many keys the main table says that it has.
  package let count: Int

  private let file: RandomAccessFile
  private let pageSize: Int
  /// Whole pages in the file.
  private let pages: Int
  private let root: UInt64
  private let depth: Int
  /// Pages that were read last.
  private var kept: [UInt64: Page] = [:]

  /// Whether a file that begins so is an LMDB database: the magic number behind the header of its first page.
  package static func isLikely(_ start: [UInt8]) -> Bool {
    start.count >= 20 && start[16..<20].elementsEqual([0xDE, 0xC0, 0xEF, 0xBE])
  }

  private static let noPage = UInt64.max
  private static let mostKept = 64
  /// LMDB itself goes no deeper.
  private static let mostDepth = 32

  /// Reads which of the two descriptions of the database is the newer one.
  ///
  /// - Throws: kind `framing`, if this is no database of this kind or of another byte order or version.
  package init(_ file: RandomAccessFile) throws(FileError) {
    self.file = file
    let first = try LMDBFile.meta(file, at: 0)
    guard let first else {
      throw FileError(.framing, file: file.path, "this is not an LMDB database of version 1")
    }
    pageSize = first.pageSize
    guard pageSize >= 512, pageSize <= 65536, pageSize & (pageSize - 1) == 0 else {
      throw FileError(.framing, file: file.path, "pages of \(pageSize) bytes are not possible")
    }
    var newest = first
    if let second = try LMDBFile.meta(file, at: pageSize), second.transaction > first.transaction {
      newest = second
    }
    pages = file.length / pageSize
    guard newest.flags & ~0x08 == 0 else {
      throw FileError(
        .framing, file: file.path, "its keys have several values or are in another order")
    }
    guard newest.depth <= LMDBFile.mostDepth, newest.entries < 1 << 48 else {
      throw FileError(.framing, file: file.path, "the database is damaged: its tree is too deep")
    }
    (root, depth, count) = (newest.root, newest.depth, Int(newest.entries))
  }

  private struct Meta {
    var pageSize: Int
    var flags: UInt16
    var depth: Int
    var entries: UInt64
    var root: UInt64
    var transaction: UInt64
  }

  private static func meta(_ file: RandomAccessFile, at offset: Int) throws(FileError) -> Meta? {
    let size = 16 + 24 + 96 + 16
    guard file.length >= offset + size else { return nil }
    let bytes = try file.bytes(offset..<offset + size)
    func number(_ at: Int, _ count: Int) -> UInt64 {
      (0..<count).reversed().reduce(0) { $0 << 8 | UInt64(bytes[at + $1]) }
    }
    guard number(16, 4) == 0xBEEF_C0DE, number(20, 4) == 1 else { return nil }
    let main = 16 + 24 + 48
    return Meta(
      pageSize: Int(number(16 + 24, 4)), flags: UInt16(number(main + 4, 2)),
      depth: Int(number(main + 6, 2)), entries: number(main + 32, 8), root: number(main + 40, 8),
      transaction: number(main + 56, 8))
  }

  // MARK: - Pages

  /// A page of keys.
  private struct Page {
    let bytes: [UInt8]
    let isLeaf: Bool
    let count: Int

    func number(_ at: Int, _ count: Int) -> Int {
      (0..<count).reversed().reduce(0) { $0 << 8 | Int(bytes[at + $1]) }
    }

    /// Where node `index` begins.
    func node(_ index: Int) -> Int { number(16 + 2 * index, 2) }

    func key(_ index: Int) -> ArraySlice<UInt8> {
      let start = node(index) + 8
      return bytes[start..<start + number(start - 2, 2)]
    }
  }

  private func damaged(_ page: UInt64, _ reason: String) -> FileError {
    FileError(.framing, file: path, "the database is damaged: page \(page) \(reason)")
  }

  private func page(_ number: UInt64) throws(FileError) -> Page {
    if let page = kept[number] { return page }
    guard number < UInt64(pages) else {
      throw damaged(number, "is beyond the end of the file, which may be cut")
    }
    let start = Int(number) * pageSize
    let bytes = try file.bytes(start..<start + pageSize)
    let raw = Page(bytes: bytes, isLeaf: false, count: 0)
    let (flags, lower) = (raw.number(10, 2), raw.number(12, 2))
    guard flags == 0x01 || flags == 0x02 else { throw damaged(number, "is no page of keys") }
    guard lower >= 16, lower <= pageSize, lower % 2 == 0 else {
      throw damaged(number, "has a wrong header")
    }
    let page = Page(bytes: bytes, isLeaf: flags == 0x02, count: (lower - 16) / 2)
    for index in 0..<page.count {
      let node = page.node(index)
      guard node >= lower, node + 8 <= pageSize, node + 8 + page.number(node + 6, 2) <= pageSize
      else { throw damaged(number, "has a key outside of it") }
    }
    guard page.count > 0 else { throw damaged(number, "is empty") }
    if kept.count >= LMDBFile.mostKept { kept.removeAll(keepingCapacity: true) }
    kept[number] = page
    return page
  }

  private func child(_ page: Page, _ index: Int) -> UInt64 {
    let node = page.node(index)
    return UInt64(page.number(node, 6))
  }

  /// The value of a leaf's node.
  private func value(_ page: Page, _ index: Int, _ number: UInt64) throws(FileError) -> [UInt8] {
    let node = page.node(index)
    let size = page.number(node, 4)
    let flags = page.number(node + 4, 2)
    let start = node + 8 + page.number(node + 6, 2)
    guard flags & ~0x01 == 0 else { throw damaged(number, "holds a table in the place of a value") }
    guard flags == 0x01 else {
      guard start + size <= pageSize else { throw damaged(number, "has a value outside of it") }
      return Array(page.bytes[start..<start + size])
    }
    guard start + 8 <= pageSize else { throw damaged(number, "has a value outside of it") }
    let place = page.number(start, 8)
    guard place > 0, place < pages, 16 + size <= (pages - place) * pageSize else {
      throw damaged(number, "has a value beyond the end of the file, which may be cut")
    }
    let header = try file.bytes(place * pageSize..<place * pageSize + 16)
    guard header[10] == 0x04, header[11] == 0 else {
      throw damaged(UInt64(place), "is not the value that page \(number) says it is")
    }
    let first = place * pageSize + 16
    return try file.bytes(first..<first + size)
  }

  // MARK: - Looking up

  /// The value of a key, or nil.
  ///
  /// - Complexity: O(log n) pages.
  package func value(of key: [UInt8]) throws(FileError) -> [UInt8]? {
    guard root != LMDBFile.noPage else { return nil }
    var number = root
    for _ in 0..<max(1, depth) {
      let page = try page(number)
      var (low, high) = (page.isLeaf ? 0 : 1, page.count)
      while low < high {
        let middle = (low + high) / 2
        if page.key(middle).lexicographicallyPrecedes(key) {
          low = middle + 1
        } else {
          high = middle
        }
      }
      let isEqual = low < page.count && page.key(low).elementsEqual(key)
      if page.isLeaf { return isEqual ? try value(page, low, number) : nil }
      number = child(page, isEqual ? low : low - 1)
    }
    throw damaged(number, "lies deeper than the tree is")
  }

  // MARK: - In order

  /// A place between the keys of the database, in their order as bytes.
  package struct Place {
    fileprivate var path: [(page: UInt64, next: Int)]
    /// Leaves that may still be visited: more than there are pages would be a cycle.
    fileprivate var leavesLeft: Int
  }

  /// The place before the first key.
  package var start: Place {
    Place(path: root == LMDBFile.noPage ? [] : [(root, 0)], leavesLeft: pages)
  }

  /// The key behind `place`, which moves on; nil at the end.
  package func nextKey(_ place: inout Place) throws(FileError) -> [UInt8]? {
    try next(&place) { page, index, _ in Array(page.key(index)) }
  }

  /// The key and the value behind `place`, which moves on; nil at the end.
  package func next(
    _ place: inout Place
  ) throws(FileError) -> (key: [UInt8], value: [UInt8])? {
    try next(&place) { (page, index, number) throws(FileError) in
      (Array(page.key(index)), try value(page, index, number))
    }
  }

  private func next<Result>(
    _ place: inout Place, _ body: (Page, Int, UInt64) throws(FileError) -> Result
  ) throws(FileError) -> Result? {
    while let (number, next) = place.path.last {
      let page = try page(number)
      guard next < page.count else {
        place.path.removeLast()
        continue
      }
      place.path[place.path.count - 1].next += 1
      if page.isLeaf {
        if next == 0 {
          place.leavesLeft -= 1
          guard place.leavesLeft >= 0 else { throw damaged(number, "is part of a cycle") }
        }
        return try body(page, next, number)
      }
      guard place.path.count < max(1, depth) else {
        throw damaged(number, "lies deeper than the tree is")
      }
      place.path.append((child(page, next), 0))
    }
    return nil
  }
}
