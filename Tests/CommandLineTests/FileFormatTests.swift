// SPDX-License-Identifier: MIT

import Foundation
import StructureFiles
import Structures
import TestSupport
import Testing

/// Commands on files of VASP and ASE.
@Suite("File formats")
struct FileFormatTests {
  private static let poscar = """
    CO on Cu
    1.0
    5.1 0 0
    0 5.1 0
    0 0 18
    Cu O
    2 1
    Selective dynamics
    Cartesian
    0 0 5 F F F
    2.5 0.1 5 F F F
    1.2 0.2 6.2 T T T

    """

  /// A calculation of the same structure; the second step did not converge.
  private static let vasprun: String = {
    let flags = "<varray name=\"selective\"><v>F F F</v><v>F F F</v><v>T T T</v></varray>"
    func structure(_ z: Double, _ flags: String = "") -> String {
      "<structure><crystal><varray name=\"basis\"><v>5.1 0 0</v><v>0 5.1 0</v><v>0 0 18</v></varray></crystal>"
        + "<varray name=\"positions\"><v>0 0 0.27777777</v><v>0.49 0.0196 0.27777777</v><v>0.235 0.039 \(z)</v></varray>"
        + flags + "</structure>"
    }
    func step(_ z: Double, _ electronic: Int) -> String {
      let energies = "<energy><i name=\"e_fr_energy\">-3</i><i name=\"e_0_energy\">-3</i></energy>"
      return "<calculation>" + String(repeating: "<scstep>\(energies)</scstep>", count: electronic)
        + structure(z) + "<varray name=\"forces\"><v>0 0 0</v><v>0 0 0</v><v>0 0 0.02</v></varray>"
        + energies + "</calculation>\n"
    }
    return "<?xml version=\"1.0\"?>\n<modeling><parameters><i name=\"NELM\">6</i></parameters>"
      + "<atominfo><array name=\"atoms\"><set><rc><c>Cu</c><c>1</c></rc><rc><c>Cu</c><c>1</c></rc>"
      + "<rc><c>O</c><c>2</c></rc></set></array></atominfo>\n"
      + structure(0.34, flags).replacing("<structure>", with: "<structure name=\"initialpos\">")
      + step(0.34, 3) + step(0.33, 6)
      + "</modeling>\n"
  }()

  private func scratch() throws -> Scratch {
    let scratch = try Scratch()
    for folder in ["run1", "run2", "vasp/run1", "vasp/run2"] {
      try FileManager.default.createDirectory(
        atPath: scratch.path(folder), withIntermediateDirectories: true)
    }
    for folder in ["run1", "run2"] {
      try scratch.write(Self.poscar, to: "\(folder)/CONTCAR")
      try scratch.write(Self.vasprun, to: "vasp/\(folder)/vasprun.xml")
    }
    try scratch.write(Self.poscar, to: "POSCAR")
    return scratch
  }

  private func run(_ arguments: String, _ scratch: Scratch) throws -> CommandLineRun {
    try CommandLineRun(arguments.split(separator: " ").map(String.init), in: scratch.folder)
  }

  private func frames(_ path: String) throws -> [Structure] {
    let reader = try StructureReader(path: path)
    var structures: [Structure] = []
    while let frame = try reader.next() { structures.append(try frame.structure()) }
    return structures
  }

