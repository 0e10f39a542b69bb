// SPDX-License-Identifier: MIT

/// A file of tensors in the safetensors format, read one tensor at a time.
///
/// Eight bytes give the length of a header of JSON, which says for each tensor its type, its shape
/// and where its bytes lie in the rest of the file. Nothing is believed: every claim is checked
/// against the size of the file before anything is allocated for it.
package struct Safetensors {
  /// How a number is stored.
  package enum NumberType: String, CaseIterable {
    case float64 = "F64"
    case float32 = "F32"
    case float16 = "F16"
    case bfloat16 = "BF16"
    case int64 = "I64"

    /// Bytes a number.
    package var size: Int {
      switch self {
      case .float64, .int64: 8
      case .float32: 4
      case .float16, .bfloat16: 2
      }
    }
  }

  /// What the header says of one tensor.
  package struct Entry {
    package var name: String
    package var type: NumberType
    package var shape: [Int]
    /// Place of its bytes in the file.
    package var range: Range<Int>

    package var count: Int { range.count / type.size }
  }

  /// All tensors, in the order of their bytes.
  package let entries: [Entry]
  /// Texts that go with them.
  package let metadata: [String: String]
  private let file: RandomAccessFile

  /// Longest header that is read, in bytes; one of 500 tensors has 50 000.
  private static let longestHeader = 8 << 20
  private static let maximumDimensions = 32

  /// Reads the header of a file and checks all of it.
  package init(_ file: RandomAccessFile) throws(DataError) {
    self.file = file
    do {
      let header = try Safetensors.header(file)
      let dataStart = 8 + header.length
      var entries: [Entry] = []
      var metadata: [String: String] = [:]
      for member in header.members {
        if member.key == "__metadata__" {
          metadata = try Safetensors.texts(member.value)
        } else {
          entries.append(
            try Safetensors.entry(member, dataStart: dataStart, fileLength: file.length))
        }
      }
      entries.sort {
        ($0.range.lowerBound, $0.range.upperBound) < ($1.range.lowerBound, $1.range.upperBound)
      }
      try Safetensors.requireSeamless(entries, from: dataStart, to: file.length)
      (self.entries, self.metadata) = (entries, metadata)
    } catch {
      throw error.of(file: file.path)
    }
  }

  // MARK: - Header

  private static func header(
    _ file: RandomAccessFile
  ) throws(DataError) -> (members: [JSONText.Member], length: Int) {
    guard file.length >= 10 else {
      throw DataError("\(file.length) bytes are too few for a safetensors file")
    }
    let claimed = try DataError.reading { () throws(FileError) -> [UInt64] in
      try file.numbers(at: 0, count: 1)
    }[0]
    guard claimed <= UInt64(file.length - 8), claimed >= 2 else {
      throw DataError(
        "this is not a safetensors file, or it is cut: its header would have \(claimed) bytes, the "
          + "file has \(file.length)")
    }
    guard claimed <= UInt64(longestHeader) else {
      throw DataError("the header has \(claimed) bytes; \(longestHeader) are possible")
    }
    let length = Int(claimed)
    let text = try DataError.reading { () throws(FileError) in try file.bytes(8..<8 + length) }
    guard text.first == UInt8(ascii: "{") else {
      throw DataError("this is not a safetensors file: its header does not begin with {")
    }
    do {
      guard case .object(let members) = try JSONText(parsing: text) else { return ([], length) }
      return (members, length)
    } catch {
      throw DataError("the header is damaged: \(error)")
    }
  }

  private static func texts(_ json: JSONText) throws(DataError) -> [String: String] {
    var texts: [String: String] = [:]
    guard case .object(let members) = json else {
      throw DataError("__metadata__ is \(json.kind), where an object is needed")
    }
    for member in members {
      guard case .string(let text) = member.value else {
        throw DataError(
          "\(Quote.name(member.key)) of __metadata__ is \(member.value.kind), where a string is "
            + "needed")
      }
      texts[member.key] = text
    }
    return texts
  }

  private static func entry(
    _ member: JSONText.Member, dataStart: Int, fileLength: Int
  ) throws(DataError) -> Entry {
    func refuse(_ reason: String) -> DataError { DataError(reason, part: member.key) }
    guard case .object(let members) = member.value else {
      throw refuse("the header has \(member.value.kind) for it, where an object is needed")
    }
    if let odd = members.first(where: { !["dtype", "shape", "data_offsets"].contains($0.key) }) {
      throw refuse("the header has \(Quote.name(odd.key)) for it, which means nothing")
    }
    guard case .string(let typeName)? = member.value["dtype"] else {
      throw refuse("it has no dtype")
    }
    guard let type = NumberType(rawValue: typeName) else {
      throw refuse(
        "its dtype is \(Quote.name(typeName)); possible are "
          + NumberType.allCases.map(\.rawValue).joined(separator: ", "))
    }
    guard let shape = wholeNumbers(member.value["shape"]), shape.count <= maximumDimensions else {
      throw refuse("its shape is not a list of whole numbers")
    }
    guard let offsets = wholeNumbers(member.value["data_offsets"]), offsets.count == 2 else {
      throw refuse("its data_offsets are not two whole numbers")
    }
    let (start, end) = (offsets[0], offsets[1])
    guard start <= end, end <= fileLength - dataStart else {
      throw refuse(
        "its bytes \(start) to \(end) are not in the file, which has \(fileLength - dataStart) "
          + "bytes after the header")
    }
    var bytes = type.size
    for length in shape {
      let (product, overflows) = bytes.multipliedReportingOverflow(by: length)
      guard !overflows else { throw refuse("its shape \(shape) is larger than any memory") }
      bytes = product
    }
    guard bytes == end - start else {
      throw refuse(
        "its shape \(Quote.shape(shape)) of \(type.rawValue) takes \(bytes) bytes, but it has "
          + "\(end - start)")
    }
    guard start % type.size == 0 else {
      throw refuse(
        "it begins at byte \(start), which is no multiple of the \(type.size) bytes of a number")
    }
    return Entry(
      name: member.key, type: type, shape: shape, range: dataStart + start..<dataStart + end)
  }

  /// Lengths or offsets: none negative.
  private static func wholeNumbers(_ json: JSONText?) -> [Int]? {
    guard case .array(let values) = json else { return nil }
    var numbers: [Int] = []
    for value in values {
      guard case .integer(let number) = value, number >= 0 else { return nil }
      numbers.append(number)
    }
    return numbers
  }

  /// The format allows no byte to belong to two tensors or to none.
  private static func requireSeamless(
    _ entries: [Entry], from start: Int, to end: Int
  ) throws(DataError) {
    var next = start
    for entry in entries {
      guard entry.range.lowerBound >= next else {
        throw DataError(
          "its bytes overlap with those of another tensor", part: entry.name)
      }
      guard entry.range.lowerBound == next else {
        throw DataError(
          "\(entry.range.lowerBound - next) bytes before it belong to no tensor",
          part: entry.name)
      }
      next = entry.range.upperBound
    }
    guard next == end else {
      throw DataError("\(end - next) bytes at the end belong to no tensor")
    }
  }

  // MARK: - Data

  /// The numbers of a tensor of reals, rounded to single precision.
  package func tensor(_ entry: Entry) throws(DataError) -> Tensor {
    Tensor(shape: entry.shape, values: try values(entry))
  }

  private func values(_ entry: Entry) throws(DataError) -> [Float] {
    let (start, count) = (entry.range.lowerBound, entry.count)
    switch entry.type {
    case .float32:
      return try DataError.reading { () throws(FileError) in
        try file.numbers(at: start, count: count)
      }
    case .float64:
      return try pieces(entry) { (value: Double) in Float(value) }
    case .float16:
      return try pieces(entry) { HalfPrecision.value(ofFloat16: $0) }
    case .bfloat16:
      return try pieces(entry) { (value: UInt16) in Float(bitPattern: UInt32(value) << 16) }
    case .int64:
      return try pieces(entry) { (value: UInt64) in Float(Int64(bitPattern: value)) }
    }
  }

  /// Converts a piece at a time, so that memory holds the result and little else.
  private func pieces<Number: FileNumber>(
    _ entry: Entry, _ convert: (Number) -> Float
  ) throws(DataError) -> [Float] {
    var values: [Float] = []
    values.reserveCapacity(entry.count)
    while values.count < entry.count {
      let numbers = try DataError.reading { () throws(FileError) -> [Number] in
        try file.numbers(
          at: entry.range.lowerBound + values.count * entry.type.size,
          count: min(1 << 16, entry.count - values.count))
      }
      for number in numbers { values.append(convert(number)) }
    }
    return values
  }

  /// The whole number that a counter holds.
  package func counter(_ entry: Entry) throws(DataError) -> Int {
    guard entry.type == .int64, entry.count == 1 else {
      throw DataError(
        "it is \(Quote.shape(entry.shape)) of \(entry.type.rawValue), where one whole number is "
          + "needed", file: file.path, part: entry.name)
    }
    let bits = try DataError.reading { () throws(FileError) -> [UInt64] in
      try file.numbers(at: entry.range.lowerBound, count: 1)
    }
    return Int(Int64(bitPattern: bits[0]))
  }

}

/// Numbers of half precision.
package enum HalfPrecision {
  /// The value of an IEEE 754 number of 16 bits.
  package static func value(ofFloat16 bits: UInt16) -> Float {
    let sign = UInt32(bits & 0x8000) << 16
    let (exponent, fraction) = (UInt32(bits >> 10) & 31, UInt32(bits & 0x3FF))
    switch exponent {
    // 2⁻²⁴ is the smallest step.
    case 0: return Float(bitPattern: sign | (Float(fraction) * 0x1p-24).bitPattern)
    case 31: return Float(bitPattern: sign | 0x7F80_0000 | fraction << 13)
    default: return Float(bitPattern: sign | (exponent + 112) << 23 | fraction << 13)
    }
  }
}
