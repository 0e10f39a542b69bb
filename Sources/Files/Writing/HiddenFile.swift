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
    return "\(folder)/\(start(name))\(kind)"
  }

  /// The hidden file of that kind which belongs to number `number` of what `path` holds.
  package static func path(_ kind: String, of path: String, number: Int) -> String {
    let (folder, name) = FilePlace(path).parts
    return "\(folder)/\(start(name))\(UInt32(truncatingIfNeeded: number).hexadecimal).\(kind)"
  }

  /// Removes the hidden files of that kind for all numbers of what `path` holds.
  package static func removeNumbered(_ kind: String, of path: String) {
    let folder = FilePlace(path).parts.folder
    for (name, _) in numbered(kind, of: path) { FileSystem.unlink("\(folder)/\(name)") }
  }

  /// Numbers of what `path` holds that have a hidden file of that kind.
  package static func numbers(_ kind: String, of path: String) -> Set<Int> {
    Set(numbered(kind, of: path).compactMap { Int($0.tag, radix: 16) })
  }

  private static func numbered(
    _ kind: String, of path: String
  ) -> [(name: String, tag: Substring)] {
    let (folder, name) = FilePlace(path).parts
    let (start, ending) = (start(name), ".\(kind)")
    return ((try? Folder.names(in: folder)) ?? []).compactMap { name in
      guard name.hasPrefix(start), name.hasSuffix(ending) else { return nil }
      let tag = name.dropFirst(start.count).dropLast(ending.count)
      return isTag(tag) ? (name, tag) : nil
    }
  }

  /// Makes a hidden file of that kind which nobody else has: `.NAME.TAG.KIND`, with a tag of its own.
  ///
  /// - Parameter place: what it belongs to.
  /// - Returns: its descriptor, open for reading and writing and locked as long as it is open, and its
  ///   path.
  static func make(
    _ kind: String, beside place: FilePlace
  ) throws(FileError) -> (descriptor: Int32, path: String) {
    let (folder, name) = place.parts
    return try UnfinishedFiles.making {
      for _ in 0..<100 {
        let ending = "\(tag()).\(kind)"
        let candidate = "\(folder)/\(start(name))\(ending)"
        let descriptor = FileSystem.open(candidate, O_RDWR | O_CREAT | O_EXCL)
        if descriptor >= 0 {
          _ = flock(descriptor, LOCK_EX | LOCK_NB)
          return .success((candidate, (descriptor, candidate)))
        }
        if errno != EEXIST { break }
      }
      return .failure(.refused(place.path))
    }
  }

  /// Removes the files of that kind beside `place` which `make` made and which no living process has
  /// open; where the file system has no locks none can be told from those in use, and all stay.
  static func removeAbandoned(_ kind: String, beside place: FilePlace) {
    let (folder, output) = place.parts
    let (start, ending) = (start(output), ".\(kind)")
    for name in (try? Folder.names(in: folder)) ?? [] {
      guard name.hasPrefix(start), name.hasSuffix(ending),
        isTag(name.dropFirst(start.count).dropLast(ending.count))
      else { continue }
      let path = "\(folder)/\(name)"
      let descriptor = FileSystem.open(path, O_RDWR | O_NOFOLLOW)
      guard descriptor >= 0 else { continue }
      if flock(descriptor, LOCK_EX | LOCK_NB) == 0 { FileSystem.unlink(path) }
      close(descriptor)
    }
  }

  /// Whether `path` is a name that hidden files of the output `output` have, links followed.
  package static func isName(_ path: String, of output: String) -> Bool {
    let (file, output) = (FilePlace(path).parts, FilePlace(output).parts)
    guard FilePlace(file.folder).identity == FilePlace(output.folder).identity,
      file.name.hasPrefix(start(output.name))
    else { return false }
    let rest = file.name.dropFirst(start(output.name).count).split(
      separator: ".", omittingEmptySubsequences: false)
    return rest.count <= 2 && kinds.contains(String(rest.last ?? ""))
      && (rest.count < 2 || isTag(rest[0]))
  }

  /// The kinds that there are: locks, journals, files that are not complete, spools, evaluations that are kept, what
  /// workers are at, and manifests of shards.
  private static let kinds: Set = [
    "lock", "journal", "partial", "ahead", "evaluations", "working", "shard",
  ]

  /// Eight hexadecimal digits.
  private static func tag() -> String { UInt32.random(in: .min ... .max).hexadecimal }

  private static func isTag(_ text: Substring) -> Bool {
    text.utf8.count == 8 && text.allSatisfy { $0.isHexDigit && !$0.isUppercase }
  }

  /// `.NAME.`, cut so that no more than 255 bytes come out with the rest; what is cut off leaves a
  /// checksum behind.
  private static func start(_ name: String) -> String {
    let room = 255 - 2 - 24
    guard name.utf8.count > room else { return ".\(name)." }
    let sum = String(Checksum(of: Array(name.utf8)).value, radix: 36)
    var kept = Substring(name)
    while kept.utf8.count > room - sum.utf8.count - 1 { kept = kept.dropLast() }
    return ".\(kept)~\(sum)."
  }
}
