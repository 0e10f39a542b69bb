// SPDX-License-Identifier: MIT

import Files
import Testing

@testable import StructureFiles

/// A broken file and the exact text of the one error that it gets.
struct Malformed: Sendable, CustomTestStringConvertible {
  let name: String
  let kind: FileError.Kind
  let bytes: [UInt8]
  let message: String

  init(_ name: String, _ kind: FileError.Kind, text: String, _ message: String) {
    (self.name, self.kind, self.message) = (name, kind, message)
    bytes = Array(text.utf8)
  }

  /// A file that is not UTF-8; each character of `latin1` is one byte.
  init(_ name: String, _ kind: FileError.Kind, latin1: String, _ message: String) {
    (self.name, self.kind, self.message) = (name, kind, message)
    bytes = latin1.unicodeScalars.map { UInt8($0.value) }
  }

  var testDescription: String { name }

  static let all: [Malformed] = [
    Malformed(
      "an empty file", .framing,
      text: "",
      "a.xyz: the file is empty: it contains no structures"),
    Malformed(
      "only blank lines", .framing,
      text: "\n \n",
      "a.xyz: the file contains no structures"),
    Malformed(
      "text before the count", .framing,
      text: "hello\n",
      "a.xyz:1:1: expected the number of atoms of frame 1, found 'hello'"),
    Malformed(
      "a comment where the count belongs", .framing,
      text: "# two atoms\n2\n\nH 0 0 0\nH 0 0 1\n",
      "a.xyz:1:1: expected the number of atoms of frame 1, found '# two atoms'; is this "
        + "an XYZ file?"),
    Malformed(
      "a negative count", .framing,
      text: "-1\n\nH 0 0 0\n",
      "a.xyz:1:1: expected the number of atoms of frame 1, found '-1'"),
    Malformed(
      "a fractional count", .framing,
      text: "1.0\n\nH 0 0 0\n",
      "a.xyz:1:1: expected the number of atoms of frame 1, found '1.0'"),
    Malformed(
      "a count that is too large for an integer", .framing,
      text: "99999999999999999999\n\nH 0 0 0\n",
      "a.xyz:1:1: '99999999999999999999' is too large for a number of atoms"),
    Malformed(
      "a count that is too large for the file", .framing,
      text: "1000000000000\n\nH 0 0 0\n",
      "a.xyz:3: the file ends inside frame 1, which announces 1000000000000 atoms but "
        + "has 1; no frame before it"),
    Malformed(
      "a count with something behind it", .framing,
      text: "1 atom\n\nH 0 0 0\n",
      "a.xyz:1:1: expected the number of atoms of frame 1, found '1 atom'; is this an "
        + "XYZ file?"),
    Malformed(
      "a byte order mark", .framing,
      text: "\u{FEFF}1\n\nH 0 0 0\n",
      "a.xyz:1:1: expected the number of atoms of frame 1, found '\\u{feff}1'"),
    Malformed(
      "a NUL byte in the count", .framing,
      text: "1\0\n\nH 0 0 0\n",
      "a.xyz:1:1: expected the number of atoms of frame 1, found '1\\0'"),
    Malformed(
      "no comment line", .framing,
      text: "3\n",
      "a.xyz:1: the file ends inside frame 1, which announces 3 atoms but has none; no "
        + "frame before it"),
    Malformed(
      "a file that ends in a frame", .framing,
      text: "2\n\nH 0 0 0\n",
      "a.xyz:3: the file ends inside frame 1, which announces 2 atoms but has 1; no "
        + "frame before it"),
    Malformed(
      "a file that ends in the third frame", .framing,
      text: "1\n\nH 0 0 0\n1\n\nH 0 0 0\n2\n\nH 0 0 0\n",
      "a.xyz:9: the file ends inside frame 3, which announces 2 atoms but has 1; the 2 "
        + "frames before it are complete"),
    Malformed(
      "a file that ends in a row", .framing,
      text: "1\n\nH 0 0",
      "a.xyz:3: the file ends inside frame 1, which announces 1 atom but has none; no "
        + "frame before it"),
    Malformed(
      "too small a count", .framing,
      text: "1\n\nH 0 0 0\nH 0 0 1\n",
      "a.xyz:4:1: expected the number of atoms of frame 2, found 'H 0 0 1'; does frame 1 "
        + "have more than the 1 atom announced in line 1?"),
    Malformed(
      "too large a count, another frame follows", .framing,
      text: "2\n\nH 0 0 0\n1\n\nH 0 0 1\n",
      "a.xyz:4:2: expected 4 columns (species pos), found 1; does frame 1 have the 2 "
        + "atoms that line 1 announces?"),
    Malformed(
      "a blank line in a frame", .framing,
      text: "2\n\nH 0 0 0\n\nH 0 0 1\n",
      "a.xyz:4: a blank line instead of atom 2 of the 2 that line 1 announces"),
    Malformed(
      "a blank line between frames", .framing,
      text: "1\n\nH 0 0 0\n\n1\n\nH 0 0 0\n",
      "a.xyz:4: a blank line after frame 1, with more text in line 5; expected the "
        + "number of atoms of frame 2"),
    Malformed(
      "a column too few", .framing,
      text: "1\n\nH 0 0\n",
      "a.xyz:3:6: expected 4 columns (species pos), found 3"),
    Malformed(
      "a column too many", .framing,
      text: "1\n\nH 0 0 0 9\n",
      "a.xyz:3:8: expected 4 columns (species pos), found 5"),
    Malformed(
      "a frame without atoms", .content,
      text: "0\n\n",
      "a.xyz:1: this frame has no atoms"),
    Malformed(
      "two values of a key", .content,
      text: "1\nenergy=1 energy=2\nH 0 0 0\n",
      "a.xyz:2:10: the key 'energy' occurs twice in this line"),
    Malformed(
      "a bare key that has a value, too", .content,
      text: "1\nrelaxed step=3 relaxed=T\nH 0 0 0\n",
      "a.xyz:2:16: the key 'relaxed' occurs twice in this line"),
    Malformed(
      "a quotation that is not closed", .content,
      text: "1\nname=\"two words\nH 0 0 0\n",
      "a.xyz:2:6: '\"' is never closed in this line"),
    Malformed(
      "an apostrophe in free text", .content,
      text: "1\nSmith's slab\nH 0 0 0\n",
      "a.xyz:2:6: ''' inside a key; put quotation marks around the whole of it"),
    Malformed(
      "a bracket that is not closed", .content,
      text: "1\nlist=[1 [2] 3\nH 0 0 0\n",
      "a.xyz:2:6: '[' is never closed in this line"),
    Malformed(
      "something right behind a quotation", .content,
      text: "1\nname=\"a\"b\nH 0 0 0\n",
      "a.xyz:2:9: expected a blank after the value of 'name', found 'b'"),
    Malformed(
      "a bracket in a bare value", .content,
      text: "1\nsmiles=C[H]\nH 0 0 0\n",
      "a.xyz:2:9: '[' inside the value of 'smiles'; put quotation marks around the whole "
        + "of it"),
    Malformed(
      "a value without a key", .content,
      text: "1\n = 3\nH 0 0 0\n",
      "a.xyz:2:2: expected a key before '='"),
    Malformed(
      "a key without its value", .content,
      text: "1\nenergy=\nH 0 0 0\n",
      "a.xyz:2:1: the key 'energy' has no value after '='; write \"\" if it is empty"),
    Malformed(
      "an empty key", .content,
      text: "1\n\"\"=3\nH 0 0 0\n",
      "a.xyz:2:1: this key is empty"),
    Malformed(
      "a backslash at the end", .content,
      text: "1\nname=a\\\nH 0 0 0\n",
      "a.xyz:2:7: the line ends after a backslash"),
    Malformed(
      "a carriage return in the comment", .content,
      text: "1\nname=a\rb=c\nH 0 0 0\n",
      "a.xyz:2:7: the control character '\\r' in the comment line"),
    Malformed(
      "a comment that is not UTF-8", .content,
      latin1: "1\nname=\u{FF}\nH 0 0 0\n",
      "a.xyz:2:6: the comment line is not valid UTF-8"),
    Malformed(
      "a wide blank in a bare value", .content,
      text: "1\nname=a\u{A0}b\nH 0 0 0\n",
      "a.xyz:2:7: a Unicode blank inside the value of 'name'; put quotation marks around "
        + "the whole of it"),
    Malformed(
      "an energy in words", .content,
      text: "1\nenergy=low\nH 0 0 0\n",
      "a.xyz:2:8: 'low' is not a number; expected a number for 'energy'"),
    Malformed(
      "an energy with Fortran's exponent", .content,
      text: "1\nenergy=-0.15D+01\nH 0 0 0\n",
      "a.xyz:2:8: '-0.15D+01' has a D exponent; expected a number for 'energy', such as "
        + "'-0.15e+01'"),
    Malformed(
      "an energy that is too large", .content,
      text: "1\nenergy=1e400\nH 0 0 0\n",
      "a.xyz:2:8: '1e400' is too large for a 64-bit real; expected a number for 'energy'"),
    Malformed(
      "two energies", .content,
      text: "1\nenergy=\"1 2\"\nH 0 0 0\n",
      "a.xyz:2:9: 'energy' has 2 values; expected one number"),
    Malformed(
      "an energy without a value", .content,
      text: "1\nenergy\nH 0 0 0\n",
      "a.xyz:2:1: the key 'energy' has no value"),
    Malformed(
      "a lattice of eight numbers", .content,
      text: "1\nLattice=\"4 0 0 0 4 0 0 0\"\nH 0 0 0\n",
      "a.xyz:2:10: 'Lattice' has 8 values; expected nine numbers"),
    Malformed(
      "a lattice with a word", .content,
      text: "1\nLattice=\"4 0 0 0 x 0 0 0 4\"\nH 0 0 0\n",
      "a.xyz:2:18: 'x' is not a number; expected a number for 'Lattice'"),
    Malformed(
      "a lattice that is not finite", .content,
      text: "1\nLattice=\"4 0 0 0 nan 0 0 0 4\"\nH 0 0 0\n",
      "a.xyz:2:18: 'nan' in 'Lattice'; expected a finite number"),
    Malformed(
      "a lattice whose vectors are dependent", .content,
      text: "1\nLattice=\"4 0 0 4 0 0 0 0 4\"\nH 0 0 0\n",
      "a.xyz:2:1: the cell is unusable: the lattice vectors are linearly dependent "
        + "(volume 0.0 Å³)"),
    Malformed(
      "a periodic axis without a vector", .content,
      text: "1\nLattice=\"4 0 0 0 4 0 0 0 0\"\nH 0 0 0\n",
      "a.xyz:2:1: the cell is unusable: axis 3 is periodic but its lattice vector is zero"),
    Malformed(
      "periodic without a lattice", .content,
      text: "1\npbc=\"T F F\"\nH 0 0 0\n",
      "a.xyz:2:1: pbc has a periodic axis but there is no Lattice"),
    Malformed(
      "pbc in lower case", .content,
      text: "1\nLattice=\"4 0 0 0 4 0 0 0 4\" pbc=\"t t f\"\nH 0 0 0\n",
      "a.xyz:2:34: 't' in 'pbc'; expected T or F, in capitals"),
    Malformed(
      "pbc with a 2", .content,
      text: "1\nLattice=\"4 0 0 0 4 0 0 0 4\" pbc=\"1 1 2\"\nH 0 0 0\n",
      "a.xyz:2:38: '2' in 'pbc'; expected T or F, in capitals"),
    Malformed(
      "pbc of two values", .content,
      text: "1\nLattice=\"4 0 0 0 4 0 0 0 4\" pbc=\"T T\"\nH 0 0 0\n",
      "a.xyz:2:34: 'pbc' has 2 values; expected one or three of T and F"),
    Malformed(
      "the key lattice in lower case", .content,
      text: "1\nlattice=\"4 0 0 0 4 0 0 0 4\"\nH 0 0 0\n",
      "a.xyz:2:1: the key 'lattice' is written 'Lattice'"),
    Malformed(
      "six stresses", .content,
      text: "1\nstress=\"1 2 3 4 5 6\"\nH 0 0 0\n",
      "a.xyz:2:9: 'stress' has 6 values; expected nine numbers"),
    Malformed(
      "Properties without the last count", .content,
      text: "1\nProperties=species:S:1:pos:R\nH 0 0 0\n",
      "a.xyz:2:24: Properties lists name:TYPE:count groups; 'pos' lacks its count"),
    Malformed(
      "Properties with a count of zero", .content,
      text: "1\nProperties=species:S:1:pos:R:3:x:R:0\nH 0 0 0\n",
      "a.xyz:2:36: the count of 'x' in Properties is '0'; expected a whole number from 1 "
        + "to 1000000"),
    Malformed(
      "Properties with a negative count", .content,
      text: "1\nProperties=species:S:1:pos:R:-3\nH 0 0 0\n",
      "a.xyz:2:30: the count of 'pos' in Properties is '-3'; expected a whole number "
        + "from 1 to 1000000"),
    Malformed(
      "Properties with a huge count", .content,
      text: "1\nProperties=species:S:1:pos:R:3:x:R:99999999999999999999\nH 0 0 0\n",
      "a.xyz:2:36: the count of 'x' in Properties is '99999999999999999999'; expected a "
        + "whole number from 1 to 1000000"),
    Malformed(
      "Properties with an unknown type", .content,
      text: "1\nProperties=species:S:1:pos:D:3\nH 0 0 0\n",
      "a.xyz:2:28: the type of 'pos' in Properties is 'D'; expected R, I, L or S"),
    Malformed(
      "Properties with a name twice", .content,
      text: "1\nProperties=species:S:1:pos:R:3:x:R:1:x:R:1\nH 0 0 0 1 1\n",
      "a.xyz:2:38: Properties lists 'x' twice"),
    Malformed(
      "Properties without positions", .content,
      text: "1\nProperties=species:S:1:x:R:3\nH 0 0 0\n",
      "a.xyz:2:12: Properties has no pos:R:3"),
    Malformed(
      "Properties without species", .content,
      text: "1\nProperties=pos:R:3\n0 0 0\n",
      "a.xyz:2:12: Properties has neither species:S:1 nor Z:I:1"),
    Malformed(
      "positions in two dimensions", .content,
      text: "1\nProperties=species:S:1:pos:R:2\nH 0 0\n",
      "a.xyz:2:24: Properties has 'pos:R:2'; expected pos:R:3"),
    Malformed(
      "forces as integers", .content,
      text: "1\nProperties=species:S:1:pos:R:3:forces:I:3\nH 0 0 0 1 2 3\n",
      "a.xyz:2:32: Properties has 'forces:I:3'; expected forces:R:3"),
    Malformed(
      "a mask of two columns", .content,
      text: "1\nProperties=species:S:1:pos:R:3:move_mask:L:2\nH 0 0 0 T T\n",
      "a.xyz:2:32: Properties has 'move_mask:L:2'; expected move_mask:L:1, "
        + "move_mask:L:3, move_mask:I:1 or move_mask:I:3"),
    Malformed(
      "a column that ASE calls pos", .content,
      text: "1\nProperties=species:S:1:pos:R:3:positions:R:3\nH 0 0 0 1 1 1\n",
      "a.xyz:2:32: the column 'positions' is called pos here"),
    Malformed(
      "an unknown element", .content,
      text: "2\n\nH 0 0 0\nQq 0 0 0\n",
      "a.xyz:4:1: 'Qq' is not the symbol of an element"),
    Malformed(
      "an element with a label", .content,
      text: "1\n\nCu1 0 0 0\n",
      "a.xyz:3:1: 'Cu1' is not the symbol of an element"),
    Malformed(
      "an atomic number that no element has", .content,
      text: "1\nProperties=Z:I:1:pos:R:3\n119 0 0 0\n",
      "a.xyz:3:1: '119' is not an atomic number; expected 1 to 118"),
    Malformed(
      "a symbol that contradicts the atomic number", .content,
      text: "1\nProperties=species:S:1:Z:I:1:pos:R:3\nH 8 0 0 0\n",
      "a.xyz:3:3: '8' is O but this row also says H"),
    Malformed(
      "a position in words", .content,
      text: "1\n\nH 0 zero 0\n",
      "a.xyz:3:5: 'zero' is not a number; expected a number for pos"),
    Malformed(
      "a position with Fortran's exponent", .content,
      text: "1\n\nH 0 1.5d0 0\n",
      "a.xyz:3:5: '1.5d0' has a D exponent; expected a number for pos, such as '1.5e0'"),
    Malformed(
      "a position that is not a number", .content,
      text: "1\n\nH 0 0 nan\n",
      "a.xyz:3:7: 'nan' as a position; expected a finite number"),
    Malformed(
      "a position that is too large", .content,
      text: "1\n\nH 0 0 1e999\n",
      "a.xyz:3:7: '1e999' is too large for a 64-bit real; expected a number for pos"),
    Malformed(
      "stars from a full Fortran field", .content,
      text: "1\n\nH 0 ********** 0\n",
      "a.xyz:3:5: '**********' is not a number; expected a number for pos"),
    Malformed(
      "a very long token", .content,
      text: "1\n\nH 0 0 " + String(repeating: "12345678x", count: 20) + "\n",
      "a.xyz:3:7: '12345678x12345678x12345678x12345…' is not a number; expected a number "
        + "for pos"),
    Malformed(
      "a lower-case mask", .content,
      text: "1\nProperties=species:S:1:pos:R:3:move_mask:L:1\nH 0 0 0 true\n",
      "a.xyz:3:9: 'true' in move_mask; expected T or F, in capitals"),
    Malformed(
      "an integer mask with a 2", .content,
      text: "1\nProperties=species:S:1:pos:R:3:move_mask:I:1\nH 0 0 0 2\n",
      "a.xyz:3:9: '2' in move_mask; expected 0 or 1"),
    Malformed(
      "a tag with decimals", .content,
      text: "1\nProperties=species:S:1:pos:R:3:tags:I:1\nH 0 0 0 1.0\n",
      "a.xyz:3:9: '1.0' is not a whole number; expected a whole number for tags"),
    Malformed(
      "an integer that is too large", .content,
      text: "1\nProperties=species:S:1:pos:R:3:n:I:1\nH 0 0 0 9223372036854775808\n",
      "a.xyz:3:9: '9223372036854775808' is too large for a 64-bit integer; expected a "
        + "whole number for n"),
    Malformed(
      "a word that is not UTF-8", .content,
      latin1: "1\nProperties=species:S:1:pos:R:3:label:S:1\nH 0 0 0 \u{C3}(\n",
      "a.xyz:3:9: the text in label is not valid UTF-8"),
    Malformed(
      "a NUL byte in a word", .content,
      text: "1\nProperties=species:S:1:pos:R:3:label:S:1\nH 0 0 0 a\0b\n",
      "a.xyz:3:10: the control character '\\0' in label"),
  ]
}

