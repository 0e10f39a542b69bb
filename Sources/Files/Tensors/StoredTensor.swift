// SPDX-License-Identifier: MIT

/// Numbers in a checkpoint that tensors are views of.
package struct Storage: Hashable {
  /// How a number is stored.
  package enum NumberType: String, CaseIterable {
    case float64 = "Double"
    case float32 = "Float"
    case float16 = "Half"
    case bfloat16 = "BFloat16"
    case int64 = "Long"
    case int32 = "Int"
    case int16 = "Short"
    case int8 = "Char"
    case uint8 = "Byte"
    case boolean = "Bool"

    /// The type of the released library's storage class.
    package init?(className: String) {
      for module in ["torch.", "torch.cuda."] {
        guard className.hasPrefix(module), className.hasSuffix("Storage") else { continue }
        let name = className.dropFirst(module.count).dropLast("Storage".count)
        if let type = NumberType(rawValue: String(name)) {
          self = type
          return
        }
      }
      return nil
    }

    /// Bytes a number.
    package var size: Int {
      switch self {
      case .float64, .int64: 8
      case .float32, .int32: 4
      case .float16, .bfloat16, .int16: 2
      case .int8, .uint8, .boolean: 1
      }
    }

    /// Whether it holds whole numbers or truth values.
    package var isWhole: Bool {
      switch self {
      case .float64, .float32, .float16, .bfloat16: false
      default: true
      }
    }
  }

  /// Name in the file.
  package var key: String
  package var type: NumberType
  /// Numbers that the pickle promises.
  package var count: Int
}

