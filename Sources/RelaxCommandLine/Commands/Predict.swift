// SPDX-License-Identifier: MIT

import ArgumentParser
import Forces
import RelaxNumerics
import Relaxation
import StructureFiles
import Structures

struct Predict: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Energy and forces of structures as they are, without moving anything.",
    discussion: """
      relax predict relaxed.extxyz --provider emt-morse -o labels.extxyz

      Every frame keeps its columns and entries and gets energy (where the provider has one) and \
      raw forces on all atoms, fixed ones included. Numbers read back bit for bit.
      """)

  @Argument(help: "File of structures.", completion: .file())
  var input: String

  @Option(name: [.short, .long], help: "Where forces come from, as for `relax run`.")
  var provider: String

  @Option(name: [.short, .long], help: "File for the structures with energy and forces.")
  var output: String

  @Option(help: "Take only frames whose comment has KEY=VALUE (repeatable).")
  var select: [FrameFilter] = []

  @Flag(help: "Replace the output if it exists.")
  var overwrite = false

  func run() throws {
    let provider = try ProviderCatalog.offered.provider(self.provider)
    try InputFiles.requireReadable([input])
    try InputFiles.requireDistinct(outputs: [output], inputs: [input])
    let reader = try StructureReader(path: input)
    let writer = try StructureWriter(path: output, overwrite: overwrite)
    var refused: [String] = []
    var selected = 0
    while let frame = try reader.next() {
      let structure = try frame.content.get()
      guard select.accept(structure) else { continue }
      selected += 1
      do {
        try writer.write(try evaluated(structure, provider))
      } catch let error as ForceError {
        refused.append("\(frame.identifier): \(error)")
      }
    }
    try InputFiles.requireSome(selected, of: select, in: [input])
    try writer.finish()
    guard let first = refused.first else { return }
    throw CommandFailure(
      .incomplete,
      "\(refused.count) structures could not be evaluated and are left out; the first: \(first)")
  }

  private func evaluated(_ structure: Structure, _ provider: any ForceProvider) throws -> Structure
  {
    let evaluation = try provider.evaluate(structure, wanting: [.energy, .forces, .stress])
    var result = structure.withoutResults()
    result.energy = evaluation.energy
    result.forces = evaluation.forces
    if let stress = evaluation.stress { result.attributes.append(stress.stressAttribute) }
    return result
  }
}
