// SPDX-License-Identifier: MIT

/// Says what a file holds, so that a run is resumed with the files it began with.
public enum FileFingerprint {
  /// The file's name, size and the checksum of its bytes; for pipes and devices the path alone.
  public static func describe(_ path: String) -> String {
    let name = FileName(path).last
    guard FilePlace(path).kind != .stream, let found = Checksum.ofFile(path) else {
      return name
    }
    return "\(name), \(found.bytes) bytes, checksum \(found.checksum.text)"
  }
}
