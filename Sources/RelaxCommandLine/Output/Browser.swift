// SPDX-License-Identifier: MIT

import CLibrary
import Files

/// The program that shows pages: what `$BROWSER` names, else `xdg-open` (`open` on macOS) where there is a
/// screen.
struct Browser {
  /// Commands to try one after the other, each with its arguments; `%s` stands for the page.
  private let commands: [[String]]

  /// The browser of this machine, or nil if there is none to be found.
  static var found: Browser? {
    if let wanted = Environment.value("BROWSER") {
      let commands = wanted.split(separator: ":").map { command in
        command.split(separator: " ").map(String.init)
      }.filter { command in command.first.flatMap(place) != nil }
      return commands.isEmpty ? nil : Browser(commands: commands)
    }
    #if canImport(Darwin)
      return Browser(commands: [["open"]])
    #else
      // Without a screen it would start a browser in the terminal, or wait for one that never comes.
      let screens = ["DISPLAY", "WAYLAND_DISPLAY"]
      guard screens.contains(where: { Environment.value($0) != nil }), place(of: "xdg-open") != nil
      else { return nil }
      return Browser(commands: [["xdg-open"]])
    #endif
  }

  /// Opens the page at `path`, and does not wait for it to be closed.
  ///
  /// - Returns: whether a browser could be started.
  func open(_ path: String) -> Bool {
    commands.contains { command in
      let takesPlace = command.contains { $0.contains("%s") }
      let words =
        command.map {
          $0.split(separator: "%s", omittingEmptySubsequences: false).joined(separator: path)
        }
        + (takesPlace ? [] : [path])
      return Browser.start(words)
    }
  }

  /// The path of a program: as given if it holds a slash, else found on the PATH.
  private static func place(of program: String) -> String? {
    if program.contains("/") { return access(program, X_OK) == 0 ? program : nil }
    let folders = (Environment.value("PATH") ?? "").split(separator: ":")
    return folders.map { "\($0)/\(program)" }.first { access($0, X_OK) == 0 }
  }

  /// Starts a program that lives on without this process, and says nothing in its place.
  private static func start(_ words: [String]) -> Bool {
    // The shell lets go of it at once: whoever started this process waits for nothing.
    let quiet = "\"$@\" </dev/null >/dev/null 2>&1 &"
    var arguments: [UnsafeMutablePointer<CChar>?] =
      (["/bin/sh", "-c", quiet, "sh"] + words).map { strdup($0) }
    defer { for argument in arguments { free(argument) } }
    arguments.append(nil)
    var process: pid_t = 0
    guard posix_spawn(&process, "/bin/sh", nil, nil, arguments, environ) == 0 else { return false }
    var status: Int32 = 0
    while waitpid(process, &status, 0) < 0 { guard errno == EINTR else { return false } }
    return status == 0
  }
}
