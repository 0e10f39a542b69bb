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

  /// The files that `paths` stand for: of a folder those that it holds.
  ///
  /// - Throws: as `requireReadable`, also for a folder without structures.
  static func files(in paths: [String]) throws -> [String] {
    var files: [String] = []
    for path in paths {
      guard path != "-", Folder.isFolder(path) else {
        files.append(path)
        continue
      }
      do throws(FileError) { files += try FrameCollection(path: path).chunks.map(\.frames) } catch {
        throw CommandFailure(.noInput, error.description)
      }
    }
    try requireReadable(files)
    return files
  }

  /// Refuses a selection that leaves nothing.
  static func requireSome(_ count: Int, of filters: [FrameFilter], in paths: [String]) throws {
    guard count == 0 && !filters.isEmpty else { return }
    let wanted = filters.map(\.description).joined(separator: " and ")
    throw CommandFailure(.badData, "no frame of \(paths.joined(separator: ", ")) has \(wanted)")
  }
}
