// SPDX-License-Identifier: MIT

import Files
import StructureFiles

/// Why a model cannot be read, written or used.
public struct ModelFileError: Error, Hashable, CustomStringConvertible, Sendable {
  /// What was asked for and failed.
  public enum Kind: Hashable, Sendable {
    /// The file is missing or may not be read.
    case unreadable
    /// The file is damaged, is of another kind, or its model is not complete.
    case content
    /// The output exists, the disk is full, or the like.
    case unwritable
  }

  /// Whether it could not be read, holds the wrong thing, or could not be written.
  public let kind: Kind
  /// Path of the file as it was given; nil for a model that is not from a file.
  public let file: String?
  /// Name of the tensor that is at fault, if one is.
  public let tensor: String?
  /// What was found and what was expected.
  public let reason: String

  /// An error of a file, of one of its tensors, or of a model in memory.
  public init(
    _ reason: String, file: String? = nil, tensor: String? = nil, kind: Kind = .content
  ) {
    (self.kind, self.file, self.tensor, self.reason) = (kind, file, tensor, reason)
  }

  /// The error that a failure of the file itself means.
  init(explaining error: FileError) {
    let kind: Kind =
      switch error.kind {
      case .unreadable: .unreadable
      case .framing, .content: .content
      case .unwritable, .wrongName, .exists, .inUse, .inconsistent: .unwritable
      }
    self.init(error.message, file: error.file, tensor: error.part, kind: kind)
  }

  /// The error that a failure of the file's contents means.
  init(explaining error: DataError) {
    self.init(
      error.reason, file: error.file, tensor: error.part,
      kind: error.kind == .unreadable ? .unreadable : .content)
  }

  /// The same error of a model that has turned out to be from `file`.
  func of(file: String) -> ModelFileError {
    ModelFileError(reason, file: self.file ?? file, tensor: tensor, kind: kind)
  }

  /// `file: tensor NAME: reason`, on one line.
  public var description: String {
    let place = [file.map(PathText.shown), tensor.map { "tensor \(Quote.name($0))" }].compactMap {
      $0
    }
    return (place + [reason]).joined(separator: ": ")
  }
}
