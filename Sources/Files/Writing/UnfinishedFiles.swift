// SPDX-License-Identifier: MIT

import RelaxNumerics

/// Hidden files of this process that mean nothing without it: outputs that have not taken their name,
/// and locks.
///
/// Whoever ends the process before its time removes them first; a kill leaves them to the next run.
public enum UnfinishedFiles {
  private static let paths = Guarded<Set<String>>([])

  static func add(_ path: String) { paths.withLock { _ = $0.insert(path) } }

  /// It has taken its name, or is needed after the end of the process.
  static func forget(_ path: String) { paths.withLock { _ = $0.remove(path) } }

  /// Removes all of them; the process must end now.
  public static func removeAll() {
    paths.withLock { paths in
      for path in paths { FileSystem.unlink(path) }
      paths = []
    }
  }
}
