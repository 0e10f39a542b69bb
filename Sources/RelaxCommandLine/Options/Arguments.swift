// SPDX-License-Identifier: MIT

import Files

/// What the process was called with.
enum Arguments {
  /// The arguments without the name of the program.
  ///
  /// They are bytes, of which `CommandLine.arguments` repairs what is no UTF-8; as ``PathText`` they
  /// still name the files that they name.
  static var ofProcess: [String] {
    (1..<max(1, Int(CommandLine.argc))).compactMap { index in
      CommandLine.unsafeArgv[index].map { FileSystem.text($0) }
    }
  }
}
