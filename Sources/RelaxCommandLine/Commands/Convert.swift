// SPDX-License-Identifier: MIT

import ArgumentParser
import Files
import Relaxation
import StructureFiles

struct Convert: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Read structures strictly and write them again, compressed as the name says.",
    discussion: """
      relax convert trajectory.extxyz trajectory.extxyz.xz
      relax convert pairs.extxyz.xz initial.extxyz --select role=initial

      Everything is kept and numbers read back bit for bit. Input that cannot be read without \
      guessing is refused with file, line and column; then there is no output.

      \(ExitStatus.help("0 written, 65 refused"))
      """)

  @Argument(help: "File of structures.", completion: .file())
  var input: String

  @Argument(help: "File to write (.extxyz, .xyz, with .gz or .xz).", completion: .file())
  var output: String

  @Option(
    help: ArgumentHelp("Take only frames whose comment has this entry (repeatable).", .filter))
  var select: [FrameFilter] = []

  @OptionGroup var replacing: OverwriteOption

  @Flag(name: [.short, .long], help: "No word of what was written; only errors.")
  var quiet = false

  func run() throws {
    try InputFiles.requireReadable([input])
    var plan = OutputPlan(overwrite: replacing.overwrite)
    plan.reads([input])
    plan.writes(output, "the output", StructureFormats.outputKind)
    let outputs = try plan.begin()
    defer { outputs.end() }
    let reader = try StructureReader(path: input)
    let writer = try StructureWriter(path: output, overwrite: outputs.overwrite)
    var written = 0
    while let frame = try reader.next() {
      let structure = try frame.content.get()
      guard select.accept(structure) else { continue }
      try writer.write(structure)
      written += 1
    }
    try InputFiles.requireSome(written, of: select, in: [input])
    try writer.finish()
    outputs.announce(quiet: quiet)
  }
}
