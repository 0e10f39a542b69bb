// SPDX-License-Identifier: MIT

import Files
import Foundation
import StructureFiles
import Structures
import TestSupport
import Testing

@testable import Networks

@Suite("Model files")
struct ModelFileTests {
  @Test("a model comes back bit for bit, and equal models give equal bytes")
  func roundTrip() throws {
    let scratch = try Scratch()
    var gns = GNSConfiguration()
    (gns.hiddenChannels, gns.interactions, gns.maximumNeighbors) = (5, 2, 30)
    var odd = ModelSamples.configuration
    (odd.basis, odd.features, odd.decoder) = (.linearActivation, .simple, .linear)
    (odd.ablation, odd.edgeDepth, odd.nodeDepth) = (.noSelf, 0, 3)
    (odd.activation, odd.decoderActivation, odd.cutoff) = (.leakyElu, .shiftedSoftplus, 4.75)
    for architecture in [
      .forceNet(ModelSamples.configuration), .gns(gns), .forceNet(odd),
    ] as [NetworkModel.Architecture] {
      let model = try ModelSamples.model(architecture)
      let bytes = try ModelSamples.bytes(model, scratch)
      let back = try NetworkModel.read(scratch.path("sample.safetensors"))
      #expect(back.hasSameBits(as: model))
      #expect(try ModelSamples.bytes(back, scratch) == bytes)
      #expect(try ModelFile(path: scratch.path("sample.safetensors")).numberTypes == ["F32"])
      #expect(bytes[8...].firstIndex(of: UInt8(ascii: "{")) == 8)
      #expect(bytes[0] % 8 == 0, "numbers begin at a multiple of eight bytes")
    }
  }

  @Test("SchNet's filters are in a file under both their names, and must be equal there")
  func copies() throws {
    let scratch = try Scratch()
    var c = SchNetConfiguration()
    (c.hiddenChannels, c.filters, c.interactions, c.gaussians) = (4, 3, 2, 5)
    let model = try NetworkModel(untrained: .schNet(c), seed: 1)
    try model.write(scratch.path("m"))
    let contents = try Safetensors(RandomAccessFile(path: scratch.path("m")))
    #expect(Set(contents.entries.map(\.name)) == Set(model.architecture.catalogue.map(\.name)))
    let back = try NetworkModel.read(scratch.path("m"))
    #expect(back.hasSameBits(as: model))
    #expect(back.knownElements.count == 99)
    let name = "interactions.1.conv.nn.2.bias"
    var other = model
    other.tensors[name] = Tensor(shape: [3], values: [0, 0, 1])
    let error = try #require(throws: ModelFileError.self) { try other.requireComplete() }
    #expect(error.tensor == name)
    #expect(error.reason.contains("interactions.1.mlp.2.bias"))
    // What nothing is computed from is left out.
    other = model
    other.tensors["atomic_mass"] = Tensor(shape: [100], values: Array(repeating: 1, count: 100))
    try other.requireComplete()
    #expect(other.hasSameBits(as: model))
  }

  @Test("constant tables and counters may be left out and are filled in")
  func constants() throws {
    let scratch = try Scratch()
    let model = try ModelSamples.model()
    var bare = model
    for specification in model.architecture.catalogue where specification.isConstant {
      bare.tensors[specification.name] = nil
    }
    bare.counters = [:]
    #expect(bare.tensors.count == model.tensors.count - 4)
    try bare.write(scratch.path("bare"))
    let back = try NetworkModel.read(scratch.path("bare"))
    #expect(back.tensors["atom_radii"]?.values[29] == 1.35)
    var expected = model
    for name in model.counters.keys { expected.counters[name] = 0 }
    #expect(back.hasSameBits(as: expected))
  }

  @Test("tables in the file are used, also for the elements that are known")
  func ownTables() throws {
    let scratch = try Scratch()
    var model = try ModelSamples.model()
    model.tensors["atom_radii"]?.values[36] = 1.5
    model.tensors["atom_radii"]?.values[1] = .nan
    try model.write(scratch.path("m"))
    let known = Set(try NetworkModel.read(scratch.path("m")).knownElements.map(\.symbol))
    #expect(known.contains("Kr"))
    #expect(!known.contains("H"))
  }

