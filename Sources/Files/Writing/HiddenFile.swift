// SPDX-License-Identifier: MIT

import CLibrary

/// Files that belong to an output and lie hidden beside it, or for a folder in it: `.NAME.KIND`.
public enum HiddenFile {
  /// The hidden file of that kind which belongs to `path`, links followed: whatever name an output has
  /// been given, it is the same.
  public static func path(_ kind: String, of path: String) -> String {
    let place = FilePlace(path)
    let (folder, name) = place.parts
    if place.kind == .folder { return "\(place.path)/.\(kind)" }
    return "\(folder)/\(start(name, ending: kind))\(kind)"
  }

  /// Makes a hidden file of that kind which nobody else has.
  ///
  /// - Parameter place: what it belongs to.
  /// - Returns: its descriptor, open for reading and writing, and its path.
  static func make(
    _ kind: String, beside place: FilePlace
  ) throws(FileError) -> (descriptor: Int32, path: String) {
    let (folder, name) = place.parts
    for _ in 0..<100 {
      let tag = String(UInt32.random(in: .min ... .max), radix: 36)
      let ending = "\(tag).\(kind)"
      let candidate = "\(folder)/\(start(name, ending: ending))\(ending)"
      let descriptor = FileSystem.open(candidate, O_RDWR | O_CREAT | O_EXCL)
      if descriptor >= 0 { return (descriptor, candidate) }
      if errno != EEXIST { break }
    }
    throw .refused(place.path)
  }

  /// Whether `name` is that of a file which `make` may have made beside `place`.
  static func isMade(_ name: String, _ kind: String, beside place: FilePlace) -> Bool {
    let start = start(place.parts.name, ending: "0000000.\(kind)")
    return name.hasPrefix(start) && name.hasSuffix(".\(kind)")
      && name.utf8.count > start.utf8.count + kind.utf8.count
  }

  /// `.NAME.`, cut so that no more than 255 bytes come out with `ending`; what is cut off leaves a
  /// checksum behind.
  private static func start(_ name: String, ending: String) -> String {
    let room = 255 - 2 - max(ending.utf8.count, 24)
    guard name.utf8.count > room else { return ".\(name)." }
    let sum = String(Checksum(of: Array(name.utf8)).value, radix: 36)
    var kept = Substring(name)
    while kept.utf8.count > room - sum.utf8.count - 1 { kept = kept.dropLast() }
    return ".\(kept)~\(sum)."
  }
}
