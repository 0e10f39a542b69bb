// SPDX-License-Identifier: MIT

import CLibrary

/// What a file held when it was looked at, to notice that it was changed while it was being read.
public struct FileStamp: Sendable {
  /// The file, as it was given.
  public let path: String
  /// Its name, size and checksum, as ``FileFingerprint`` describes it.
  public let fingerprint: String
  private let times: [Int]

  /// Looks at the file.
  public init(_ path: String) {
    self.path = path
    times = FileStamp.times(path)
    fingerprint = FileFingerprint.describe(path)
  }

  /// Whether the file holds something else now; pipes and devices never do.
  public var hasChanged: Bool {
    guard FilePlace(path).kind != .stream else { return false }
    // Reading it again is only worth while if it was touched.
    return FileStamp.times(path) != times && FileFingerprint.describe(path) != fingerprint
  }

  private static func times(_ path: String) -> [Int] {
    guard let status = FileSystem.status(path) else { return [] }
    #if canImport(Darwin)
      let time = status.st_mtimespec
    #else
      let time = status.st_mtim
    #endif
    return [Int(status.st_ino), Int(status.st_size), time.tv_sec, time.tv_nsec]
  }
}
