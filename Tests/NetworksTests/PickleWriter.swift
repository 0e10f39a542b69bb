// SPDX-License-Identifier: MIT

import Files
import TestSupport

@testable import Networks

/// Writes pickles of protocol 2 instruction by instruction, and checkpoints around them.
struct PickleWriter {
  private(set) var bytes: [UInt8] = [0x80, 2]
  /// Storages that were referred to: key and contents.
  private(set) var storages: [(key: String, bytes: [UInt8])] = []

  /// A value to write.
  indirect enum Value {
    case none, boolean(Bool), integer(Int), real(Double), text(String)
    case list([Value]), tuple([Value])
    case dictionary([(String, Value)]), ordered([(String, Value)])
    /// Numbers of a storage of their own.
    case tensor(Tensor)
    case counter(Int)
    /// A call of the named thing.
    case call(String, [Value])
    case global(String)
    /// Instructions as they are.
    case raw([UInt8])
  }

  /// A whole pickle of `value`.
  init(_ value: Value) {
    add(value)
    bytes.append(UInt8(ascii: "."))
  }

  /// The zip archive of it and its storages.
  func archive(form: StoredZip.Form = .descriptor) -> StoredZip {
    StoredZip(
      [("model/data.pkl", bytes), ("model/byteorder", Array("little".utf8))]
        + storages.map { ("model/data/" + $0.key, $0.bytes) }, form: form)
  }

  private mutating func add(_ value: Value) {
    switch value {
    case .none: op("N")
    case .boolean(let value): bytes.append(value ? 0x88 : 0x89)
    case .integer(let value):
      bytes += [0x8A, 8] + ModelSamples.littleEndian(value)
    case .real(let value):
      op("G")
      bytes += ModelSamples.littleEndian(value.bitPattern).reversed()
    case .text(let text):
      op("X")
      bytes += ModelSamples.littleEndian(UInt32(text.utf8.count)) + Array(text.utf8)
    case .list(let values):
      op("](")
      values.forEach { add($0) }
      op("e")
    case .tuple(let values):
      op("(")
      values.forEach { add($0) }
      op("t")
    case .dictionary(let items):
      op("}(")
      add(items)
      op("u")
    case .ordered(let items):
      add(.call("collections OrderedDict", []))
      op("(")
      add(items)
      op("u")
    case .call(let name, let arguments):
      add(.global(name))
      add(.tuple(arguments))
      op("R")
    case .global(let name):
      op("c" + name.replacing(" ", with: "\n") + "\n")
    case .tensor(let tensor):
      let data = tensor.values.flatMap { ModelSamples.littleEndian($0.bitPattern) }
      add(storage: "FloatStorage", data, count: tensor.values.count, shape: tensor.shape)
    case .counter(let value):
      add(storage: "LongStorage", ModelSamples.littleEndian(value), count: 1, shape: [])
    case .raw(let instructions): bytes += instructions
    }
  }

  private mutating func add(_ items: [(String, Value)]) {
    for (key, value) in items {
      add(.text(key))
      add(value)
    }
  }

  private mutating func add(storage name: String, _ data: [UInt8], count: Int, shape: [Int]) {
    let key = "\(storages.count)"
    storages.append((key, data))
    var strides: [Int] = []
    for length in shape.reversed() { strides.insert((strides.first ?? 1) * length, at: 0) }
    strides = Array((strides + [1]).dropFirst())
    if shape.isEmpty { strides = [] }
    add(.global("torch._utils _rebuild_tensor_v2"))
    op("(")
    add(.reference(name, key, count))
    add(.integer(0))
    add(.tuple(shape.map(Value.integer)))
    add(.tuple(strides.map(Value.integer)))
    add(.boolean(false))
    add(.call("collections OrderedDict", []))
    op("tR")
  }

  private mutating func op(_ text: String) { bytes += Array(text.utf8) }
}

extension PickleWriter.Value {
  /// The instructions that refer to a storage.
  static func reference(_ name: String, _ key: String, _ count: Int) -> PickleWriter.Value {
    var inner = PickleWriter(
      .tuple([
        .text("storage"), .global("torch \(name)"), .text(key), .text("cuda:0"), .integer(count),
      ])
    ).bytes
    inner.removeFirst(2)
    inner.removeLast()
    return .raw(inner + [UInt8(ascii: "Q")])
  }

  /// A training checkpoint of a model in the layout of the released trainers.
  static func checkpoint(
    _ model: NetworkModel, prefix: String = "module.",
    change: (inout [(String, Self)]) -> Void = { _ in }
  ) -> PickleWriter.Value {
    let state: [(String, Self)] = model.architecture.catalogue.map { specification in
      let name = specification.name
      // Second names are in files, but not in memory.
      let original = if case .copy(let original) = specification.role { original } else { name }
      return (
        prefix + name,
        model.tensors[original].map(Self.tensor) ?? .counter(model.counters[name] ?? 0)
      )
    }
    let normalization = model.normalization
    func number(_ value: Double) -> Self { .tensor(Tensor(shape: [], values: [Float(value)])) }
    var members: [(String, Self)] = [
      ("epoch", .integer(3)), ("state_dict", .ordered(state)),
      (
        "normalizers",
        .dictionary([
          (
            "target",
            .dictionary([
              ("mean", number(normalization.energyMean)),
              ("std", number(normalization.energyScale)),
            ])
          ),
          (
            "grad_target",
            .dictionary([
              ("mean", .integer(Int(normalization.forceMean))),
              ("std", .real(normalization.forceScale)),
            ])
          ),
        ])
      ),
      ("config", .config(model.architecture, energyWeight: model.energyIsTrained ? 1 : 0)),
      ("ema", .none),
    ]
    change(&members)
    return .dictionary(members)
  }

  /// The part of a checkpoint that says what network it is.
  static func config(
    _ architecture: NetworkModel.Architecture, energyWeight: Double
  ) -> PickleWriter.Value {
    var attributes: [(String, Self)] = []
    if case .object(let members) = architecture.attributes {
      for member in members {
        switch member.value {
        case .integer(let value): attributes.append((member.key, .integer(value)))
        case .number(let value): attributes.append((member.key, .real(value)))
        case .string(let text): attributes.append((member.key, .text(text)))
        default: break
        }
      }
    }
    return .dictionary([
      ("trainer", .text("forces")), ("model", .text(architecture.name)),
      ("model_attributes", .dictionary(attributes)),
      ("logger", .global("logging StreamHandler")),
      ("optim", .dictionary([("energy_coefficient", .real(energyWeight))])),
    ])
  }
}
