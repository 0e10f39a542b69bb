// SPDX-License-Identifier: MIT

import Files
import Foundation
import Networks
import TestSupport

/// Arrays of a safetensors file, read by the fewest lines that will do, and not by the code that is
/// under test.
struct RecordedArrays {
  struct Entry: Decodable {
    var dtype: String
    var shape: [Int]
    var data_offsets: [Int]
  }

  private(set) var doubles: [String: (shape: [Int], values: [Double])] = [:]
  private(set) var integers: [String: (shape: [Int], values: [Int])] = [:]

  /// A file of the reference data.
  init(reference path: String) throws {
    let data = try Data(contentsOf: URL(fileURLWithPath: ReferenceData.path(path)))
    let length = data[0..<8].reversed().reduce(0) { $0 << 8 | Int($1) }
    let header = try JSONDecoder().decode(
      [String: Lossy].self, from: data[8..<(8 + length)])
    let body = Data(data[(8 + length)...])
    for (name, entry) in header {
      guard let entry = entry.entry else { continue }
      let bytes = body[entry.data_offsets[0]..<entry.data_offsets[1]]
      switch entry.dtype {
      case "F32": doubles[name] = (entry.shape, numbers(bytes, Float.self).map(Double.init))
      case "F64": doubles[name] = (entry.shape, numbers(bytes, Double.self))
      case "I32": integers[name] = (entry.shape, numbers(bytes, Int32.self).map(Int.init))
      case "I64": integers[name] = (entry.shape, numbers(bytes, Int64.self).map(Int.init))
      default: throw CocoaError(.fileReadCorruptFile)
      }
    }
  }

  /// What a model holds: every float, rounded to single precision, which changes nothing in a file
  /// of floats.
  var tensors: [String: Tensor] {
    doubles.mapValues { Tensor(shape: $0.shape, values: $0.values.map(Float.init)) }
  }

  /// An entry of the header; nil for the metadata, which has another form.
  private struct Lossy: Decodable {
    var entry: Entry?
    init(from decoder: any Decoder) throws { entry = try? Entry(from: decoder) }
  }
}

/// The bytes as little-endian numbers.
private func numbers<Value>(_ bytes: Data, _ type: Value.Type) -> [Value] {
  let size = MemoryLayout<Value>.size
  return bytes.withUnsafeBytes { raw in
    (0..<(raw.count / size)).map { raw.loadUnaligned(fromByteOffset: $0 * size, as: type) }
  }
}
