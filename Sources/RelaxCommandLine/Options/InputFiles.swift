// SPDX-License-Identifier: MIT

import CLibrary
import Files
import StructureFiles

/// Checks of paths that are made before any work is.
enum InputFiles {
  /// Refuses inputs that are missing, folders, or may not be read.
  static func requireReadable(_ paths: [String]) throws {
    for path in paths where path != "-" {
      guard let status = FileSystem.status(path), FileSystem.isReadable(path) else {
        throw CommandFailure(
          .noInput,
          "\(PathText.shown(path)): \(FileBytes.openingReason(errno))" + Arguments.commandHint(path)
        )
      }
      guard status.st_mode & S_IFMT != S_IFDIR else {
        throw CommandFailure(
          .noInput, "\(PathText.shown(path)): this is a folder, not a file")
      }
    }
  }

  /// Refuses a selection that leaves nothing.
  static func requireSome(_ count: Int, of filters: [FrameFilter], in paths: [String]) throws {
    guard count == 0 && !filters.isEmpty else { return }
    let wanted = filters.map(\.description).joined(separator: " and ")
    throw CommandFailure(.badData, "no frame of \(paths.joined(separator: ", ")) has \(wanted)")
  }
}
