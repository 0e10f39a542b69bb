// SPDX-License-Identifier: MIT

import CLibrary

/// What is wrong with a file, read or written, and where.
public struct FileError: Error, Hashable, CustomStringConvertible, Sendable {
  /// How far the damage reaches.
  public enum Kind: Hashable, Sendable {
    /// The file is missing or may not be read.
    case unreadable
    /// The file is of another kind, its compression is damaged, or its division into frames is
    /// broken; nothing after this place can be trusted.
    case framing
    /// This frame cannot be used; the next one can be read.
    case content
    /// The system refuses to write the output: a folder that is not there, a full disk, or the like.
    case unwritable
    /// The output's name asks for a format or a compression that is not written.
    case wrongName
    /// The output is there already and may not be replaced.
    case exists
    /// Another process is writing the output.
    case inUse
    /// An output is not what whoever wrote it has left.
    case inconsistent
  }

  /// How far the damage reaches.
  public let kind: Kind
  /// Path of the file as it was given.
  public let file: String
  /// Line, counted from 1, if one is meant.
  public let line: Int?
  /// Column in bytes, counted from 1, if one is meant.
  public let column: Int?
  /// Name of the part of the file that is at fault, such as a tensor, if one is.
  public let part: String?
  /// What was found and what was expected.
  public let message: String

  /// An error at a place in `file`.
  public init(
    _ kind: Kind, file: String, line: Int? = nil, column: Int? = nil, part: String? = nil,
    _ message: String
  ) {
    (self.kind, self.file, self.message) = (kind, file, message)
    (self.line, self.column, self.part) = (line, column, part)
  }

  /// `file:line:column: message`, as compilers and editors know it.
  public var description: String {
    var place = PathText.shown(file)
    if let line { place += ":\(line)" }
    if line != nil, let column { place += ":\(column)" }
    if let part {
      // `frame 3` is our word; a tensor's name is the file's.
      let words = part.split(separator: " ", omittingEmptySubsequences: false)
      let isPlace =
        words.count == 2 && Int(words[1]) != nil
        && words[0].utf8.allSatisfy { $0 >= 97 && $0 <= 122 }
      place += ": " + (isPlace ? part : Quote.name(part))
    }
    return "\(place): \(message)"
  }
}

extension FileError {
  /// Something is at `path` already.
  public static func exists(_ path: String) -> FileError {
    FileError(.exists, file: path, "the file exists; pass --overwrite to replace it")
  }

  /// A folder is where a file is to be written.
  static func folder(_ path: String) -> FileError {
    FileError(.unwritable, file: path, "this is a folder, not a file")
  }

  /// Somebody else has written to an output.
  package static func changedMeanwhile(_ path: String) -> FileError {
    FileError(
      .inconsistent, file: path,
      "another program has written to the file while the run goes on; let the run end first, and start again with "
        + "--overwrite if --resume refuses the file")
  }

  /// The system has refused to write, with `code` for its reason.
  static func refused(_ path: String, _ code: Int32 = errno) -> FileError {
    FileError(
      .unwritable, file: path,
      code == ENOENT
        ? "the folder does not exist" : FileBytes.reason(code))
  }
}
