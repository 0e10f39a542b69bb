// SPDX-License-Identifier: MIT

import RelaxNumerics

/// Hidden files of this process that mean nothing without it: outputs that have not taken their name,
/// and locks.
///
/// Whoever ends the process before its time removes them first; a kill leaves them to the next run.
public enum UnfinishedFiles {
  private static let paths = Guarded<Set<String>>([])

  /// Makes such a file by `make`, which gives its path; in one step, as far as `removeAll` can see.
  package static func making<Made>(
    _ make: () -> Result<(path: String, made: Made), FileError>
  ) throws(FileError) -> Made {
    try paths.withLock { paths in
      make().map { file in
        paths.insert(file.path)
        return file.made
      }
    }.get()
  }

  /// One that was there before belongs to this process from now on.
  static func remember(_ path: String) { paths.withLock { _ = $0.insert(path) } }

  /// Whether it is one of them still.
  static func isKnown(_ path: String) -> Bool { paths.withLock { $0.contains(path) } }

  /// It has taken its name, or is needed after the end of the process.
  package static func forget(_ path: String) { paths.withLock { _ = $0.remove(path) } }

  /// Removes all of them and then calls `end`, which must end the process: until then none can be made.
  public static func removeAll(andThen end: () -> Void) {
    paths.withLock { paths in
      for path in paths { FileSystem.unlink(path) }
      end()
    }
  }
}
