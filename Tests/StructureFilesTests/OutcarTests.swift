// SPDX-License-Identifier: MIT

import Files
import RelaxNumerics
import Structures
import TestSupport
import Testing

@testable import StructureFiles

@Suite("OUTCAR")
struct OutcarTests {
  /// A run of a copper and an oxygen atom with as many electronic steps a step as `electronic` says.
  static func text(_ electronic: [Int], forces: String = "0.1000    0.0000   -0.5000") -> String {
    var lines = [
      " vasp.6.4.2 20Jul23 (build Jan 01 2024) complex", "",
      " POTCAR:    PAW_PBE Cu 22Jun2005", " POTCAR:    PAW_PBE O 08Apr2002",
      " POTCAR:    PAW_PBE Cu 22Jun2005", " POTCAR:    PAW_PBE O 08Apr2002",
      "   NELM   =     12;   NELMIN=  2; NELMDL= -5     # of ELM steps",
      "   ions per type =               1   1",
    ]
    for (step, count) in electronic.enumerated() {
      for k in 1..<count + 1 {
        lines.append("----------------- Iteration \(step + 1)(\(k))  -----------------")
      }
      lines += [
        "  in kB      10.00000    20.00000    30.00000     1.00000     2.00000     3.00000",
        "      direct lattice vectors                 reciprocal lattice vectors",
        "     4.000000000  0.000000000  0.000000000     0.250000000  0.000000000  0.000000000",
        "     0.000000000  4.000000000  0.000000000     0.000000000  0.250000000  0.000000000",
        "     0.000000000  0.000000000 12.000000000     0.000000000  0.000000000  0.083333333",
        "", " POSITION                                       TOTAL-FORCE (eV/Angst)",
        " ---------------------------------------------------------------------------------",
        "      0.00000      0.00000      0.00000         \(forces)",
        "      0.00000      0.00000      1.\(5 + step)0000        -0.1000    0.0000    0.5000",
        " ---------------------------------------------------------------------------------",
        "    total drift:                                0.0 0.0 0.0", "",
        "  FREE ENERGIE OF THE ION-ELECTRON SYSTEM (eV)",
        "  ---------------------------------------------------",
        "  free  energy   TOTEN  =       -\(10 + step).50000000 eV", "",
        "  energy  without entropy=      -\(10 + step).40000000  energy(sigma->0) =      -\(10 + step).45000000",
      ]
    }
    lines += ["", " General timing and accounting informations for this job:", ""]
    return lines.joined(separator: "\n") + "\n"
  }

  @Test("every step has its energies, forces, stress and convergence")
  func steps() throws {
    let frames = try readFrames(
      Array(Self.text([5, 12]).utf8), piece: 31, file: "runs/o-on-cu/OUTCAR")
    #expect(frames.map(\.identifier) == ["o-on-cu", "o-on-cu"])
    let structures = try frames.map { try $0.structure() }
    #expect(structures.map(\.energy) == [-10.45, -11.45])
    #expect(structures.map { $0.attribute("free_energy")?.text } == ["-10.5", "-11.5"])
    #expect(structures.map { $0.attribute("scf_converged")?.text } == ["T", "F"])
    #expect(structures.map { $0.attribute("fid")?.text } == ["0", "1"])
    #expect(structures[1].positions[1] == Vector3(0, 0, 1.6))
    #expect(structures[0].forces?[0] == Vector3(0.1, 0, -0.5))
    #expect(structures[0].elements.map(\.symbol) == ["Cu", "O"])
    #expect(structures[0].cell.c == Vector3(0, 0, 12) && structures[0].moveMask == nil)
    let record = ASERecord(structure: structures[0])
    // ASE's order and sign; kbar.
    let expected = [10, 20, 30, 2, 3, 1].map { -0.1 * $0 * VASPUnits.gigapascal }
    #expect(record.stress == expected, "\(record.stress ?? [])")
  }

  @Test("a run that was cut has its complete steps and a warning, or is refused")
  func cut() throws {
    let text = Self.text([3, 3])
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    for count in stride(from: 1, to: lines.count - 2, by: 3) {
      let bytes = Array((lines[..<count].joined(separator: "\n") + "\n").utf8)
      let reader = try StructureReader(MemoryBytes(bytes), file: "OUTCAR")
      do {
        var frames = 0
        while try reader.next() != nil { frames += 1 }
        #expect(frames == 1 && count >= lines.count / 2 - 4, "\(count)")
        #expect(reader.warning?.message.contains("cut behind step 1") == true, "\(count)")
      } catch let error as FileError {
        #expect(error.kind == .framing)
      }
    }
  }

  @Test("stars in the place of a number spoil their step alone")
  func stars() throws {
    let frames = try readFrames(
      Array(Self.text([3], forces: "********* 0.0000   -0.5000").utf8), file: "OUTCAR")
    #expect(throws: FileError.self) { try frames[0].structure() }
  }

  @Test("masks come from the CONTCAR beside it")
  func masks() throws {
    let scratch = try Scratch()
    try scratch.write(Self.text([3]), to: "OUTCAR")
    try scratch.write(
      "x\n1\n4 0 0\n0 4 0\n0 0 12\nCu O\n1 1\nSelective\nDirect\n0 0 0 F F F\n0 0 0.125 T T F\n",
      to: "CONTCAR")
    let frame = try readFrames(path: scratch.path("OUTCAR"))[0]
    #expect(try frame.structure().moveMask?.freedoms == [.fixed, [.x, .y]])
  }
}
