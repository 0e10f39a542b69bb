// SPDX-License-Identifier: MIT

/// A file of ASE's ULM format: items of JSON, each with the arrays that it names by their places.
///
/// Source of the layout: `ase/io/ulm.py`, versions 1 to 3.
package struct ULMFile {
  /// What the file says that it holds, such as `ASE-Trajectory`.
  package let tag: String
  /// How many items there are.
  package var count: Int { offsets.count }

  private let file: RandomAccessFile
  private let offsets: [UInt64]

  /// Whether a file that begins so is of this format.
  package static func isLikely(_ start: [UInt8]) -> Bool {
    start.starts(with: "- of Ulm".utf8) || start.starts(with: "AFFormat".utf8)
  }

  /// Reads where the items are.
  ///
  /// - Throws: kind `framing`, if the file is of another format, damaged or cut.
  package init(_ file: RandomAccessFile) throws(FileError) {
    self.file = file
    let path = file.path
    func damaged(_ reason: String) -> FileError {
      FileError(.framing, file: path, "the file is damaged or cut: \(reason)")
    }
    guard file.length >= 48 else { throw damaged("it has only \(file.length) bytes") }
    let start = try file.bytes(0..<24)
    guard ULMFile.isLikely(start) else {
      throw FileError(.framing, file: path, "this is not a file of ASE's ULM format")
    }
    tag = String(decoding: start[8..<24].prefix { $0 != 32 && $0 != 0 }, as: UTF8.self)
    let header: [UInt64] = try file.numbers(at: 24, count: 3)
    guard header[0] <= 3 else {
      throw FileError(
        .framing, file: path, "version \(header[0]) of the ULM format is not known; 1 to 3 are")
    }
    let (count, place) = (header[1], header[2])
    guard place <= UInt64(file.length), count <= (UInt64(file.length) - place) / 8 else {
      throw damaged("its list of \(count) items should stand at byte \(place), of \(file.length)")
    }
    offsets = try file.numbers(at: Int(place), count: Int(count))
  }

  /// The JSON of item `index`.
  package func json(_ index: Int) throws(FileError) -> [UInt8] {
    let place = offsets[index]
    guard place <= UInt64(file.length), UInt64(file.length) - place >= 8 else {
      throw damaged(index, "it should stand at byte \(place), of \(file.length)")
    }
    let length: [UInt64] = try file.numbers(at: Int(place), count: 1)
    guard length[0] <= UInt64(file.length) - place - 8 else {
      throw damaged(index, "it should have \(length[0]) bytes from \(place) on, of \(file.length)")
    }
    let start = Int(place) + 8
    return try file.bytes(start..<start + Int(length[0]))
  }

  /// Types of numbers that arrays can have.
  package enum NumberType: String, CaseIterable {
    case float64, float32, int64, int32, int16, int8, uint8, bool

    /// Bytes a number.
    package var size: Int {
      switch self {
      case .float64, .int64: 8
      case .float32, .int32: 4
      case .int16: 2
      case .int8, .uint8, .bool: 1
      }
    }
  }

  /// The numbers of an array; whole ones beyond 2⁵³ lose digits.
  ///
  /// - Parameters:
  ///   - type: what is stored.
  ///   - count: how many.
  ///   - offset: where in the file.
  ///   - isSwapped: whether the most significant byte comes first.
  /// - Returns: nil, if the file is too short.
  package func numbers(
    _ type: NumberType, count: Int, at offset: Int, isSwapped: Bool
  ) throws(FileError) -> [Double]? {
    guard offset >= 0, offset <= file.length, count <= (file.length - offset) / type.size else {
      return nil
    }
    func read<Number: FileNumber>() throws(FileError) -> [Number] {
      let numbers: [Number] = try file.numbers(at: offset, count: count)
      return isSwapped ? numbers.map { Number(swapping: $0) } : numbers
    }
    switch type {
    case .float64: return try read()
    case .float32: return (try read() as [Float]).map(Double.init)
    case .int64: return (try read() as [UInt64]).map { Double(Int64(bitPattern: $0)) }
    case .int32: return (try read() as [UInt32]).map { Double(Int32(bitPattern: $0)) }
    case .int16: return (try read() as [UInt16]).map { Double(Int16(bitPattern: $0)) }
    case .int8: return (try read() as [UInt8]).map { Double(Int8(bitPattern: $0)) }
    case .uint8, .bool: return (try read() as [UInt8]).map(Double.init)
    }
  }

  private func damaged(_ index: Int, _ reason: String) -> FileError {
    FileError(
      .framing, file: file.path,
      "the file is damaged or cut: of item \(index + 1) of "
        + "\(count), \(reason)")
  }
}
