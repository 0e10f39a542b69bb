// SPDX-License-Identifier: MIT

/// The last component of a path, taken apart at its dots.
///
/// `slabs.extxyz.gz` has the stem `slabs`, the kind `extxyz` and the packing `gz`. A dot at the very
/// beginning hides a file and ends no stem.
public struct FileName: Hashable, Sendable {
  /// The name with all its endings.
  public let last: String
  /// The name without the ending of its kind and that of its packing.
  public let stem: String
  /// The ending before that of the packing, in small letters; nil if there is none.
  public let kind: String?
  /// The ending that stands for a compression, in small letters; nil if there is none.
  public let packing: String?

  /// Takes the last component of `path` apart.
  public init(_ path: String) {
    last = path.split(separator: "/").last.map(String.init) ?? path
    var rest = last
    if let (before, ending) = FileName.cut(rest), FileName.packings.contains(ending) {
      (rest, packing) = (before, ending)
    } else {
      packing = nil
    }
    if let (before, ending) = FileName.cut(rest) {
      (stem, kind) = (before, ending)
    } else {
      (stem, kind) = (rest, nil)
    }
  }

  /// The very last ending, in small letters, be it of the packing or the kind.
  public var ending: String? { packing ?? kind }

  /// What follows the stem, with its dots, as written.
  public var endings: String { String(Substring(last.utf8.dropFirst(stem.utf8.count))) }

  /// Endings of compressions and archives of a single file, known or not.
  private static let packings: Set<String> = [
    "gz", "xz", "bz2", "zst", "zstd", "lzma", "lz4", "zip", "z", "7z", "br",
  ]

  private static func cut(_ name: String) -> (before: String, ending: String)? {
    guard let dot = name.lastIndex(of: "."), dot > name.startIndex else { return nil }
    return (String(name[..<dot]), name[name.index(after: dot)...].lowercased())
  }
}
