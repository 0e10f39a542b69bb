// SPDX-License-Identifier: MIT

/// Says what a file holds, so that a run is resumed with the files it began with.
public enum FileFingerprint {
  /// The file's name, size and a 64-bit hash of its bytes; for pipes and devices the path alone.
  public static func describe(_ path: String) -> String {
    let name = path.split(separator: "/").last.map(String.init) ?? path
    guard !AppendFile.isSpecial(path), path != "-", let hash = FileHash.compute(path) else {
      return name
    }
    return "\(name), \(hash.bytes) bytes, hash \(String(hash.value, radix: 16))"
  }
}
