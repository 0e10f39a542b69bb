// SPDX-License-Identifier: MIT

import Files
import RelaxNumerics
import Structures
import Testing

@testable import StructureFiles

@Suite("vasprun.xml")
struct VasprunTests {
  /// A run of two atoms with as many electronic steps a step as `electronic` says.
  static func text(_ electronic: [Int], pressure: Double = 0, selective: Bool = true) -> String {
    var lines = [
      "<?xml version=\"1.0\" encoding=\"ISO-8859-1\"?>", "<modeling>", " <incar>",
      "  <i name=\"SYSTEM\" type=\"string\">a &lt;b&gt;</i>", " </incar>", " <parameters>",
      "  <separator name=\"electronic\" ><i type=\"int\" name=\"NELM\">    12</i></separator>",
      "  <separator name=\"ionic\" ><i name=\"PSTRESS\">  \(pressure)</i></separator>",
      "  <separator name=\"response\" ><i type=\"int\" name=\"NELM\">     1</i></separator>",
      " </parameters>", " <atominfo>", "  <atoms>       2 </atoms>", "  <array name=\"atoms\" >",
      "   <set><rc><c>Cu</c><c>   1</c></rc><rc><c>O </c><c>   2</c></rc></set>", "  </array>",
      "  <array name=\"atomtypes\" ><set><rc><c>1</c><c>Cu</c></rc></set></array>", " </atominfo>",
      " <structure name=\"initialpos\" >", basis(4), positions(0), selective ? flags : "",
      " </structure>",
    ]
    for (step, count) in electronic.enumerated() {
      lines.append(" <calculation>")
      for k in 0..<count {
        lines.append(
          "  <scstep><energy><i name=\"e_fr_energy\">-\(10 + step).\(k)</i><i name=\"e_wo_entrp\">-1</i>"
            + "<i name=\"e_0_energy\">-\(10 + step).\(k)5</i></energy></scstep>")
      }
      lines += [
        "  <structure>", basis(4), positions(step), "  </structure>", "  <varray name=\"forces\" >",
        "   <v>  0.\(step)1 0 -0.5 </v>", "   <v> 0 0.25 0.5 </v>", "  </varray>",
        "  <varray name=\"stress\" ><v>10 1 2</v><v>1 20 3</v><v>2 3 30</v></varray>",
        "  <energy><i name=\"e_fr_energy\">-\(20 + step)</i><i name=\"e_0_energy\">-7</i></energy>",
        "  <eigenvalues><array><set><r>1 2</r></set></array></eigenvalues>", " </calculation>",
      ]
    }
    return
      (lines + [
        " <structure name=\"finalpos\" >", basis(4), positions(1), " </structure>", "</modeling>",
      ])
      .joined(separator: "\n") + "\n"
  }

  private static func basis(_ length: Int) -> String {
    "<crystal><varray name=\"basis\" ><v>\(length) 0 0</v><v>0 \(length) 0</v><v>0 0 \(2 * length)</v></varray>"
      + "<i name=\"volume\">128</i></crystal>"
  }

  private static func positions(_ step: Int) -> String {
    "<varray name=\"positions\" ><v>0 0 0</v><v>0.5 0.5 0.\(25 + step)</v></varray>"
  }

  private static let flags =
    "<varray type=\"logical\" name=\"selective\" ><v type=\"logical\" > F F F </v><v type=\"logical\" > T T F </v>"
    + "</varray>"

  private static func frames(_ text: String) throws -> (frames: [Frame], warning: FileError?) {
    let reader = try StructureReader(
      MemoryBytes(Array(text.utf8), piece: 97), file: "runs/co/vasprun.xml")
    var frames: [Frame] = []
    while let frame = try reader.next() { frames.append(frame) }
    return (frames, reader.warning)
  }

  @Test("steps have energies as ASE computes them, forces, stress, and whether electrons converged")
  func steps() throws {
    let (frames, warning) = try Self.frames(Self.text([3, 12, 1]))
    #expect(warning == nil)
    #expect(frames.map(\.identifier) == ["co", "co", "co"])
    let structures = try frames.map { try $0.structure() }
    #expect(structures.map { $0.attribute("fid")?.text } == ["0", "1", "2"])
    #expect(structures.map { $0.attribute("scf_converged")?.text } == ["T", "F", "T"])
    #expect(structures.map(\.hasUnconvergedLabels) == [false, true, false])
    // -20 closing, and the last electronic step's -10.25 against -10.2.
    #expect(structures[0].energy == -20 + (-10.25 - -10.2))
    #expect(structures[0].attribute("free_energy")?.text == "-20.0")
    #expect(structures[1].positions[1] == Vector3(2, 2, 8 * 0.26))
    #expect(structures[2].forces?[0] == Vector3(0.21, 0, -0.5))
    #expect(structures[0].moveMask?.freedoms == [.fixed, [.x, .y]])
    let stress = try #require(structures[0].attribute("stress")?.value)
    guard case .array(let values) = stress else { throw FileError(.content, file: "", "no list") }
    let expected = [10.0, 1, 2, 1, 20, 3, 2, 3, 30].map { -0.1 * 0.006241509125883258 * $0 }
    for (value, wanted) in zip(values.compactMap(\.number), expected) {
      #expect(abs(value - wanted) < 1e-15)
    }
  }

  @Test("the closing energy is an enthalpy under pressure")
  func pressure() throws {
    let (frames, _) = try Self.frames(Self.text([2], pressure: 50))
    let volume = 4.0 * 4 * 8
    let free = -20 - 50 * (1e-22 / 1.60217733e-19) * volume
    #expect(try frames[0].structure().energy == free + (-10.15 - -10.1))
  }

  @Test("a run cut anywhere gives its complete steps and a warning, or is refused")
  func cut() throws {
    let text = Array(Self.text([2, 2, 2]).utf8)
    let ends = text.indices.filter { text[$0...].starts(with: "</calculation>".utf8) }
    for length in stride(from: 120, to: text.count - 20, by: 61) {
      let cut = String(decoding: text[..<length], as: UTF8.self)
      let complete = ends.count { $0 + 14 <= length }
      if complete == 0 {
        #expect(throws: FileError.self, "\(length)") { try Self.frames(cut) }
      } else {
        let (frames, warning) = try Self.frames(cut)
        #expect(frames.count == complete, "\(length)")
        #expect(warning?.message.contains("cut behind step \(complete)") == true, "\(length)")
      }
    }
  }

  @Test("entities of a document type are refused")
  func entities() throws {
    let bomb = "<?xml version=\"1.0\"?><!DOCTYPE m [<!ENTITY a \"aaaa\">]><modeling></modeling>"
    let error = #expect(throws: FileError.self) { try Self.frames(bomb) }
    #expect(error?.message == "entities and CDATA are refused")
  }
}
