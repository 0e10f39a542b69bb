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
      relax convert run1/vasprun.xml run2/vasprun.xml last.traj --select fid=last

      What the formats have a place for is kept, and numbers read back bit for bit where they are \
      not rounded by the format itself. Input that cannot be read without guessing is refused with \
      its place; then there is no output.

      \(ExitStatus.help("0 written, 65 refused"))
      """)

  @Argument(
    help: ArgumentHelp(
      "Files of structures, and last the file to write (.extxyz, .xyz, with .gz or .xz; .traj, .db, "
        + ".json, .cif, .vasp).", valueName: "inputs output"), completion: .file())
  var files: [String]

  @OptionGroup var reading: ReadingOptions

  @OptionGroup var replacing: OverwriteOption

  @Flag(name: [.short, .long], help: "No word of what was written; only errors.")
  var quiet = false

  func validate() throws {
    guard files.count >= 2 else {
      throw ValidationError("expected files to read and last the file to write")
    }
  }

  func run() throws {
    let inputs = try InputFiles.files(in: files.dropLast())
    let output = files[files.count - 1]
    var plan = OutputPlan(overwrite: replacing.overwrite)
    plan.reads(inputs)
    plan.writes(output, "the output", StructureFormats.outputKind)
    let outputs = try plan.begin()
    defer { outputs.end() }
    let writer = try StructureWriter(path: output, overwrite: outputs.overwrite)
    var written = 0
    let reader = reading.reader(of: inputs)
    while let frame = try reader.next() {
      var structure = try frame.content.get()
      // A calculation is called like its folder, which the new file can't tell.
      if !frame.identifier.hasSuffix("#\(frame.index)") {
        structure.identify(as: frame.identifier)
      }
      try writer.write(structure)
      written += 1
    }
    for warning in reader.warnings { Console.warn(warning.description) }
    try InputFiles.requireSome(written, of: reading.filters, in: inputs)
    try writer.finish()
    outputs.announce(quiet: quiet)
  }
}
