// SPDX-License-Identifier: MIT

import Foundation
import TestSupport
import Testing

@Suite("relax predict")
struct PredictCommandTests {
  /// Good and bad frames in turn.
  private static let mixed = """
    2
    sid=good REF_energy=-3.5 Properties=species:S:1:pos:R:3
    Cu 0 0 0
    Cu 2.5 0 0
    2
    sid=heap Properties=species:S:1:pos:R:3
    C 0 0 0
    O 0 0 0
    2
    sid=far Properties=species:S:1:pos:R:3
    Cu 1e7 0 0
    Cu 1e7 0 2.5
    1
    sid=unknown Properties=species:S:1:pos:R:3
    Fe 0 0 0
    1
    sid=periodic Lattice="2.6 0 0 0 2.6 0 0 0 2.6" Properties=species:S:1:pos:R:3 stress="9 9 9 9 9 9 9 9 9"
    Cu 0 0 0

    """

  @Test("what has no finite labels is named and left out, the rest kept, whatever threads")
  func leftOut() throws {
    let scratch = try Scratch()
    try scratch.write(Self.mixed, to: "in.xyz")
    var texts: Set<String> = []
    for threads in ["1", "2", "3"] {
      let run = try CommandLineRun(
        [
          "predict", "in.xyz", "-p", "emt-morse", "-o", "out.xyz", "--overwrite", "--threads",
          threads,
        ],
        in: scratch.folder)
      #expect(run.status == 3)
      for name in ["heap: ", "far: atom 1 is absurdly far away", "unknown: "] {
        #expect(run.error.contains(name))
      }
      #expect(run.error.contains("3 of 5 frames have no labels"))
      let text = try scratch.text("out.xyz")
      #expect(text.contains("sid=good") && text.contains("sid=periodic"))
      #expect(text.contains("REF_energy=-3.5") && !text.contains("initial_REF"))
      #expect(!text.lowercased().contains("nan") && !text.contains("inf"))
      #expect(text.components(separatedBy: "energy=").count == 4)
      texts.insert(text)
    }
    #expect(texts.count == 1)
    // Stress where the cell has a volume, in place of the old one.
    let text = try #require(texts.first)
    #expect(text.components(separatedBy: "stress=\"").count == 2 && !text.contains("9 9 9"))
  }

  @Test(
    "no provider writes a number that is none",
    arguments: ["d3:xc=pbe", "emt", "emt-morse", "lj", "morse"])
  func finite(_ provider: String) throws {
    let scratch = try Scratch()
    try scratch.write(Self.mixed, to: "in.xyz")
    let run = try CommandLineRun(
      ["predict", "in.xyz", "-p", provider, "-o", "out.xyz", "--quiet"], in: scratch.folder)
    #expect(run.status == 3 && run.error.contains("far: "))
    let text = try scratch.text("out.xyz").lowercased()
    #expect(!text.contains("nan") && !text.contains("inf"))
  }

  @Test("unusable content is 65 and keeps the other frames; so does a broken end")
  func unusable() throws {
    let scratch = try Scratch()
    let good = "1\nsid=a\nCu 0 0 0\n"
    try scratch.write(good + "1\nsid=b\nCu nan 0 0\n1\nsid=c\nCu 0 0 1\n", to: "content.xyz")
    let content = try CommandLineRun(
      ["predict", "content.xyz", "-p", "emt", "-o", "1.xyz"], in: scratch.folder)
    #expect(content.status == 65 && content.error.contains("content.xyz:"))
    let kept = try scratch.text("1.xyz")
    #expect(kept.contains("sid=a") && !kept.contains("sid=b") && kept.contains("sid=c"))
    try scratch.write(good + "2\nsid=b\nCu 0 0 0\n", to: "broken.xyz")
    let broken = try CommandLineRun(
      ["predict", "broken.xyz", "-p", "emt", "-o", "2.xyz"], in: scratch.folder)
    #expect(broken.status == 65)
    #expect(try scratch.text("2.xyz").contains("sid=a"))
  }

  @Test("without a single label nothing is written")
  func nothing() throws {
    let scratch = try Scratch()
    try scratch.write("1\nsid=a\nFe 0 0 0\n", to: "in.xyz")
    let run = try CommandLineRun(
      ["predict", "in.xyz", "-p", "emt", "-o", "out.xyz"], in: scratch.folder)
    #expect(run.status == 3 && run.error.contains("nothing is written"))
    #expect(!FileManager.default.fileExists(atPath: scratch.path("out.xyz")))
    let usage = try CommandLineRun(
      ["predict", "in.xyz", "-p", "emt", "-o", "out.xyz", "--threads", "0"], in: scratch.folder)
    #expect(usage.status == 64)
  }
}
