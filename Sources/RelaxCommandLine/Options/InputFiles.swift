// SPDX-License-Identifier: MIT

import CLibrary
import Files
import RelaxNumerics
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
      do throws(FileError) {
        let collection = try FrameCollection(path: path)
        files += collection.chunks.map(\.frames)
        warn(of: collection)
      } catch {
        throw CommandFailure(.noInput, error.description)
      }
    }
    try requireReadable(files)
    return files
  }

  /// Warns of files that a folder's reading passes over, once a command: some look at their inputs twice.
  private static func warn(of collection: FrameCollection) {
    guard warned.withLock({ $0.insert(collection.path).inserted }) else { return }
    for warning in collection.warnings { Console.warn(warning.description) }
  }

  private static let warned = Guarded<Set<String>>([])

  /// Refuses a selection that leaves nothing.
  static func requireSome(_ count: Int, of filters: [FrameFilter], in paths: [String]) throws {
    guard count == 0 && !filters.isEmpty else { return }
    let wanted = filters.map(\.description).joined(separator: " and ")
    throw CommandFailure(.badData, "no frame of \(paths.joined(separator: ", ")) has \(wanted)")
  }
}