@Suite struct MalformedInputTests {
  @Test("gets exactly this error", arguments: Malformed.all)
  func plain(_ input: Malformed) { check(input, input.bytes) }

  @Test("gets the same error when compressed", arguments: Malformed.all)
  func compressed(_ input: Malformed) throws {
    for compression in [Compression.gzip, .xz] {
      check(input, try compression.member(input.bytes))
    }
  }

  @Test("gets the same error byte by byte", arguments: Malformed.all)
  func piecewise(_ input: Malformed) { check(input, input.bytes, piece: 1, capacity: 1) }

  @Test("unusable content leaves the next frame alone", arguments: Malformed.all)
  func skips(_ input: Malformed) throws {
    guard input.kind == .content else { return }
    let frames = try readFrames(input.bytes + Array("1\nsid=next\nHe 1 2 3\n".utf8))
    #expect(frames.count == 2)
    #expect(throws: FileError.self) { try frames[0].structure() }
    #expect(frames[1].identifier == "next")
    #expect(try frames[1].structure().positions == [[1, 2, 3]])
  }

  private func check(
    _ input: Malformed, _ bytes: [UInt8], piece: Int = Int.max, capacity: Int = 1 << 16
  ) {
    var errors: [FileError] = []
    do throws(FileError) {
      let reader = try StructureReader(
        MemoryBytes(bytes, piece: piece), file: "a.xyz", capacity: capacity)
      while let frame = try reader.next() {
        if case .failure(let error) = frame.content { errors.append(error) }
      }
    } catch {
      errors.append(error)
    }
    #expect(errors.map(\.description) == [input.message])
    #expect(errors.map(\.kind) == [input.kind])
  }
}