  @Test(
    "relaxed structures and trajectories in every format are those of extended XYZ",
    arguments: ["traj", "db", "json", "cif"])
  func formats(ending: String) throws {
    let scratch = try scratch()
    for ending in ["extxyz", ending] {
      let run = try self.run(
        "run1/CONTCAR run2/CONTCAR -p emt -q -o r.\(ending) --trajectory t.\(ending)", scratch)
      #expect(run.status == 0 && run.error.isEmpty, "\(run.error)")
    }
    for name in ["r", "t"] {
      let (expected, found) = (
        try frames(scratch.path("\(name).extxyz")), try frames(scratch.path("\(name).\(ending)"))
      )
      #expect(found.count == expected.count)
      for (found, expected) in zip(found, expected) {
        #expect(found.elements == expected.elements)
        for (a, b) in zip(found.positions, expected.positions) { #expect((a - b).length < 1e-12) }
        guard ending != "cif" else { continue }
        #expect(found.energy == expected.energy && found.forces == expected.forces)
        #expect(found.freedoms == expected.freedoms && found.cell == expected.cell)
        #expect(found.attribute("relax_status")?.text == expected.attribute("relax_status")?.text)
        #expect(found.identifier == expected.identifier)
      }
    }
    let names = try FileManager.default.contentsOfDirectory(atPath: scratch.folder)
    #expect(names.filter { $0.contains("r.\(ending)") }.count == 2, "\(names)")
    #expect(names.filter { $0.contains("t.\(ending)") }.count == 1, "\(names)")
  }

  @Test("one POSCAR becomes one CONTCAR; several are refused before anything is computed")
  func poscars() throws {
    let scratch = try scratch()
    let one = try run("POSCAR -p emt -q -o CONTCAR", scratch)
    #expect(one.status == 0, "\(one.error)")
    let relaxed = try frames(scratch.path("CONTCAR"))[0]
    #expect(relaxed.freedoms == [.fixed, .fixed, .free])
    for arguments in ["-o two.vasp", "-o x.extxyz --trajectory t.vasp"] {
      let two = try run("run1/CONTCAR run2/CONTCAR -p emt -q \(arguments)", scratch)
      #expect(
        two.status == 64 && two.error.contains("a POSCAR holds one structure"), "\(two.error)")
    }
    let closed = try run("POSCAR -p emt -q -o y.cif --pbc TTF", scratch)
    #expect(closed.status == 3 && closed.error.contains("invalid"), "\(closed.error)")
    #expect(try !scratch.names.contains { ["two.vasp", "x.extxyz", "t.vasp"].contains($0) })
  }

  @Test("references, labels and sets are folders of calculations; unconverged labels do not count")
  func calculations() throws {
    let scratch = try scratch()
    #expect(try run("run1/CONTCAR run2/CONTCAR -p emt -q -o r.db", scratch).status == 0)
    let files = "vasp/run1/vasprun.xml vasp/run2/vasprun.xml"
    for reference in [files, "vasp"] {
      let score = try run("score r.db --reference \(reference) --json -", scratch)
      #expect(score.status == 0 && score.output.contains("\"structures\": 2"), "\(score.error)")
      #expect(score.error.contains("do not count") && score.error.contains("sigma->0"))
    }
    // The option takes all that follow, but not the only predictions.
    #expect(try run("score --reference vasp r.db -q", scratch).status == 0)
    let missing = try run("score --reference \(files) r.db", scratch)
    #expect(missing.status == 64 && missing.error.contains("before --reference"))
    let evaluate = try run("evaluate vasp -p emt --json -", scratch)
    #expect(evaluate.output.contains("\"frames\": 2"), "\(evaluate.output)")
    #expect(evaluate.error.contains("1 frame left out"))
    let all = try run("evaluate vasp -p emt --json - --unconverged", scratch)
    #expect(all.output.contains("\"frames\": 4"))
  }

