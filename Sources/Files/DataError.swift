// SPDX-License-Identifier: MIT

/// What is wrong with contents that do not know yet which file they are from.
package struct DataError: Error, Hashable, CustomStringConvertible {
  /// How far the damage reaches.
  package let kind: FileError.Kind
  /// Path of the file, once it is known.
  package let file: String?
  /// Name of the part that is at fault, such as a tensor, if one is.
  package let part: String?
  /// What was found and what was expected.
  package let reason: String

  package init(
    _ reason: String, file: String? = nil, part: String? = nil, kind: FileError.Kind = .framing
  ) {
    (self.kind, self.file, self.part, self.reason) = (kind, file, part, reason)
  }

  /// The failure of the file itself.
  package init(explaining error: FileError) {
    self.init(error.message, file: error.file, part: error.part, kind: error.kind)
  }

  /// The same error of contents that have turned out to be from `file`.
  package func of(file: String) -> DataError {
    DataError(reason, file: self.file ?? file, part: part, kind: kind)
  }

  /// The error of `file`.
  package func error(of file: String) -> FileError {
    FileError(kind, file: self.file ?? file, part: part, reason)
  }

  /// `file: part: reason`, on one line.
  package var description: String { error(of: "data").description }

  /// Runs `body` and turns failures of the file into failures of its contents.
  package static func reading<Result>(
    _ body: () throws(FileError) -> Result
  ) throws(DataError) -> Result {
    do { return try body() } catch { throw DataError(explaining: error) }
  }
}
