// SPDX-License-Identifier: MIT

import CLibrary

/// The end of what a program printed: it never reaches our own output, and serves as its last words.
struct OutputTail {
  /// Bytes that are kept.
  private static let kept = 8192
  /// Lines and characters that are told.
  private static let mostLines = 8, mostCharacters = 700

  private var bytes: [UInt8] = []

  /// Takes what the pipe has, without waiting.
  ///
  /// - Returns: whether more may come.
  mutating func drain(_ descriptor: Int32) -> Bool {
    var buffer = [UInt8](repeating: 0, count: 65536)
    while true {
      let count = buffer.withUnsafeMutableBytes { read(descriptor, $0.baseAddress, $0.count) }
      if count < 0 && errno == EINTR { continue }
      guard count > 0 else { return count < 0 && errno == EAGAIN }
      bytes += buffer[..<count]
      if bytes.count > OutputTail.kept { bytes.removeFirst(bytes.count - OutputTail.kept) }
    }
  }

  /// The last lines that are not empty, on one line, without control characters.
  var lastWords: String {
    let text = String(decoding: bytes, as: UTF8.self)
    let lines = text.split(whereSeparator: \.isNewline)
      .map { OutputTail.plain($0) }.filter { !$0.isEmpty }
    let told = lines.suffix(OutputTail.mostLines).joined(separator: " / ")
    return told.count > OutputTail.mostCharacters
      ? "…" + told.suffix(OutputTail.mostCharacters) : told
  }

  /// What a program says itself, on one line and not too long: its beginning and its end.
  static func told(_ text: String) -> String {
    let words = plain(text)
    guard words.count > mostCharacters else { return words }
    return words.prefix(mostCharacters / 2) + " … " + words.suffix(mostCharacters / 2)
  }

  /// Without what would move a terminal's cursor, and without spaces at the ends.
  static func plain(_ text: some StringProtocol) -> String {
    let scalars = text.unicodeScalars.map { scalar in
      scalar.properties.generalCategory == .control ? " " : String(scalar)
    }
    return scalars.joined().split(separator: " ").joined(separator: " ")
  }
}
