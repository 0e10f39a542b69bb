// SPDX-License-Identifier: MIT

import Files
import Foundation
import Structures
import Testing

@testable import StructureFiles

@Suite struct StructureWriterTests {
  /// A new empty folder, removed at the end.
  private func inFolder(_ body: (String) throws -> Void) throws {
    let folder = NSTemporaryDirectory() + "/relax-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    try body(folder)
  }

  private func contents(_ folder: String) throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: folder).sorted()
  }

  @Test("a written file is read back", arguments: ["a.extxyz", "a.extxyz.gz", "a.xyz.xz"])
  func writes(name: String) throws {
    try inFolder { folder in
      var random = RandomStructures(seed: 5)
      let structures = (0..<30).map { _ in random.next() }
      let writer = try StructureWriter(path: "\(folder)/\(name)", overwrite: false)
      for structure in structures { try writer.write(structure) }
      #expect(try contents(folder) != [name])
      try writer.finish()
      #expect(try contents(folder) == [name])
      let frames = try readFrames(path: "\(folder)/\(name)")
      #expect(frames.count == structures.count)
      for (index, (frame, structure)) in zip(frames, structures).enumerated() {
        #expect(try frame.structure().isIdentical(to: structure))
        #expect(frame.index == index)
      }
    }
  }

  @Test("a writer that does not finish leaves nothing behind")
  func abandoned() throws {
    try inFolder { folder in
      var random = RandomStructures(seed: 6)
      do {
        let writer = try StructureWriter(path: "\(folder)/a.xyz", overwrite: false)
        for _ in 0..<1000 { try writer.write(random.next()) }
        #expect(try contents(folder).count == 1)
      }
      #expect(try contents(folder).isEmpty)
    }
  }

  @Test("an existing file is replaced only on demand, and only at the end")
  func overwriting() throws {
    try inFolder { folder in
      let path = "\(folder)/a.xyz"
      try "old".write(toFile: path, atomically: false, encoding: .utf8)
      try FileManager.default.setAttributes([.posixPermissions: 0o640], ofItemAtPath: path)
      let error = #expect(throws: FileError.self) {
        _ = try StructureWriter(path: path, overwrite: false)
      }
      #expect(error?.kind == .exists)
      #expect(error?.description == "\(path): the file exists; pass --overwrite to replace it")
      let writer = try StructureWriter(path: path, overwrite: true)
      try writer.write(readStructure("1\n\nHe 0 0 0\n"))
      #expect(try String(contentsOfFile: path, encoding: .utf8) == "old")
      try writer.finish()
      #expect(try readFrames(path: path).count == 1)
      let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions]
      #expect(mode as? Int == 0o640)
      #expect(try contents(folder) == ["a.xyz"])
    }
  }

  @Test("a file that appears meanwhile is not replaced")
  func race() throws {
    try inFolder { folder in
      let path = "\(folder)/a.xyz"
      let writer = try StructureWriter(path: path, overwrite: false)
      try "other".write(toFile: path, atomically: false, encoding: .utf8)
      #expect(throws: FileError.self) { try writer.finish() }
      #expect(try String(contentsOfFile: path, encoding: .utf8) == "other")
      #expect(try contents(folder) == ["a.xyz"])
    }
  }

  @Test("a link stays a link, and its target is replaced")
  func links() throws {
    try inFolder { folder in
      try "old".write(toFile: "\(folder)/real", atomically: false, encoding: .utf8)
      try FileManager.default.createSymbolicLink(
        atPath: "\(folder)/link", withDestinationPath: "real")
      let writer = try StructureWriter(path: "\(folder)/link", overwrite: true)
      try writer.write(readStructure("1\n\nHe 0 0 0\n"))
      try writer.finish()
      #expect(try readFrames(path: "\(folder)/real").count == 1)
      #expect(
        try FileManager.default.destinationOfSymbolicLink(atPath: "\(folder)/link") == "real")
    }
  }

  @Test("a device is written directly, and a full one is an error")
  func devices() throws {
    let null = try StructureWriter(path: "/dev/null", overwrite: false)
    try null.write(readStructure("1\n\nHe 0 0 0\n"))
    try null.finish()
    guard FileManager.default.fileExists(atPath: "/dev/full") else { return }
    let full = try StructureWriter(path: "/dev/full", overwrite: false)
    try full.write(readStructure("1\n\nHe 0 0 0\n"))
    let error = #expect(throws: FileError.self) { try full.finish() }
    #expect(error?.description == "/dev/full: no space left on device")
    #expect(error?.kind == .unwritable)
  }

  @Test("an output that cannot be made is an error at once")
  func impossible() throws {
    try inFolder { folder in
      for (path, message) in [
        ("\(folder)/none/a.xyz", "the folder does not exist"),
        (folder, "this is a folder, not a file"),
      ] {
        let error = #expect(throws: FileError.self) {
          _ = try StructureWriter(path: path, overwrite: true)
        }
        #expect(error?.description == "\(path): \(message)")
        #expect(error?.kind == .unwritable)
      }
    }
  }

  @Test("a file that cannot be read is an error at once")
  func unreadable() throws {
    try inFolder { folder in
      for (path, message) in [
        ("\(folder)/none.xyz", "there is no such file"), (folder, "this is a folder, not a file"),
      ] {
        let error = #expect(throws: FileError.self) {
          _ = try StructureReader(path: path)
        }
        #expect(error?.description == "\(path): \(message)")
        #expect(error?.kind == .unreadable)
      }
    }
  }
}
