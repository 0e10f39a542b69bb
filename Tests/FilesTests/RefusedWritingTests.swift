// SPDX-License-Identifier: MIT

import CLibrary
import Foundation
import TestSupport
import Testing

@testable import Files

@Suite("Writing where the system refuses, or says so")
struct RefusedWritingTests {
  @Test("what could not be forced onto the disk once is never said to be there")
  func forced() throws {
    let scratch = try Scratch()
    let file = try AppendFile.create(scratch.path("x"))
    try file.append([1])
    for code in [EIO, EDQUOT, ENOSPC] {
      let file = try AppendFile.reopen(scratch.path("x"))
      let error = #expect(throws: FileError.self) {
        try file.synchronize { _ in
          errno = code
          return -1
        }
      }
      #expect(error?.kind == .unwritable)
      // The system reports such a failure once; the bytes are lost all the same.
      #expect(throws: FileError.self) { try file.synchronize() }
      #expect(throws: FileError.self) { try file.append([2]) }
      #expect(throws: FileError.self) { try file.truncate(to: 0) }
      #expect(try file.read(offset: 0, count: 1) == [1])
    }
    #expect(try scratch.data("x") == Data([1]))
  }

  @Test("a pipe or device that has refused something gets nothing more")
  func streams() throws {
    let file = try AppendFile.create("/dev/full")
    let first = #expect(throws: FileError.self) { try file.append([1]) }
    let second = #expect(throws: FileError.self) { try file.append([]) }
    #expect(first == second && first?.kind == .unwritable)
  }

  @Test(
    "a name that was given counts, though the answer says that there is no file, or one already")
  func repeatedRequests() throws {
    let scratch = try Scratch()
    try scratch.write("a", to: "from")
    try scratch.write("b", to: "foreign")
    let descriptor = FileSystem.open(scratch.path("from"), O_RDONLY)
    defer { close(descriptor) }
    let to = scratch.path("to")
    #expect(FileSystem.link(scratch.path("from"), of: descriptor, to: to) == 0)
    #expect(FileSystem.link(scratch.path("from"), of: descriptor, to: to) == 0)
    #expect(
      FileSystem.link(scratch.path("from"), of: descriptor, to: scratch.path("foreign")) == -1)
    #expect(errno == EEXIST)
    AppendFile.remove(to)
    #expect(FileSystem.rename(scratch.path("from"), of: descriptor, to: to) == 0)
    #expect(FileSystem.rename(scratch.path("from"), of: descriptor, to: to) == 0)
    #expect(
      FileSystem.rename(scratch.path("from"), of: descriptor, to: scratch.path("foreign")) == -1)
    #expect(errno == ENOENT)
    #expect(try scratch.text("foreign") == "b")
  }

  @Test("calls are repeated after signals and, some times, after stale handles")
  func patience() {
    var answers = [EINTR, ESTALE, EINTR, ESTALE]
    let result = FileSystem.patiently { () -> Int32 in
      guard let code = answers.popLast() else { return 7 }
      errno = code
      return -1
    }
    #expect(result == 7)
    var calls = 0
    let stale = FileSystem.patiently { () -> Int32 in
      calls += 1
      errno = ESTALE
      return -1
    }
    #expect(stale == -1 && errno == ESTALE && calls > 1)
    let interrupted = FileSystem.patiently(unless: { true }) { () -> Int32 in
      errno = EINTR
      return -1
    }
    #expect(interrupted == -1 && errno == EINTR)
  }
}
