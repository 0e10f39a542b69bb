// SPDX-License-Identifier: MIT

import ArgumentParser

/// `--threads`, on every command that works on many structures.
struct ThreadsOption: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Structures at work at once (default: as many as keep all processors busy).", .whole))
  var threads: Int?

  func validate() throws {
    guard let threads, !(1...4096).contains(threads) else { return }
    throw ValidationError("--threads \(threads): 1 to 4096 are possible")
  }
}
