// SPDX-License-Identifier: MIT

import Structures
import TestSupport
import Testing

@testable import StructureFiles

@Suite("Sets of frames with their labels")
struct FrameCollectionTests {
  /// One-atom frames whose x is their number, `first` … `last`.
  static func frames(_ numbers: ClosedRange<Int>, _ entries: String = "") -> String {
    numbers.map { "1\n\(entries)\nCu \($0) 0 0\n" }.joined()
  }

  static func read(_ path: String) throws -> [LabelledFrame] {
    let reader = CollectionReader(try FrameCollection(path: path))
    var frames: [LabelledFrame] = []
    while let frame = try reader.next() { frames.append(frame) }
    return frames
  }

  static func refusal(of path: String) -> String? {
    do {
      _ = try read(path)
      return nil
    } catch {
      return "\(error)"
    }
  }

  @Test("chunks come by number and not by spelling, other files after them, hidden ones not at all")
  func order() throws {
    let scratch = try Scratch()
    for (name, number) in [("10.extxyz", 2), ("2.extxyz", 1), ("b.xyz", 4), ("a.extxyz", 3)] {
      try scratch.write(Self.frames(number...number), to: name)
    }
    for name in [".5.extxyz", "notes.txt", "7.extxyz.part"] { try scratch.write("x", to: name) }
    let collection = try FrameCollection(path: scratch.folder + "/")
    #expect(collection.name == scratch.folder.split(separator: "/").last.map(String.init))
    #expect(
      collection.files.map { $0.split(separator: "/").last ?? "" } == [
        "2.extxyz", "10.extxyz", "a.extxyz", "b.xyz",
      ])
    let frames = try Self.read(scratch.folder)
    #expect(frames.map(\.index) == [0, 1, 2, 3])
    #expect(try frames.map { try $0.frame.structure().positions[0].x } == [1, 2, 3, 4])
  }

  @Test("each frame gets its line of the labels")
  func labels() throws {
    let scratch = try Scratch()
    try scratch.write(Self.frames(0...1), to: "0.extxyz")
    try scratch.write("random7,frame0,-1.5\nrandom7,frame12,2e-1", to: "0.txt")
    try scratch.write(Self.frames(2...2, "sid=random8 fid=5"), to: "1.extxyz")
    try scratch.write("random8,frame3,0\r\n", to: "1.txt")
    for path in [scratch.folder, scratch.path("0.extxyz")] {
      let frames = try Self.read(path).prefix(2)
      #expect(
        frames.map(\.label) == [
          FrameLabel(system: "random7", frame: 0, referenceEnergy: -1.5),
          FrameLabel(system: "random7", frame: 12, referenceEnergy: 0.2),
        ])
      #expect(frames.map(\.name) == ["random7 frame 0", "random7 frame 12"])
      let second = try frames[1].frame.structure()
      #expect(second.identifier == "random7")
      #expect(second.attribute("fid")?.unquoted == "12")
    }
    let third = try #require(try Self.read(scratch.folder).last)
    #expect(third.name == "random8 frame 3")
    #expect(try third.frame.structure().attribute("fid")?.unquoted == "5")
    #expect(try FrameCollection(path: scratch.path("0.extxyz")).name == "0")
  }

  @Test("a text beside a file that is no numbered chunk is not taken for labels")
  func notes() throws {
    let scratch = try Scratch()
    try scratch.write(Self.frames(0...1), to: "slabs.extxyz")
    try scratch.write("Made on a Monday.\n", to: "slabs.txt")
    #expect(try Self.read(scratch.path("slabs.extxyz")).map(\.label) == [nil, nil])
    #expect(try Self.read(scratch.folder).map(\.name) == ["slabs#0", "slabs#1"])
  }

  @Test(
    "labels that do not fit are refused with file and line",
    arguments: [
      (
        "a,frame0,0\n", "/0.txt:1: the labels end here, but FOLDER/0.extxyz has a frame 2 in line 4"
      ),
      ("", "/0.txt:1: the labels end here, but FOLDER/0.extxyz has a frame 1 in line 1"),
      (
        "a,frame0,0\na,frame1,0\na,frame2,0\n",
        "/0.txt:3: a label without a frame: FOLDER/0.extxyz ends after 2 frames"
      ),
      ("a,frame0\n", "/0.txt:1:1: expected sid,frameN,reference_energy, found 'a,frame0'"),
      ("a,frame0,0\n\n", "/0.txt:2:1: expected sid,frameN,reference_energy, found ''"),
      ("a,step0,0\n", "/0.txt:1:3: 'step0' is not a frame; expected frame0, frame1, …"),
      ("a,frame,0\n", "/0.txt:1:3: 'frame' is not a frame; expected frame0, frame1, …"),
      ("a,f,0\n", "/0.txt:1:3: 'f' is not a frame; expected frame0, frame1, …"),
      ("a,frame0,x\n", "/0.txt:1:10: 'x' is not a number; expected a reference energy in eV"),
      ("a,frame0,nan\n", "/0.txt:1:10: 'nan' is not finite; expected a reference energy in eV"),
      (
        "b,frame0,0\n",
        "/0.txt:1: this label is of 'b', but frame 1 of FOLDER/0.extxyz has sid='a'"
      ),
    ])
  func mismatch(labels: String, message: String) throws {
    let scratch = try Scratch()
    let sid = labels.hasPrefix("b") ? "sid=a" : ""
    try scratch.write(Self.frames(0...1, sid), to: "0.extxyz")
    try scratch.write(labels, to: "0.txt")
    let expected = scratch.folder + message.replacing("FOLDER", with: scratch.folder)
    #expect(Self.refusal(of: scratch.folder) == expected)
    #expect(Self.refusal(of: scratch.path("0.extxyz")) == expected)
  }

  @Test("folders that are no set are refused")
  func noSet() throws {
    let empty = try Scratch()
    #expect(
      Self.refusal(of: empty.folder) == empty.folder
        + ": this folder holds no structures; expected files such as 0.extxyz.xz, slabs.extxyz or "
        + "data.0000.lmdb, or folders with a vasprun.xml or OUTCAR")
    try empty.write(Self.frames(0...0), to: "0.extxyz")
    try empty.write("a,frame0,0\n", to: "3.txt")
    #expect(
      Self.refusal(of: empty.folder) == empty.folder
        + "/3.txt: these labels have no structures; expected 3.extxyz.xz beside them")
    try empty.write("a,frame0,0\n", to: "3.txt.xz")
    #expect(
      Self.refusal(of: empty.folder) == empty.folder
        + ": 3.txt and 3.txt.xz say the same thing twice; remove one of them")
  }

  @Test("sets of one name are told apart by their paths")
  func names() throws {
    let scratch = try Scratch()
    try scratch.write(Self.frames(0...0), to: "a.extxyz")
    try scratch.write(Self.frames(0...0), to: "b.xyz")
    try scratch.write(Self.frames(0...0), to: "a.xyz.gz")
    let paths = ["a.extxyz", "b.xyz", "a.xyz.gz"].map { scratch.path($0) }
    let collections = try paths.map { try FrameCollection(path: $0) }
    #expect(FrameCollection.distinctNames(of: collections) == [paths[0], "b", paths[2]])
  }

  @Test("a miniature split reads whole, with what its labels say")
  func miniature() throws {
    let collection = try FrameCollection(path: ReferenceData.path("emt_mini/s2ef_val_id"))
    #expect(collection.chunks.count == 1)
    let frames = try Self.read(collection.path)
    #expect(frames.count == 60)
    #expect(frames.allSatisfy { $0.label?.system.hasPrefix("random9") ?? false })
  }
}
