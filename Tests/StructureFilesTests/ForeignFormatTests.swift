// SPDX-License-Identifier: MIT

import Files
import TestSupport
import Testing

@testable import StructureFiles

@Suite struct ForeignFormatTests {
  private static let poscar = """
    12
    1.0
    4.0 0.0 0.0
    0.0 4.0 0.0
    0.0 0.0 20.0
    Cu O
    1 1
    Cartesian
    0 0 0
    0 0 1.5

    """

  /// Beginnings of files, and what they are called.
  static let beginnings: [(String, String)] = [
    ("CRYST1   10.000   10.000\nATOM      1  CU\n", "a PDB file (Protein Data Bank)"),
    ("ITEM: TIMESTEP\n0\nITEM: NUMBER OF ATOMS\n", "a LAMMPS dump"),
    ("CRYSTAL\nPRIMVEC\n 1 0 0\n", "an XSF file (XCrySDen)"),
    ("\n     Program PWSCF v.7.2 starts on\n", "an output of Quantum ESPRESSO"),
    ("&CONTROL\n calculation = 'relax'\n/\n", "an input of Quantum ESPRESSO"),
    ("version https://git-lfs.github.com/spec/v1\noid sha256:12\n", "a Git LFS pointer"),
    ("<!DOCTYPE html>\n<html><body>404", "a web page (HTML)"),
    ("\n<HTML>\n", "a web page (HTML)"), ("{\"a\": [1, 2]}", "a JSON file"),
    ("[1, 2]\n", "a JSON file"), ("<?xml version=\"1.0\"?>\n<cml/>", "an XML file"),
    ("%PDF-1.7\n", "a PDF document"), ("\u{7F}ELF\u{2}", "a program"),
    ("CDF\u{1}", "a NetCDF file"), ("BZh91AY", "bzip2-compressed data"),

  ]

