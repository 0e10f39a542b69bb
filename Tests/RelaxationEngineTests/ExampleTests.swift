// SPDX-License-Identifier: MIT

import Foundation
import RelaxationEngine
import TestSupport
import Testing

/// The example on the first page of the library's documentation.
@Suite("The library's example") struct ExampleTests {
  private static let package = URL(fileURLWithPath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

  @Test("it relaxes the example slabs, held by springs")
  func slabs() throws {
    let scratch = try Scratch()
    let input = Self.package.appendingPathComponent("examples/slabs.extxyz").path
    let results = try relaxHeld(input, to: scratch.path("held.extxyz"))
    #expect(results.count == 12)
    #expect(results.allSatisfy { $0.status == .converged && $0.fmax ?? 1 < 0.02 })

    let (initial, relaxed) = (try frames(input), try frames(scratch.path("held.extxyz")))
    #expect(relaxed.count == 12)
    let teacher = try ProviderCatalog.analytic.provider("emt-morse")
    for (k, structure) in relaxed.enumerated() {
      #expect(structure.attribute("relax_status")?.text == "converged")
      // Without the springs' share the forces are the teacher's at that place.
      let alone = try Relaxation(RelaxationSettings(maximumSteps: 0)).run(
        structure, provider: teacher)
      let forces = try #require(structure.forces)
      let expected = try #require(alone.forces)
      for atom in forces.indices {
        let spring = -0.01 * (structure.positions[atom] - initial[k].positions[atom])
        #expect((forces[atom] - spring - expected[atom]).length < 1e-9)
      }
    }
  }

  /// `Tools/page-example.py` copies it.
  @Test("the page and the example package have it as it is, the other package has its provider")
  func copies() throws {
    let code = try text("Tests/RelaxationEngineTests/Example.swift")
      .replacing("// SPDX-License-Identifier: MIT\n\n", with: "")
    let page = try text("Sources/RelaxationEngine/RelaxationEngine.docc/RelaxationEngine.md")
    #expect(page.contains("```swift\n\(code)```"))
    let package = try text("examples/library/Sources/relax-held/Example.swift")
    #expect(package.hasSuffix("\n\n\(code)"))
    let provider = try text("examples/custom-provider/Sources/relax-with-tether/Tether.swift")
      .replacing("// SPDX-License-Identifier: MIT\n\n", with: "")
    #expect(code.hasPrefix(provider) && provider.contains("struct TetherEvaluator"))
  }

  private func text(_ path: String) throws -> String {
    try String(contentsOf: Self.package.appendingPathComponent(path), encoding: .utf8)
  }

  private func frames(_ path: String) throws -> [Structure] {
    let reader = try StructureReader(path: path)
    var frames: [Structure] = []
    while let frame = try reader.next() { frames.append(try frame.structure()) }
    return frames
  }
}
