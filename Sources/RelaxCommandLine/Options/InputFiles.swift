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
          .noInput, "cannot read \(PathText.shown(path)): \(String(cString: strerror(errno)))")
      }
      guard status.st_mode & S_IFMT != S_IFDIR else {
        throw CommandFailure(
          .noInput, "cannot read \(PathText.shown(path)): it is a folder, not a file")
      }
    }
  }

  /// Refuses two outputs with one name, and an output that is also an input.
  static func requireDistinct(outputs: [String], inputs: [String]) throws {
    var seen: Set<String> = []
    for path in outputs {
      guard let identity = identity(path) else { continue }
      guard seen.insert(identity).inserted else {
        throw CommandFailure(.usage, "two outputs have the same name, \(path)")
      }
    }
    for input in inputs {
      guard let identity = identity(input), seen.contains(identity) else { continue }
      throw CommandFailure(.usage, "\(input) is an input and would be overwritten by an output")
    }
  }

  /// Refuses a selection that leaves nothing.
  static func requireSome(_ count: Int, of filters: [FrameFilter], in paths: [String]) throws {
    guard count == 0 && !filters.isEmpty else { return }
    let wanted = filters.map(\.description).joined(separator: " and ")
    throw CommandFailure(.badData, "no frame of \(paths.joined(separator: ", ")) has \(wanted)")
  }

  /// Equal for two names of one file, there already or to come; nil for pipes and devices.
  private static func identity(_ path: String) -> String? {
    guard path != "-" else { return nil }
    if let status = FileSystem.status(path) {
      return status.st_mode & S_IFMT == S_IFREG ? "\(status.st_dev) \(status.st_ino)" : nil
    }
    let parts = path.split(separator: "/", omittingEmptySubsequences: false)
    let folder = parts.dropLast().joined(separator: "/")
    let base = folder.isEmpty ? (path.hasPrefix("/") ? "/" : ".") : folder
    guard let status = FileSystem.status(base) else { return path }
    return "\(status.st_dev) \(status.st_ino) \(parts.last ?? "")"
  }
}
