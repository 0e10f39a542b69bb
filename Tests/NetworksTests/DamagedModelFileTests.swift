// SPDX-License-Identifier: MIT

import Files
import Foundation
import Networks
import RelaxNumerics
import StructureFiles
import TestSupport
import Testing

/// Files that must be refused, with the very words that a user sees after the file's name.
@Suite("Damaged model files")
struct DamagedModelFileTests {
  struct Case: Sendable, CustomTestStringConvertible {
    var header: String
    var data = 8
    var message: String
    var testDescription: String { header }
  }

  /// A header of one tensor `a` with these properties.
  private static func one(_ properties: String, data: Int = 8, _ message: String) -> Case {
    Case(header: "{\"a\":{\(properties)}}", data: data, message: message)
  }

  private static let noConfig =
    "its metadata has no `config` that says what network this is; `relax model import "
    + "STATE.safetensors --config CONFIG.json` adds one"

  static let headers: [Case] = [
    one(#""dtype":"F32","shape":[2],"data_offsets":[0,8]"#, noConfig),
    Case(header: "[]", message: "this is not a safetensors file: its header does not begin with {"),
    Case(
      header: "{\"a\"",
      message: "the header is damaged: line 1, column 5: the text ends where a colon should be"),
    Case(
      header: "{\"a\":1,\"a\":2}",
      message: "the header is damaged: line 1, column 8: 'a' is there a second time"),
    Case(
      header: "{\"a\":" + String(repeating: "[", count: 70),
      message:
        "the header is damaged: line 1, column 69: values lie more than 64 deep in each other"),
    Case(
      header: "{\"a\":7}",
      message: "tensor `a`: the header has a whole number for it, where an object is needed"),
    one(#""shape":[2],"data_offsets":[0,8]"#, "tensor `a`: it has no dtype"),
    one(#""dtype":5,"shape":[2],"data_offsets":[0,8]"#, "tensor `a`: it has no dtype"),
    one(
      #""dtype":"Q7","shape":[2],"data_offsets":[0,8]"#,
      "tensor `a`: its dtype is `Q7`; possible are F64, F32, F16, BF16, I64"),
    one(
      #""dtype":"U8","shape":[8],"data_offsets":[0,8]"#,
      "tensor `a`: its dtype is `U8`; possible are F64, F32, F16, BF16, I64"),
    one(
      #""dtype":"F32","data_offsets":[0,8]"#,
      "tensor `a`: its shape is not a list of whole numbers"),
    one(
      #""dtype":"F32","shape":[-2],"data_offsets":[0,8]"#,
      "tensor `a`: its shape is not a list of whole numbers"),
    one(
      #""dtype":"F32","shape":[2.0],"data_offsets":[0,8]"#,
      "tensor `a`: its shape is not a list of whole numbers"),
    one(
      "\"dtype\":\"F32\",\"shape\":[" + Array(repeating: "1", count: 33).joined(separator: ",")
        + "],\"data_offsets\":[0,4]", "tensor `a`: its shape is not a list of whole numbers"),
    one(
      #""dtype":"F32","shape":[2]"#, "tensor `a`: its data_offsets are not two whole numbers"),
    one(
      #""dtype":"F32","shape":[2],"data_offsets":[0]"#,
      "tensor `a`: its data_offsets are not two whole numbers"),
    one(
      #""dtype":"F32","shape":[2],"data_offsets":[-8,0]"#,
      "tensor `a`: its data_offsets are not two whole numbers"),
    one(
      #""dtype":"F32","shape":[2],"data_offsets":[0,8],"more":1"#,
      "tensor `a`: the header has `more` for it, which means nothing"),
    one(
      #""dtype":"F32","shape":[2],"data_offsets":[8,0]"#,
      "tensor `a`: its bytes 8 to 0 are not in the file, which has 8 bytes after the header"),
    one(
      #""dtype":"F32","shape":[4],"data_offsets":[0,16]"#,
      "tensor `a`: its bytes 0 to 16 are not in the file, which has 8 bytes after the header"),
    one(
      #""dtype":"F32","shape":[2],"data_offsets":[9223372036854775800,9223372036854775807]"#,
      "tensor `a`: its bytes 9223372036854775800 to 9223372036854775807 are not in the file, which "
        + "has 8 bytes after the header"),
    one(
      #""dtype":"F32","shape":[2],"data_offsets":[0,99999999999999999999]"#,
      "tensor `a`: its data_offsets are not two whole numbers"),
    one(
      #""dtype":"F32","shape":[3],"data_offsets":[0,8]"#,
      "tensor `a`: its shape 3 of F32 takes 12 bytes, but it has 8"),
    one(
      #""dtype":"F32","shape":[],"data_offsets":[0,8]"#,
      "tensor `a`: its shape a single number of F32 takes 4 bytes, but it has 8"),
    one(
      #""dtype":"F64","shape":[2,1],"data_offsets":[0,8]"#,
      "tensor `a`: its shape 2×1 of F64 takes 16 bytes, but it has 8"),
    one(
      #""dtype":"F32","shape":[4611686018427387904,4],"data_offsets":[0,8]"#,
      "tensor `a`: its shape [4611686018427387904, 4] is larger than any memory"),
    one(
      #""dtype":"F32","shape":[3037000500,3037000500],"data_offsets":[0,8]"#,
      "tensor `a`: its shape [3037000500, 3037000500] is larger than any memory"),
    one(
      #""dtype":"F32","shape":[2],"data_offsets":[0,8]"#, data: 12,
      "4 bytes at the end belong to no tensor"),
    one(
      #""dtype":"F32","shape":[1],"data_offsets":[4,8]"#,
      "tensor `a`: 4 bytes before it belong to no tensor"),
    Case(
      header: #"{"a":{"dtype":"F16","shape":[1],"data_offsets":[0,2]},"#
        + #""b":{"dtype":"F32","shape":[1],"data_offsets":[2,6]}}"#, data: 6,
      message:
        "tensor `b`: it begins at byte 2, which is no multiple of the 4 bytes of a number"),
    Case(
      header: #"{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"#
        + #""b":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}"#,
      message: "tensor `b`: its bytes overlap with those of another tensor"),
    Case(
      header: #"{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"#
        + #""b":{"dtype":"F32","shape":[1],"data_offsets":[8,12]}}"#, data: 12,
      message: "tensor `b`: 4 bytes before it belong to no tensor"),
    Case(header: "{}", message: "8 bytes at the end belong to no tensor"),
    Case(header: "{}", data: 0, message: noConfig),
    Case(
      header: #"{"__metadata__":[]}"#, data: 0,
      message: "__metadata__ is an array, where an object is needed"),
    Case(
      header: #"{"__metadata__":{"config":{}}}"#, data: 0,
      message: "`config` of __metadata__ is an object, where a string is needed"),
    Case(
      header: #"{"__metadata__":{"config":"{"}}"#, data: 0,
      message:
        "`config` of its metadata is damaged: line 1, column 2: the text ends where a name in "
        + "quotation marks should be"),
    Case(
      header: #"{"__metadata__":{"config":"{\"model\":\"gns\"}"}}"#, data: 0,
      message: "there are no tensors"),
    Case(
      header: #"{"__metadata__":{"config":"{\"model\":\"gns\"}"},"#
        + #""a\u001b":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}"#,
      message: "tensor `a\\u{1b}`: gns with this configuration has no such tensor"),
    Case(
      header: #"{"a":{"dtype":"I64","shape":[1,2],"data_offsets":[0,16]}}"#, data: 16,
      message: noConfig),
    Case(
      header: #"{"__metadata__":{"config":"{\"model\":\"gns\"}"},"#
        + #""a":{"dtype":"I64","shape":[1,2],"data_offsets":[0,16]}}"#, data: 16,
      message: "tensor `a`: it is 1×2 of I64, where one whole number is needed"),
    Case(
      header: #"{"__metadata__":{"config":"{\"model\":\"gns\"}"},"#
        + #""module.a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"#
        + #""a":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}"#,
      message: "tensor `a`: it is there more than once, apart from `module.` and `_orig_mod.`"),
  ]

  @Test("every damage of the header is refused with its reason", arguments: headers)
  func header(of wrong: Case) throws {
    let scratch = try Scratch()
    let bytes = ModelSamples.safetensors(wrong.header, Array(repeating: 0, count: wrong.data))
    try expectRefusal(bytes, wrong.message, scratch)
  }

  @Test("files cut or filled at any place are refused")
  func length() throws {
    let scratch = try Scratch()
    let good = try ModelSamples.bytes(ModelSamples.model(), scratch)
    try expectRefusal([], "0 bytes are too few for a safetensors file", scratch)
    try expectRefusal(
      Array(good[..<9]), "9 bytes are too few for a safetensors file", scratch)
    let header = good[0..<8].reversed().reduce(0) { $0 << 8 | Int($1) }
    try expectRefusal(
      Array(good[..<100]),
      "this is not a safetensors file, or it is cut: its header would have \(header) bytes, the file "
        + "has 100", scratch)
    var huge = good
    huge[7] = 0x7F
    try expectRefusal(
      huge,
      "this is not a safetensors file, or it is cut: its header would have "
        + "\(0x7F00_0000_0000_0000 + header) bytes, the file has \(good.count)", scratch)
    try expectRefusal(good + [0], "1 bytes at the end belong to no tensor", scratch)
    var generator = SeededGenerator(seed: 17)
    for _ in 0..<40 {
      let length = Int.random(in: 0..<good.count, using: &generator)
      let path = try scratch.write(Array(good[..<length]), to: "cut")
      #expect(throws: ModelFileError.self, "cut to \(length) bytes") {
        try NetworkModel.read(path)
      }
    }
  }

  @Test("a header longer than any model's is not read")
  func longHeader() throws {
    let scratch = try Scratch()
    let bytes = ModelSamples.littleEndian(UInt64(9 << 20)) + Array(repeating: 32, count: 9 << 20)
    try expectRefusal(bytes, "the header has 9437184 bytes; 8388608 are possible", scratch)
  }

  @Test("tensors that do not make the network are refused by name")
  func tensors() throws {
    let scratch = try Scratch()
    func refusal(_ message: String, _ change: (inout NetworkModel) -> Void) throws {
      var model = try ModelSamples.model()
      change(&model)
      try expectRefusal(try ModelSamples.bytes(model, scratch), message, scratch)
    }
    try refusal("tensor `interactions.0.lin.weight`: it is missing; forcenet needs 4×4") {
      $0.tensors["interactions.0.lin.weight"] = nil
    }
    try refusal(
      "tensor `lin.bias`: it is 4, where forcenet with this configuration needs 3"
    ) { $0.tensors["lin.bias"] = Tensor(shape: [4], values: [1, 2, 3, 4]) }
    try refusal(
      "tensor `energy_mlp.bias`: it is a single number, where forcenet with this configuration "
        + "needs 1"
    ) { $0.tensors["energy_mlp.bias"] = Tensor(shape: [], values: [1]) }
    try refusal("tensor `aaa`: forcenet with this configuration has no such tensor") {
      $0.tensors["zzz"] = Tensor(shape: [1], values: [1])
      $0.tensors["aaa"] = Tensor(shape: [1], values: [1])
    }
    try refusal("tensor `lin.weight`: number 5 of 12 is nan") {
      $0.tensors["lin.weight"]?.values[4] = .nan
    }
    try refusal("tensor `embedding.1.bias`: number 1 of 4 is -inf") {
      $0.tensors["embedding.1.bias"]?.values[0] = -.infinity
    }
    try refusal("tensor `embedding.0.smearing.freq_filter`: number 18 of 18 is inf") {
      $0.tensors["embedding.0.smearing.freq_filter"]?.values[17] = .infinity
    }
    try refusal(
      "tensor `decoder.decoder.1.running_var`: it holds -0.5, where variances are needed"
    ) { $0.tensors["decoder.decoder.1.running_var"]?.values[2] = -0.5 }
    try refusal(
      "tensor `bad.num_batches_tracked`: forcenet with this configuration has no such tensor"
    ) {
      $0.counters["bad.num_batches_tracked"] = 3
    }
    try refusal(
      "tensor `decoder.decoder.1.num_batches_tracked`: it is -3, where a number of batches is needed"
    ) { $0.counters["decoder.decoder.1.num_batches_tracked"] = -3 }
  }

  @Test("mutated files are read or refused, and never trap")
  func mutations() throws {
    let scratch = try Scratch()
    let good = try ModelSamples.bytes(ModelSamples.model(), scratch)
    let header = 8 + good[0..<8].reversed().reduce(0) { $0 << 8 | Int($1) }
    var generator = SeededGenerator(seed: 17)
    var refused = 0
    for round in 0..<1500 {
      var bytes = good
      // Mostly the header, where every byte means something.
      let range = round % 5 == 0 ? 0..<good.count : round % 5 == 1 ? 0..<8 : 8..<header
      for _ in 0..<Int.random(in: 1...3, using: &generator) {
        let place = Int.random(in: range, using: &generator)
        bytes[place] =
          Bool.random(using: &generator)
          ? "0123456789{}[]\",:-".utf8.randomElement(using: &generator) ?? 0
          : UInt8.random(in: 0...255, using: &generator)
      }
      if round % 7 == 0 { bytes.removeLast(Int.random(in: 0..<bytes.count, using: &generator)) }
      let path = try scratch.write(bytes, to: "mutated")
      do { _ = try NetworkModel.read(path) } catch {
        refused += 1
        #expect(error.description.hasPrefix(path + ": "))
        #expect(!error.description.contains("\n"), "one line: \(error)")
      }
    }
    #expect(refused > 800)
  }

  private func expectRefusal(_ bytes: [UInt8], _ message: String, _ scratch: Scratch) throws {
    let path = try scratch.write(bytes, to: "damaged.safetensors")
    let error = try #require(throws: ModelFileError.self) { try NetworkModel.read(path) }
    #expect(error.description == "\(path): \(message)")
    #expect(error.kind == .content)
  }
}
