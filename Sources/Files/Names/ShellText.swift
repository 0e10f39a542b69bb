// SPDX-License-Identifier: MIT

/// Words of a command as they are typed in a shell.
public enum ShellText {
  /// `word` as it is if a shell takes it so, else between single quotes.
  public static func quoted(_ word: String) -> String {
    let isPlain =
      !word.isEmpty
      && word.utf8.allSatisfy {
        switch $0 {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
          UInt8(ascii: "0")...UInt8(ascii: "9"):
          true
        default: plain.contains($0)
        }
      }
    guard !isPlain else { return word }
    return "'"
      + word.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "'\\''")
      + "'"
  }

  private static let plain = Set("@%+=:,./-_~".utf8)
}
