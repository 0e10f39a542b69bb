// SPDX-License-Identifier: MIT

import Foundation
import TestSupport
import Testing

@testable import Files

@Suite("Writing files")
struct WritingTests {
  @Test("a checksum is read back from its digits, and from nothing else")
  func checksum() {
    let sum = Checksum(of: Array("123456789".utf8))
    #expect(Checksum(text: sum.text) == sum)
    #expect(Checksum(text: "995dc9bbdf1939f") == nil)
    #expect(Checksum(text: "+95dc9bbdf1939fa") == nil)
  }

  static let names = [
    "a", String(repeating: "a", count: 255), String(repeating: "😀", count: 60),
    String(repeating: "ü", count: 127), "e\u{301}" + String(repeating: "\u{301}", count: 120),
  ]

  @Test("names of any length up to what the system allows can be written", arguments: names)
  func longNames(name: String) throws {
    let scratch = try Scratch()
    for overwrite in [false, true] {
      try TextFile.write("\(overwrite)", to: scratch.path(name), overwrite: overwrite)
      #expect(try scratch.text(name) == "\(overwrite)")
      let claim = try OutputClaim(files: [scratch.path(name)])
      #expect(throws: FileError.self) { try OutputClaim(files: [scratch.path(name)]) }
      claim.release()
    }
    let journal = HiddenFile.path("journal", of: scratch.path(name))
    try AppendFile.create(journal).append([1])
    try AppendFile.hidden("ahead", beside: scratch.path(name)).append([1])
    #expect(try FileManager.default.contentsOfDirectory(atPath: scratch.folder).count == 3)
  }