  @Test("what a file is is said, also behind a compression", arguments: beginnings)
  func named(beginning: String, name: String) throws {
    let bytes = Array(beginning.utf8)
    for packed in [bytes, try Compression.gzip.member(bytes), try Compression.xz.member(bytes)] {
      for piece in [1, 3, Int.max] {
        let error = #expect(throws: FileError.self) {
          try readFrames(packed, piece: piece, file: "data.extxyz")
        }
        #expect(error?.kind == .framing)
        #expect(error?.message.hasPrefix("this is \(name)") == true, "\(error.debugDescription)")
        #expect(error?.line == nil)
      }
    }
  }

  @Test(
    "so are binary files",
    arguments: [
      ([0x89, 0x48, 0x44, 0x46, 0x0D, 0x0A, 0x1A, 0x0A], "an HDF5 file"),
      ([0x93] + Array("NUMPY\u{1}".utf8), "a NumPy array"),
      ([0x80, 2, 0x8A, 0x0A], "a Python pickle"), ([0x50, 0x4B, 3, 4, 0, 0], "a zip archive"),
      ([0x28, 0xB5, 0x2F, 0xFD, 0], "zstd-compressed data"),
      ([40, 0, 0, 0, 0, 0, 0, 0] + Array("{\"__metadata__\":{}}".utf8), "a safetensors file"),
      ([0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A], "a PNG image"),
      ([0xFF, 0xFE, 0x31, 0, 0x0A, 0], "text in UTF-16"),
      ([UInt8](repeating: 0x61, count: 257) + Array("ustar\0".utf8), "a tar archive"),
    ] as [([UInt8], String)])
  func binary(bytes: [UInt8], name: String) {
    let error = #expect(throws: FileError.self) { try readFrames(bytes) }
    #expect(error?.kind == .framing)
    #expect(error?.message.hasPrefix("this is \(name)") == true, "\(error.debugDescription)")
  }

  /// Beginnings of files, and the format that they are read as.
  static let own: [(String, String)] = [
    (poscar, "POSCAR"), ("Cu slab" + poscar.dropFirst(2), "POSCAR"),
    ("title\n-50.0" + poscar.dropFirst(6), "POSCAR"),
    ("- of UlmASE-Trajectory\0\0", "ASE trajectory"), ("SQLite format 3\0rest", "ASE database"),
    ("<?xml version=\"1.0\"?>\n<modeling>\n <generator>", "vasprun.xml"),
    (" vasp.6.4.2 20Jul23 (build ...) complex\n\n executed on", "OUTCAR"),
    ("# made by hand\ndata_Cu\n_cell_length_a 3.6\nloop_\n", "CIF"),
    ("{\"1\": {\n \"cell\": 1,\n \"unique_id\": \"x\"}}", "ASE database in JSON"),
  ]

  @Test("a format is known by its beginning, whatever the name says", arguments: own)
  func recognized(beginning: String, name: String) throws {
    for file in ["data.extxyz", "data.cif", "POSCAR"] {
      let start = FileStart(file: file, bytes: Array(beginning.utf8), isWhole: true)
      #expect(try StructureFormats.recognize(start).name == name)
    }
  }

  @Test("what the content does not tell, the name may")
  func byName() throws {
    for (file, name) in [
      ("run/CONTCAR", "POSCAR"), ("POSCAR_start", "POSCAR"), ("x.cif.gz", "CIF"),
      ("x.pdb", nil), ("words", "extended XYZ"),
    ] {
      let start = FileStart(
        file: file, bytes: Array("words\nmore words\n".utf8), isWhole: true)
      #expect((try? StructureFormats.recognize(start).name) == name)
    }
    let message = #expect(throws: FileError.self) {
      try readFrames(Array("words\nmore words\n".utf8), file: "run one/x.pdb")
    }
    #expect(
      message?.description
        == "run one/x.pdb: this is a PDB file (Protein Data Bank); structures are read from "
        + "\(StructureFormats.names) files; `ase convert -i proteindatabank 'run one/x.pdb' "
        + "structures.extxyz` makes one")
  }

  @Test("a file without a byte is empty, whatever packs it")
  func empty() throws {
    for bytes in [[], try Compression.gzip.member([]), try Compression.xz.member([])] {
      let error = #expect(throws: FileError.self) { try readFrames(bytes) }
      #expect(error?.kind == .framing)
      #expect(error?.message == "the file is empty: it contains no structures")
    }
  }

  @Test(
    "our own files are read, whatever they look like",
    arguments: [
      "1\n-76.5\nO 0 0 0\n", "3\n1.0\nO 0 0 0\nH 0 0 1\nH 0 1 0\n", "1\n1 2 3\nO 0 0 0",
      " 1 \nvasp. <modeling> data_ loop_\nO 0 0 0\n", "1\n\nO 0 0 0\n",
    ], ["a.xyz", "POSCAR", "x.cif"])
  func ours(text: String, file: String) throws {
    for piece in [1, 2, Int.max] {
      #expect(try readFrames(Array(text.utf8), piece: piece, file: file)[0].structure().count > 0)
    }
  }

  @Test("structures are written as the name says, or not at all")
  func outputs() throws {
    for name in [
      "x.bz2", "x.xyz.bz2", "x.zst", "x.zip", "x.lzma", "run/OUTCAR", "x.pdb", "x.pdf",
      "x.xyz.gz.xz", "x.lmdb", "x.gz.7z",
    ] {
      let error = #expect(throws: FileError.self) { try StructureOutput(path: name) }
      #expect(error?.kind == .wrongName)
      #expect(error?.message.contains(".gz or .xz") == true)
      #expect(throws: FileError.self) { try StructureWriter(path: name, overwrite: true) }
    }
    for name in ["x.traj.gz", "x.db.xz", "x.json.gz"] {
      let error = #expect(throws: FileError.self) { try StructureOutput(path: name) }
      #expect(error?.kind == .wrongName)
    }
    for (name, format) in [
      ("x.traj", "ASE trajectory"), ("x.vasp", "POSCAR"), ("POSCAR", "POSCAR"),
      ("run/CONTCAR", "POSCAR"), ("POSCAR.gz", "POSCAR"), ("POSCAR-1.extxyz", "extended XYZ"),
      ("x.cif.xz", "CIF"), ("x.json", "ASE database in JSON"), ("x.db", "ASE database"),
      ("x", "extended XYZ"), ("-", "extended XYZ"),
    ] {
      #expect(try StructureOutput(path: name).format.name == format)
    }
    for (name, compression) in [
      ("x.extxyz", Compression.none), ("X.XYZ.GZ", .gzip), ("-", .none), ("x", .none),
      ("x.2x2", .none),
      ("x.xz", .xz),
      ("/dev/null", .none), ("a.traj/x.xyz", .none), (".extxyz", .none),
    ] {
      #expect(try StructureOutput(path: name).compression == compression)
    }
  }
}