  @Test("single points come back under their ids, whatever these look like")
  func singlePoints() throws {
    let scratch = try scratch()
    // An id with what folders cannot have, and one that looks as if it had been written so.
    for id in ["Cu/O fcc", "a%41"] {
      try scratch.write(
        """
        3
        Lattice="5.1 0 0 0 5.1 0 0 0 18" Properties=species:S:1:pos:R:3:move_mask:L:1:forces:R:3 sid="\(id)"
        Cu 0 0 4.99999986 F 0 0 0
        Cu 2.499 0.09996 4.99999986 F 0 0 0
        O 1.1985 0.1989 6.12 T 0 0 0.02

        """, to: "one.extxyz")
      let export = try run(
        "score one.extxyz --reference one.extxyz --export-singlepoints out --format poscar", scratch
      )
      #expect(export.status == 0, "\(export.error)")
      let names = try FileManager.default.contentsOfDirectory(atPath: scratch.path("out"))
      let folder = try #require(names.first { $0 != "index.jsonl" })
      try scratch.write(Self.vasprun, to: "out/\(folder)/vasprun.xml")
      for labels in ["out", "one.extxyz"] {
        let score = try run(
          "score one.extxyz --reference one.extxyz --labels \(labels) --json -", scratch)
        #expect(
          score.status == 0 && score.output.contains("\"fmax\": 0.02"), "\(id) \(score.error)")
      }
      try FileManager.default.removeItem(atPath: scratch.path("out"))
    }
  }

  @Test("info says what is in files, and convert joins and chooses")
  func infoAndConvert() throws {
    let scratch = try scratch()
    let info = try run("info POSCAR vasp --json -", scratch)
    #expect(info.status == 0, "\(info.error)")
    #expect(info.output.contains("\"format\": \"POSCAR\"") && info.output.contains("\"frames\": 2"))
    let convert = try run(
      "convert vasp POSCAR all.traj -q --select natoms<9 --select elements=Cu,O", scratch)
    #expect(convert.status == 0, "\(convert.error)")
    #expect(try frames(scratch.path("all.traj")).count == 5)
    let last = try run("convert all.traj last.json -q --select fid=last --select energy<0", scratch)
    #expect(last.status == 0, "\(last.error)")
    #expect(try frames(scratch.path("last.json")).map(\.energy) == [-3, -3])
    let none = try run("convert all.traj none.db -q --select natoms>9", scratch)
    #expect(none.status == 65 && !FileManager.default.fileExists(atPath: scratch.path("none.db")))
  }

  @Test("what files lack is given by hand, and goes with the settings of a run")
  func assumptions() throws {
    let scratch = try scratch()
    try scratch.write("2\n\nCu 0 0 0\nO 0 0 1.9\n", to: "plain.xyz")
    let given = try run(
      "plain.xyz -p emt -q -o r.extxyz --cell 9,9,18 --pbc TTF --tag-by-height --fix tags=1",
      scratch)
    #expect(given.status == 0 && given.error.isEmpty, "\(given.error)")
    let relaxed = try frames(scratch.path("r.extxyz"))[0]
    #expect(relaxed.tags == [1, 2] && relaxed.freedoms == [.fixed, .free])
    #expect(relaxed.cell.periodicity == Periodicity(true, true, false))
    let other = try run("plain.xyz -p emt -q -o r.extxyz --resume --fix z<1", scratch)
    #expect(other.status == 64 && other.error.contains("assumed"), "\(other.error)")
    let tags = try run("plain.xyz -p emt -q -o s.extxyz --fix tags=0", scratch)
    #expect(tags.status == 65 && tags.error.contains("--tag-by-height"), "\(tags.error)")
    let quiet = try run("plain.xyz -p emt -o s.extxyz --overwrite --fix none --cell 9,9,9", scratch)
    #expect(!quiet.error.contains("warning"), "\(quiet.error)")
  }

  @Test("a sample can be one file, each frame with its set")
  func sample() throws {
    let scratch = try scratch()
    let sample = try run(
      "sample POSCAR -p emt -o frames.db --frames 3 --rattled 2 --md-every 0 -q", scratch)
    #expect(sample.status == 0, "\(sample.error)")
    let sets = try frames(scratch.path("frames.db")).compactMap { $0.attribute("set")?.unquoted }
    #expect(
      sets.filter { $0 == "relaxations" }.count == 3 && sets.filter { $0 == "rattled" }.count == 2)
  }
}
