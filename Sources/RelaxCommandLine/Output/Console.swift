// SPDX-License-Identifier: MIT

import CLibrary
import Forces
import StructureFiles

/// Standard output for results, standard error for everything else.
enum Console {
  /// A reader that goes away, or a limit on the size of files, is an error of our write, not the end of
  /// the process.
  static func prepare() {
    signal(SIGPIPE, SIG_IGN)
    signal(SIGXFSZ, SIG_IGN)
  }

  /// Whether a person watches standard error.
  static var isInteractive: Bool { isatty(2) == 1 }

  /// Columns of the terminal, which may change at any time; 80 where it does not say.
  static var columns: Int {
    var size = winsize()
    guard ioctl(2, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return 80 }
    return Int(size.ws_col)
  }

  /// Writes a result.
  ///
  /// - Throws: a `CommandFailure` if standard output is closed or full.
  static func result(_ text: String) throws {
    guard write(text, to: 1) else {
      throw CommandFailure(
        .cannotWrite, "cannot write to standard output: \(String(cString: strerror(errno)))")
    }
  }

  /// Writes a line about the course of things; nobody to read it is no error.
  static func error(_ line: String) { _ = write(line + "\n", to: 2) }

  /// Writes a line about what a user should know though nothing is wrong.
  static func warn(_ sentence: String) { error("relax: warning: \(sentence)") }

  /// Warns of what a provider says about itself.
  static func warn(about provider: any ForceProvider) {
    for caution in provider.cautions { warn(caution) }
  }

  /// Warns of what is to be known of a file that was read to its end.
  static func warn(about reader: StructureReader) {
    if let warning = reader.warning { warn(warning.description) }
  }

  /// Redraws the line that the cursor is on.
  static func redraw(_ line: String) { _ = write("\r\u{1B}[K" + line, to: 2) }

  private static func write(_ text: String, to descriptor: Int32) -> Bool {
    var rest = Array(text.utf8)[...]
    while !rest.isEmpty {
      let written = rest.withUnsafeBytes {
        #if canImport(Glibc)
          Glibc.write(descriptor, $0.baseAddress, $0.count)
        #elseif canImport(Musl)
          Musl.write(descriptor, $0.baseAddress, $0.count)
        #else
          Darwin.write(descriptor, $0.baseAddress, $0.count)
        #endif
      }
      if written < 0 && errno == EINTR { continue }
      guard written > 0 else { return false }
      rest = rest.dropFirst(written)
    }
    return true
  }
}