/// A tensor in a checkpoint: a view of a storage, not yet read.
package struct StoredTensor: Hashable {
  package let storage: Storage
  /// Index of its first number in the storage.
  package let offset: Int
  package let shape: [Int]
  /// Numbers from one index to the next, along each dimension.
  package let strides: [Int]
  /// How many numbers it has.
  package let count: Int

  /// Dimensions that are possible.
  package static let mostDimensions = 32

  /// A view, or nil if it does not lie within its storage.
  package init?(_ storage: Storage, offset: Int, shape: [Int], strides: [Int]) {
    guard shape.count == strides.count, shape.count <= StoredTensor.mostDimensions, offset >= 0,
      shape.allSatisfy({ $0 >= 0 }), strides.allSatisfy({ $0 >= 0 })
    else { return nil }
    var count = 1
    var last = offset
    for (length, stride) in zip(shape, strides) {
      let (product, tooMany) = count.multipliedReportingOverflow(by: length)
      let (step, tooFar) = max(0, length - 1).multipliedReportingOverflow(by: stride)
      let (sum, tooLong) = last.addingReportingOverflow(step)
      guard !tooMany, !tooFar, !tooLong else { return nil }
      (count, last) = (product, sum)
    }
    // A view may repeat numbers, but more of them than its storage has would be a claim on memory.
    guard count <= storage.count, count == 0 || last < storage.count else { return nil }
    (self.storage, self.offset, self.shape, self.strides) = (storage, offset, shape, strides)
    self.count = count
  }

  /// Whether numbers lie one after the other.
  private var isContiguous: Bool {
    guard count > 0 else { return true }
    var step = 1
    for (length, stride) in zip(shape, strides).reversed() where length != 1 {
      if stride != step { return false }
      step *= length
    }
    return true
  }

  /// Its numbers, in single precision.
  ///
  /// - Parameter range: where the storage lies in the file.
  package func tensor(
    _ file: RandomAccessFile, _ range: Range<Int>
  ) throws(DataError) -> Tensor {
    Tensor(shape: shape, values: try values(file, range))
  }

  /// The one whole number that it is, or nil.
  package func wholeNumber(
    _ file: RandomAccessFile, _ range: Range<Int>
  ) throws(DataError) -> Int? {
    guard count == 1, storage.type.isWhole else { return nil }
    let bytes: [UInt8]
    do {
      let start = range.lowerBound + offset * storage.type.size
      bytes = try file.bytes(start..<start + storage.type.size)
    } catch { throw DataError(explaining: error) }
    let bits = bytes.reversed().reduce(0 as UInt64) { $0 << 8 | UInt64($1) }
    switch storage.type {
    case .int64: return Int(Int64(bitPattern: bits))
    case .int32: return Int(Int32(truncatingIfNeeded: bits))
    case .int16: return Int(Int16(truncatingIfNeeded: bits))
    case .int8: return Int(Int8(truncatingIfNeeded: bits))
    default: return Int(bits)
    }
  }

  /// Its numbers, of a storage that lies in memory: whole ones and truth values too.
  ///
  /// - Returns: nil, if `storage` is shorter than promised.
  package func numbers(in bytes: ArraySlice<UInt8>) -> [Double]? {
    guard storage.count <= bytes.count / storage.type.size else { return nil }
    let size = storage.type.size
    func number(_ index: Int) -> Double {
      let start = bytes.startIndex + index * size
      var bits: UInt64 = 0
      for k in (0..<size).reversed() { bits = bits << 8 | UInt64(bytes[start + k]) }
      switch storage.type {
      case .float64: return Double(bitPattern: bits)
      case .float32: return Double(Float(bitPattern: UInt32(bits)))
      case .float16: return Double(HalfPrecision.value(ofFloat16: UInt16(bits)))
      case .bfloat16: return Double(Float(bitPattern: UInt32(bits) << 16))
      case .int64: return Double(Int64(bitPattern: bits))
      case .int32: return Double(Int32(truncatingIfNeeded: bits))
      case .int16: return Double(Int16(truncatingIfNeeded: bits))
      case .int8: return Double(Int8(truncatingIfNeeded: bits))
      case .uint8, .boolean: return Double(bits)
      }
    }
    if isContiguous { return (0..<count).map { number(offset + $0) } }
    var values: [Double] = []
    values.reserveCapacity(count)
    forEachPlace { values.append(number(offset + $0)) }
    return values
  }

  /// Calls `body` with the distance of each number from the first, in their order.
  private func forEachPlace(_ body: (Int) -> Void) {
    var index = [Int](repeating: 0, count: shape.count)
    for _ in 0..<count {
      body(zip(index, strides).reduce(0) { $0 + $1.0 * $1.1 })
      for axis in index.indices.reversed() {
        index[axis] += 1
        if index[axis] < shape[axis] { break }
        index[axis] = 0
      }
    }
  }

  private func values(
    _ file: RandomAccessFile, _ range: Range<Int>
  ) throws(DataError) -> [Float] {
    guard count > 0 else { return [] }
    // Only the stretch that is used is read.
    let end = zip(shape, strides).reduce(offset) { $0 + ($1.0 - 1) * $1.1 } + 1
    let stretch = try realNumbers(file, range, offset..<end)
    if isContiguous { return stretch }
    var values: [Float] = []
    values.reserveCapacity(count)
    forEachPlace { values.append(stretch[$0]) }
    return values
  }

  private func realNumbers(
    _ file: RandomAccessFile, _ range: Range<Int>, _ numbers: Range<Int>
  ) throws(DataError) -> [Float] {
    let start = range.lowerBound + numbers.lowerBound * storage.type.size
    func read<Number: FileNumber>() throws(DataError) -> [Number] {
      do { return try file.numbers(at: start, count: numbers.count) } catch {
        throw DataError(explaining: error)
      }
    }
    switch storage.type {
    case .float32: return try read()
    case .float64: return (try read() as [Double]).map { Float($0) }
    case .float16: return (try read() as [UInt16]).map(HalfPrecision.value(ofFloat16:))
    case .bfloat16: return (try read() as [UInt16]).map { Float(bitPattern: UInt32($0) << 16) }
    default:
      throw DataError("it holds whole numbers (\(storage.type.rawValue)), not real ones")
    }
  }
}
