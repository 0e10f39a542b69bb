// SPDX-License-Identifier: MIT

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
