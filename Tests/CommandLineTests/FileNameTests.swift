// SPDX-License-Identifier: MIT

import Foundation
import TestSupport
import Testing

/// Names of files on the command line: what they promise, and what they may consist of.
@Suite struct FileNameTests {
  private func run(_ arguments: String, _ scratch: Scratch) throws -> CommandLineRun {
    try CommandLineRun(arguments.split(separator: " ").map(String.init), in: scratch.folder)
  }

  /// Two frames; the first can be evaluated by EMT.
  private func scratch() throws -> Scratch {
    let scratch = try Scratch()
    try scratch.write("2\nsid=a\nCu 0 0 0\nCu 0 0 2.4\n", to: "in.xyz")
    return scratch
  }

  @Test(
    "a name that promises another format is refused before anything is done",
    arguments: [
      "convert in.xyz x.lmdb", "convert in.xyz x.bz2", "convert in.xyz x.xyz.zst",
      "convert in.xyz OUTCAR", "convert in.xyz x.pdb --overwrite",
      "in.xyz -p emt -q -o x.xml", "in.xyz -p emt -q -o x.xyz --trajectory x.extxyz.bz2",
      "predict in.xyz -p emt -o x.aselmdb",
    ])
  func endings(arguments: String) throws {
    let scratch = try scratch()
    let run = try run(arguments, scratch)
    #expect(run.status == 64, "\(run.error)")
    #expect(run.output.isEmpty && run.error.contains("; it can be written "))
    #expect(try scratch.names == ["in.xyz"])
  }

  @Test("a foreign input is named, with exit code 65 and nothing left behind")
  func foreign() throws {
    let scratch = try scratch()
    try scratch.write("version https://git-lfs.github.com/spec/v1\noid sha256:0\n", to: "a.xyz")
    let run = try run("convert a.xyz b.xyz", scratch)
    #expect(run.status == 65)
    #expect(
      run.error
        == "relax: a.xyz: this is a Git LFS pointer, not the file itself; `git lfs pull` in its "
        + "repository fetches it; structures are read from extended XYZ, "
        + "POSCAR, vasprun.xml, OUTCAR, ASE trajectory, ASE database, ASE database in JSON, LMDB, CIF "
        + "files\n")
    #expect(try scratch.names == ["a.xyz", "in.xyz"])
  }

  @Test("a damaged compression is bad data", arguments: ["gz", "xz"])
  func damaged(ending: String) throws {
    let scratch = try scratch()
    #expect(try run("convert in.xyz a.xyz.\(ending)", scratch).status == 0)
    let whole = try scratch.data("a.xyz.\(ending)")
    try scratch.write(Array(whole.prefix(whole.count - 9)), to: "cut.xyz.\(ending)")
    let cut = try run("convert cut.xyz.\(ending) b.xyz", scratch)
    #expect(cut.status == 65 && cut.error.contains("the file is incomplete"))
  }

  @Test("- is standard output of what is converted")
  func standardOutput() throws {
    let scratch = try scratch()
    let run = try run("convert in.xyz -", scratch)
    #expect(run.status == 0 && run.output.hasPrefix("2\n") && run.output.contains("sid=a"))
    #expect(try scratch.names == ["in.xyz"])
  }

  /// Runs a line of shell in which `$R` is relax.
  private func shell(_ line: String, _ scratch: Scratch) throws -> (status: Int32, said: String) {
    let shell = Process()
    shell.executableURL = URL(fileURLWithPath: "/bin/sh")
    shell.currentDirectoryURL = URL(fileURLWithPath: scratch.folder)
    shell.arguments = ["-c", "R=\"$0\"; \(line)", CommandLineRun.executable]
    let (output, errors) = (Pipe(), Pipe())
    (shell.standardOutput, shell.standardError) = (output, errors)
    try shell.run()
    let said = errors.fileHandleForReading.readDataToEndOfFile()
    let shown = output.fileHandleForReading.readDataToEndOfFile()
    shell.waitUntilExit()
    return (shell.terminationStatus, String(decoding: said + shown, as: UTF8.self))
  }

  @Test("names of any bytes are opened, and shown so that they can be read")
  func anyBytes() throws {
    let scratch = try scratch()
    let line = "n=$(printf 'm\\374\\377ller.xyz'); mv in.xyz \"$n\"; \"$R\" convert \"$n\" - "
    let read = try shell(line, scratch)
    #expect(read.status == 0 && read.said.contains("sid=a"), "\(read.said)")
    let missing = try shell("\"$R\" convert \"$(printf 'm\\374\\n.xyz')\" -", scratch)
    #expect(missing.status == 66)
    #expect(missing.said == "relax: m\\xFC\\n.xyz: there is no such file\n")
  }

  @Test("a line end in a name is no line end in a comment")
  func lineEnd() throws {
    let scratch = try scratch()
    try scratch.write("2\n\nCu 0 0 0\nCu 0 0 2.4\n", to: "a\nb.xyz")
    let run = try CommandLineRun(
      ["a\nb.xyz", "-p", "emt", "-q", "--steps", "1", "-o", "out.xyz", "--trajectory", "path.xyz"],
      in: scratch.folder)
    #expect(run.status == 3, "\(run.error)")
    let again = try self.run("convert path.xyz again.xyz", scratch)
    #expect(again.status == 0, "\(again.error)")
    #expect(try scratch.data("again.xyz") == scratch.data("path.xyz"))
  }

  @Test("a path with a comma is quoted, and ~ is the home folder")
  func quotedModel() throws {
    let scratch = try scratch()
    for name in ["\"a,b.safetensors\"", "\"~/none,such.safetensors\"", "~/nonesuch.safetensors"] {
      let run = try CommandLineRun(
        ["in.xyz", "-p", "forcenet:model=\(name)", "-q"], in: scratch.folder)
      #expect(run.status == 66, "\(run.error)")
      #expect(run.error.contains("there is no such file") && !run.error.contains("~"))
    }
  }
}