  @Test("names that differ only behind what is cut off have different hidden files")
  func hiddenNamesDiffer() {
    let start = String(repeating: "a", count: 250)
    #expect(
      HiddenFile.path("journal", of: start + "x") != HiddenFile.path("journal", of: start + "y"))
    #expect(HiddenFile.path("journal", of: "b/x.xyz").hasSuffix(".x.xyz.journal"))
  }

  @Test("files with names like those of temporary ones are left alone")
  func foreignFiles() throws {
    let scratch = try Scratch()
    let names = ["x.part", "x.partial", ".x.partial", "x.lock"]
    for name in names { try scratch.write("mine", to: name) }
    try TextFile.write("text", to: scratch.path("x"), overwrite: true)
    try OutputClaim(files: [scratch.path("x")]).release()
    for name in names { #expect(try scratch.text(name) == "mine") }
    try scratch.write("mine", to: ".x.lock")
    let error = #expect(throws: FileError.self) { try OutputClaim(files: [scratch.path("x")]) }
    #expect(error?.kind == .unwritable)
    #expect(try scratch.text(".x.lock") == "mine")
  }

  @Test("one has an output at a time, whatever it is called")
  func claims() throws {
    let scratch = try Scratch()
    try scratch.write("old", to: "file")
    let manager = FileManager.default
    try manager.createDirectory(
      atPath: scratch.path("folder"), withIntermediateDirectories: false)
    try manager.createSymbolicLink(
      atPath: scratch.path("folder/link"), withDestinationPath: "../file")
    try manager.createSymbolicLink(
      atPath: scratch.path("dangling"), withDestinationPath: "folder/new")
    for (first, second) in [
      ("file", "folder/../file"), ("file", "folder/link"), ("dangling", "folder/new"),
    ] {
      let claim = try OutputClaim(files: [scratch.path(first)])
      let error = #expect(throws: FileError.self) {
        try OutputClaim(files: [scratch.path("other"), scratch.path(second)])
      }
      #expect(error?.kind == .inUse)
      #expect(error?.message.contains("another process (\(getpid()))") == true)
      // A refused claim holds nothing.
      try OutputClaim(files: [scratch.path("other")]).release()
      claim.release()
      try OutputClaim(files: [scratch.path(second)]).release()
    }
    #expect(try SharedNames.hidden(scratch.folder).isEmpty)
    #expect(try SharedNames.hidden(scratch.path("folder")).isEmpty)
  }

  @Test("a folder and a file in it have one owner")
  func foldersAndFiles() throws {
    let scratch = try Scratch()
    let manager = FileManager.default
    try manager.createDirectory(
      atPath: scratch.path("out/inner"), withIntermediateDirectories: true)
    try manager.createSymbolicLink(atPath: scratch.path("way"), withDestinationPath: "out/inner")
    for file in ["out/x", "out/inner/x", "way/x"] {
      let folder = try OutputClaim(files: [], folders: [scratch.path("out")])
      let error = #expect(throws: FileError.self) {
        try OutputClaim(files: [scratch.path(file)])
      }
      #expect(error?.kind == .inUse)
      folder.release()
      try OutputClaim(files: [scratch.path(file)]).release()
    }
    let file = try OutputClaim(files: [scratch.path("out/x")])
    let error = #expect(throws: FileError.self) {
      try OutputClaim(files: [], folders: [scratch.path("out")])
    }
    #expect(error?.kind == .inUse)
    // Others beside it are free, and one owner may have both.
    try OutputClaim(files: [scratch.path("y")], folders: [scratch.path("out/inner")]).release()
    file.release()
    try OutputClaim(files: [scratch.path("way/x")], folders: [scratch.path("out")]).release()
    #expect(try SharedNames.hidden(scratch.path("out")).isEmpty)
  }

  @Test(
    "what a kill left half written is removed, what is being written and what is not ours stays")
  func abandoned() throws {
    let scratch = try Scratch()
    let foreign = [
      ".x.foo.partial", ".x.xyz.0a1b2c3d.partial", ".x.0a1b2c3.partial", ".x.0A1B2C3D.partial",
      ".x.0a1b2c3d.partial.gz", "x.0a1b2c3d.partial", ".xx.0a1b2c3d.partial",
    ]
    for name in foreign + [".x.0a1b2c3d.partial"] { try scratch.write("half", to: name) }
    let living = try AppendFile.hidden("partial", beside: scratch.path("x"))
    let writer = try OutputFile(path: scratch.path("x"), overwrite: false)
    OutputFile.removeAbandoned(at: scratch.path("x"))
    #expect(!FileManager.default.fileExists(atPath: scratch.path(".x.0a1b2c3d.partial")))
    for name in foreign { #expect(try scratch.text(name) == "half") }
    #expect(FileManager.default.fileExists(atPath: living.path))
    try writer.write(Array("whole".utf8))
    try writer.finish()
    #expect(try scratch.text("x") == "whole")
  }

  @Test("a claim makes folders, and takes those along that stay empty")
  func folders() throws {
    let scratch = try Scratch()
    let claim = try OutputClaim(files: [], folders: [scratch.path("a/b")])
    #expect(throws: FileError.self) {
      try OutputClaim(files: [], folders: [scratch.path("a/b")])
    }
    claim.release()
    #expect(try scratch.names == [])
    let again = try OutputClaim(files: [], folders: [scratch.path("a/b")])
    try scratch.write("result", to: "a/b/file")
    again.release()
    #expect(try scratch.text("a/b/file") == "result")
    let error = #expect(throws: FileError.self) {
      try OutputClaim(files: [scratch.path("c/d")], folders: [scratch.path("new")])
    }
    #expect(error?.message == "the folder does not exist")
    #expect(try scratch.names == ["a"])
  }

  @Test("two names of one file are known as such, there or to come")
  func places() throws {
    let scratch = try Scratch()
    let manager = FileManager.default
    try scratch.write("x", to: "file")
    try manager.createDirectory(
      atPath: scratch.path("folder"), withIntermediateDirectories: false)
    try manager.createSymbolicLink(atPath: scratch.path("way"), withDestinationPath: "folder")
    try manager.createSymbolicLink(atPath: scratch.path("link"), withDestinationPath: "file")
    try manager.createSymbolicLink(
      atPath: scratch.path("dangling"), withDestinationPath: "way/new")
    try manager.linkItem(atPath: scratch.path("file"), toPath: scratch.path("hard"))
    func identity(_ name: String) -> String? { FilePlace(scratch.path(name)).identity }
    for name in ["link", "hard", "./file", "folder/../file", "way/../file"] {
      #expect(identity(name) == identity("file"), "\(name)")
    }
    for name in ["way/new", "dangling", "folder/./new"] {
      #expect(identity(name) == identity("folder/new"), "\(name)")
    }
    #expect(identity("folder/new") != identity("new"))
    #expect(FilePlace("/dev/null").identity == nil && FilePlace("/dev/null").kind == .stream)
    #expect(FilePlace("-").identity == FilePlace("/dev/stdout").identity)
    #expect(FilePlace("-").ownDescriptor == 1)
  }

  @Test("a stamp notices another content, not another time")
  func stamps() throws {
    let scratch = try Scratch()
    try scratch.write("abc", to: "file")
    let stamp = FileStamp(scratch.path("file"))
    #expect(!stamp.hasChanged)
    try scratch.write("abc", to: "file")
    #expect(!stamp.hasChanged)
    try scratch.write("abd", to: "file")
    #expect(stamp.hasChanged)
    AppendFile.remove(scratch.path("file"))
    #expect(stamp.hasChanged)
    #expect(!FileStamp("/dev/null").hasChanged)
  }
}

private enum SharedNames {
  static func hidden(_ folder: String) throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: folder).filter { $0.hasPrefix(".") }
  }
}
