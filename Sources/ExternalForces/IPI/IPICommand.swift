// SPDX-License-Identifier: MIT

import CLibrary
import Files
import StructureFiles
import Structures

/// A command for the shell with places that are filled in: `{socket}`, `{host}`, `{port}`, `{id}`, `{structure}` and
/// `{poscar}`; other braces, and `${id}`, are the shell's own.
struct IPICommand: Hashable, Sendable {
  /// As given.
  let text: String
  private let pieces: [Piece]

  /// What can be filled in.
  enum Place: String, CaseIterable {
    /// The name of the UNIX socket, and with its prefix its file.
    case socket
    /// The address of this machine.
    case host
    /// The port there.
    case port
    /// The structure's name.
    case id
    /// A file of extended XYZ with the structure.
    case structure
    /// A POSCAR with it, whose atoms are in the same order.
    case poscar

    /// The variable of the shell that holds it, too.
    var variable: String { "RELAX_\(rawValue.uppercased())" }
  }

  /// How the shell reads a place.
  private enum Quotes: Hashable { case none, single, double }

  private enum Piece: Hashable {
    case text(String)
    case place(Place, in: Quotes)
  }

  /// Takes a command apart.
  init(_ text: String) {
    self.text = text
    var pieces: [Piece] = []
    var plain = ""
    var quotes = Quotes.none
    var rest = text[...]
    var last: Character?
    while let character = rest.first {
      if character == "{", last != "$", let place = IPICommand.place(at: rest) {
        pieces += [.text(plain), .place(place, in: quotes)]
        (plain, last) = ("", "}")
        rest = rest.dropFirst(place.rawValue.count + 2)
        continue
      }
      rest.removeFirst()
      plain.append(character)
      if character == "\\" && quotes != .single, let escaped = rest.popFirst() {
        plain.append(escaped)
        last = escaped == "$" ? nil : escaped
        continue
      }
      switch (character, quotes) {
      case ("'", .none): quotes = .single
      case ("\"", .none): quotes = .double
      case ("'", .single), ("\"", .double): quotes = .none
      default: break
      }
      last = character
    }
    self.pieces = pieces + [.text(plain)]
  }

  private static func place(at text: Substring) -> Place? {
    Place.allCases.first { text.hasPrefix("{\($0.rawValue)}") }
  }

  /// The places that it has.
  var places: Set<Place> {
    Set(pieces.compactMap { if case .place(let place, _) = $0 { place } else { nil } })
  }

  /// The command for the shell with everything filled in.
  ///
  /// What could mean anything to the shell is not written into the command: a variable stands for it there, so that
  /// no name of a structure is run, unless the command itself hands it to another shell.
  func filled(with values: [Place: String]) -> String {
    pieces.map { piece in
      switch piece {
      case .text(let text): return text
      case .place(let place, let quotes):
        let value = values[place] ?? ""
        guard value.isEmpty || !value.utf8.allSatisfy(IPICommand.isPlain) else { return value }
        let variable = "${\(place.variable)}"
        switch quotes {
        case .none: return "\"\(variable)\""
        case .double: return variable
        case .single: return "'\"\(variable)\"'"
        }
      }
    }.joined()
  }

  /// Whether a byte means nothing but itself to the shell.
  private static func isPlain(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"):
      true
    default: "_-./:,@%+".utf8.contains(byte)
    }
  }
}

/// Files for one program, which go with it.
final class IPIFiles {
  private var paths: [String] = []

  init() {}

  deinit { remove() }

  /// Writes a file for a program.
  ///
  /// - Returns: its path.
  /// - Throws: kind `notStarted`.
  func write(_ bytes: [UInt8], ending: String) throws(ExchangeError) -> String {
    let folder = getenv("TMPDIR").map { FileSystem.text($0) }.flatMap { $0.isEmpty ? nil : $0 }
    var name = PathText.bytes(of: "\(folder ?? "/tmp")/relax-XXXXXX.\(ending)").map {
      CChar(bitPattern: $0)
    }
    name.append(0)
    let made = Result { () throws(FileError) in
      try UnfinishedFiles.making { () -> Result<(path: String, made: Int32), FileError> in
        let descriptor = mkstemps(&name, Int32(ending.utf8.count) + 1)
        let path = name.withUnsafeBufferPointer { buffer in
          buffer.baseAddress.map { FileSystem.text($0) } ?? ""
        }
        guard descriptor >= 0 else {
          return .failure(FileError(.unwritable, file: path, Spawning.reason("cannot be made")))
        }
        return .success((path, descriptor))
      }
    }
    let path = name.withUnsafeBufferPointer { buffer in
      buffer.baseAddress.map { FileSystem.text($0) } ?? ""
    }
    switch made {
    case .failure(let error): throw .notStarted("\(error)")
    case .success(let descriptor):
      paths.append(path)
      defer { closeFile(descriptor) }
      var rest = bytes[...]
      while !rest.isEmpty {
        let count = rest.withUnsafeBytes { systemWrite(descriptor, $0) }
        if count < 0 && errno == EINTR { continue }
        guard count > 0 else { throw .notStarted(Spawning.reason("\(path): cannot be written")) }
        rest = rest.dropFirst(count)
      }
    }
    return path
  }

  /// Writes what a command asks for about a structure.
  func write(
    _ structure: Structure, for places: Set<IPICommand.Place>
  ) throws(ExchangeError) -> [IPICommand.Place: String] {
    var values: [IPICommand.Place: String] = [:]
    let bare = structure.withoutResults()
    if places.contains(.structure) {
      var bytes: [UInt8] = []
      ExtxyzFormatter.append(bare, to: &bytes)
      values[.structure] = try write(bytes, ending: "extxyz")
    }
    if places.contains(.poscar) {
      guard PoscarText.accepts(bare) else {
        throw .refused("the structure has no cell of three vectors, which {poscar} needs")
      }
      var structure = bare
      // Forces are wanted on all atoms: what is fixed and cannot be said is left unsaid.
      if PoscarText.flags(of: bare) == nil { structure.moveMask = nil }
      let text = PoscarText.text(of: structure, comment: structure.identifier ?? structure.formula)
      values[.poscar] = try write(Array(text.utf8), ending: "poscar")
    }
    return values
  }

  /// Removes them.
  func remove() {
    for path in paths {
      FileSystem.unlink(path)
      UnfinishedFiles.forget(path)
    }
    paths = []
  }
}

private func closeFile(_ descriptor: Int32) { close(descriptor) }

private func systemWrite(_ descriptor: Int32, _ bytes: UnsafeRawBufferPointer) -> Int {
  write(descriptor, bytes.baseAddress, bytes.count)
}
