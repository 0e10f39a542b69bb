// SPDX-License-Identifier: MIT

import Files
import Structures

/// One structure of a file, or what is wrong with it.
public struct Frame: Sendable {
  /// Which frame of the file, counted from 0.
  public let index: Int
  /// Line in which it begins, counted from 1; nil in files that have no lines.
  public let line: Int?
  /// The structure's `sid`, else its `id`, as written; else the file's name without its extensions,
  /// `#` and the frame's index.
  public let identifier: String
  /// The structure, or an error of kind `FileError.Kind.content`.
  public internal(set) var content: Result<Structure, FileError>

  /// A frame as read.
  public init(
    index: Int, line: Int?, identifier: String, content: Result<Structure, FileError>
  ) {
    (self.index, self.line) = (index, line)
    (self.identifier, self.content) = (identifier, content)
  }

  /// The structure, or throws what is wrong with it.
  public func structure() throws(FileError) -> Structure { try content.get() }
}
