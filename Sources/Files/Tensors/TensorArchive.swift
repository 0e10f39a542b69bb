// SPDX-License-Identifier: MIT

/// Tensors, whole numbers and texts by name, as they go to and come from a safetensors file.
///
/// Equal archives give equal bytes: counters come first, then tensors, both by name.
public struct TensorArchive: Sendable {
  /// Texts that go with the tensors, in the order they are written.
  public var metadata: [(key: String, text: String)]
  /// Whole numbers, stored as `I64`.
  public var counters: [String: Int] = [:]
  /// Tensors, stored as `F32`.
  public var tensors: [String: Tensor] = [:]

  /// An archive of texts alone.
  public init(metadata: [(key: String, text: String)] = []) { self.metadata = metadata }

  /// The text called `key`, if there is one.
  public func text(_ key: String) -> String? { metadata.first { $0.key == key }?.text }

  /// Reads the file at `path`; every claim in it is checked before anything is allocated for it.
  public init(path: String) throws(FileError) {
    let file = try RandomAccessFile(path: path)
    do {
      let contents = try Safetensors(file)
      metadata = contents.metadata.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
      for entry in contents.entries {
        if entry.type == .int64 {
          counters[entry.name] = try contents.counter(entry)
        } else {
          tensors[entry.name] = try contents.tensor(entry)
        }
      }
    } catch {
      throw error.error(of: path)
    }
  }

  /// Writes the file and finishes it.
  public func write(to output: OutputFile) throws(FileError) {
    let counterNames = counters.keys.sorted()
    let tensorNames = tensors.keys.sorted()
    try output.write(header(counterNames, tensorNames))
    var bytes: [UInt8] = []
    for name in counterNames {
      bytes.append(littleEndian: UInt64(bitPattern: Int64(counters[name] ?? 0)))
    }
    for name in tensorNames {
      guard let tensor = tensors[name] else { continue }
      for block in tensor.blocks {
        bytes += block
        if bytes.count >= 1 << 16 {
          try output.write(bytes)
          bytes.removeAll(keepingCapacity: true)
        }
      }
    }
    try output.write(bytes)
    try output.finish()
  }

  // MARK: - Seal

  /// Adds a checksum of everything else in it, in place of an earlier one.
  public mutating func seal() {
    metadata.removeAll { $0.key == TensorArchive.sealKey }
    metadata.append((TensorArchive.sealKey, contentChecksum.text))
  }

  /// Whether it has a seal and is as it was when that was added.
  public var isSealed: Bool { text(TensorArchive.sealKey) == contentChecksum.text }

  private static let sealKey = "checksum"

  /// Of names, texts, shapes and numbers, whatever their order.
  private var contentChecksum: Checksum {
    var sum = Checksum()
    for (key, text) in metadata.sorted(by: { $0.key < $1.key }) where key != TensorArchive.sealKey {
      sum.update(Array("\(key)\0\(text)\0".utf8))
    }
    for (name, count) in counters.sorted(by: { $0.key < $1.key }) {
      sum.update(Array("\(name)\0\(count)\0".utf8))
    }
    for (name, tensor) in tensors.sorted(by: { $0.key < $1.key }) {
      sum.update(Array("\(name)\0\(tensor.shape)\0".utf8))
      for block in tensor.blocks { sum.update(block) }
    }
    return sum
  }

  /// Length and JSON, filled up with blanks so that numbers begin at multiples of eight bytes.
  private func header(_ counterNames: [String], _ tensorNames: [String]) -> [UInt8] {
    var members = [
      JSONText.Member(
        "__metadata__", .object(metadata.map { JSONText.Member($0.key, .string($0.text)) }))
    ]
    var offset = 0
    func add(_ name: String, _ type: Safetensors.NumberType, _ shape: [Int], _ count: Int) {
      let end = offset + count * type.size
      members.append(
        JSONText.Member(
          name,
          [
            "dtype": .string(type.rawValue), "shape": .array(shape.map(JSONText.integer)),
            "data_offsets": [.integer(offset), .integer(end)],
          ]))
      offset = end
    }
    for name in counterNames { add(name, .int64, [], 1) }
    for name in tensorNames {
      guard let tensor = tensors[name] else { continue }
      add(name, .float32, tensor.shape, tensor.values.count)
    }
    var text = Array(JSONText.object(members).text(.oneLine).utf8)
    text += Array(repeating: UInt8(ascii: " "), count: (8 - text.count % 8) % 8)
    var bytes: [UInt8] = []
    bytes.append(littleEndian: UInt64(text.count))
    return bytes + text
  }
}

extension Tensor {
  /// The bytes of its numbers, the least significant byte of each first, a piece at a time.
  fileprivate var blocks: some Sequence<[UInt8]> {
    stride(from: 0, to: values.count, by: 1 << 14).lazy.map { start in
      // A closure: a key path of two steps would be followed at run time, at many times the cost.
      let bits = values[start..<Swift.min(start + (1 << 14), values.count)]
        .map { $0.bitPattern.littleEndian }
      return bits.withUnsafeBytes { Array($0) }
    }
  }
}

extension [UInt8] {
  /// Appends the bytes of `number`, the least significant first.
  fileprivate mutating func append(littleEndian number: some FixedWidthInteger) {
    for shift in stride(from: 0, to: number.bitWidth, by: 8) {
      append(UInt8(truncatingIfNeeded: number >> shift))
    }
  }
}
