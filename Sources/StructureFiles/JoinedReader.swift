// SPDX-License-Identifier: MIT

import Files

/// Reads files of structures one behind the other.
public final class JoinedReader: FrameSource {
  private var paths: ArraySlice<String>
  private let filters: [FrameFilter]
  private let assumptions: StructureAssumptions
  private let shouldStop: (@Sendable () -> Bool)?
  private var reader: StructureReader?
  /// Path of the file that is being read.
  public private(set) var file: String
  /// What is to be known of the files that were read to their end.
  public private(set) var warnings: [FileError] = []

  /// A reader of the files at `paths`, of which nothing is opened yet.
  public init(
    paths: [String], selecting filters: [FrameFilter] = [],
    assuming assumptions: StructureAssumptions = StructureAssumptions(),
    shouldStop: (@Sendable () -> Bool)? = nil
  ) {
    self.paths = paths[...]
    (self.filters, self.assumptions, self.shouldStop) = (filters, assumptions, shouldStop)
    file = paths.first ?? ""
  }

  /// The next frame, or nil at the end of the last file.
  ///
  /// - Throws: as ``StructureReader``.
  public func next() throws(FileError) -> Frame? {
    while true {
      if let reader {
        if let frame = try reader.next() { return frame }
        if let warning = reader.warning { warnings.append(warning) }
        self.reader = nil
      }
      guard let path = paths.popFirst() else { return nil }
      file = path
      reader = try StructureReader(
        path: path, selecting: filters, assuming: assumptions, shouldStop: shouldStop)
    }
  }

  /// The first of ``warnings``.
  public var warning: FileError? { warnings.first }
}