  @Test("elements are known by what the network needs of them")
  func elements() throws {
    var configuration = ModelSamples.configuration
    func unknown() throws -> String {
      let known = try ModelSamples.model(.forceNet(configuration)).knownElements
      return (1...100).compactMap { Element(atomicNumber: $0) }.filter { !known.contains($0) }
        .map(\.symbol).joined(separator: " ")
    }
    #expect(try unknown() == "Kr Xe At Rn Fr Cm Bk Cf Es Fm")
    configuration.ablation = .noDistanceList
    #expect(try unknown() == "At Fr Bk Cf Es Fm", "no radii are needed")
    configuration.features = .simple
    #expect(try unknown() == "Fm", "a trained vector for every element up to 99")
    configuration.ablation = .none
    #expect(try unknown() == "Kr Xe At Rn Fr Cm Bk Cf Es Fm")
  }

  @Test("numbers of other precision are read")
  func precisions() throws {
    let scratch = try Scratch()
    let values: [Double] = [0.5, -2, 65504, 0]
    let half: [UInt16] = [0x3800, 0xC000, 0x7BFF, 0x8000]
    let brain: [UInt16] = [0x3F00, 0xC000, 0x4780, 0x0001]
    let data =
      values.flatMap { ModelSamples.littleEndian($0.bitPattern) }
      + half.flatMap(ModelSamples.littleEndian) + brain.flatMap(ModelSamples.littleEndian)
      + ModelSamples.littleEndian(UInt16(0x0001)) + ModelSamples.littleEndian(UInt16(0x03FF))
    let header = """
      {"d":{"dtype":"F64","shape":[2,2],"data_offsets":[0,32]},
       "h":{"dtype":"F16","shape":[4],"data_offsets":[32,40]},
       "b":{"dtype":"BF16","shape":[4],"data_offsets":[40,48]},
       "s":{"dtype":"F16","shape":[2],"data_offsets":[48,52]},
       "e":{"dtype":"F32","shape":[0,7],"data_offsets":[52,52]}}
      """
    let path = try scratch.write(ModelSamples.safetensors(header, data), to: "t")
    let state = try StateDictionary(Safetensors(RandomAccessFile(path: path)))
    #expect(state.tensors["d"] == Tensor(shape: [2, 2], values: [0.5, -2, 65504, 0]))
    #expect(state.tensors["h"]?.values == [0.5, -2, 65504, 0])
    #expect(state.tensors["b"]?.values == [0.5, -2, 65536, Float(bitPattern: 0x1_0000)])
    #expect(state.tensors["s"]?.values == [0x1p-24, 0x1.FF8p-15])
    #expect(state.tensors["e"]?.values == [])
  }

  @Test("all half-precision numbers have the values that the formula gives")
  func halves() {
    for bits in UInt16.min...UInt16.max {
      let (exponent, fraction) = (Int(bits >> 10) & 31, Double(bits & 0x3FF))
      let size =
        exponent == 0
        ? fraction / 1024 * 0x1p-14
        : (1 + fraction / 1024) * Double(sign: .plus, exponent: exponent - 15, significand: 1)
      let found = HalfPrecision.value(ofFloat16: bits)
      if exponent == 31 {
        #expect(fraction == 0 ? found.magnitude == .infinity : found.isNaN)
      } else {
        #expect(found.magnitude == Float(size))
      }
      if !found.isNaN { #expect((found.sign == .minus) == (bits >= 0x8000)) }
    }
  }

  @Test("files that are not there, and outputs that cannot be made")
  func system() throws {
    let scratch = try Scratch()
    let missing = try #require(throws: ModelFileError.self) {
      try NetworkModel.read(scratch.path("nothing"))
    }
    #expect(missing.kind == .unreadable)
    #expect(missing.description == scratch.path("nothing") + ": there is no such file")
    let folder = try #require(throws: ModelFileError.self) {
      try NetworkModel.read(scratch.folder)
    }
    #expect(folder.description == scratch.folder + ": this is a folder, not a file")
    let device = try #require(throws: ModelFileError.self) { try NetworkModel.read("/dev/null") }
    #expect(device.reason == "this is a pipe or device; a regular file is needed")
    let model = try ModelSamples.model()
    try model.write(scratch.path("m"))
    let existing = try #require(throws: ModelFileError.self) { try model.write(scratch.path("m")) }
    #expect(existing.kind == .unwritable)
    #expect(throws: Never.self) { try model.write(scratch.path("m"), overwrite: true) }
    #expect(try scratch.names == ["m"])
  }
}
