// SPDX-License-Identifier: MIT

import Files

/// A file of frames, or a folder of such files, that belong together as one set.
///
/// OC20 publishes a set as a folder of numbered chunks, `0.extxyz.xz`, `1.extxyz.xz`, …, each with
/// a `N.txt.xz` of one `FrameLabel` a frame. Chunks come in numeric order, then other extended-XYZ
/// files by name. Only a file whose name is a number has labels: notes beside a `slabs.extxyz` are
/// none.
public struct FrameCollection: Hashable, Sendable {
  /// A file of frames with its labels.
  public struct Chunk: Hashable, Sendable {
    /// Path of the structures.
    public var frames: String
    /// Path of the labels, if there are any.
    public var labels: String?
  }

  /// The file or folder as it was given.
  public let path: String
  /// Its last component; of a file without extensions.
  public let name: String
  /// What it consists of, in the order of reading.
  public let chunks: [Chunk]

  /// Looks at the file or folder at `path`; `-` is standard input.
  ///
  /// - Throws: kind `unreadable`, if it is missing; `framing`, if a folder holds no frames, labels
  ///   without frames, or a chunk twice (compressed and not).
  public init(path: String) throws(FileError) {
    self.path = path
    if FrameCollection.isFolder(path) {
      name = FrameCollection.folderName(path)
      chunks = try FrameCollection.chunks(of: path)
    } else {
      name = StructureReader.baseName(of: path == "-" ? "standard input" : path)
      chunks = [try FrameCollection.chunk(path, named: name)]
    }
  }

  /// All files it consists of, labels included.
  public var files: [String] { chunks.flatMap { [$0.frames] + ($0.labels.map { [$0] } ?? []) } }

  /// A name for each of `collections`: its own, or its path where several have the same name.
  ///
  /// Names are equal only if paths are.
  public static func distinctNames(of collections: [FrameCollection]) -> [String] {
    var uses: [String: Int] = [:]
    for collection in collections { uses[collection.name, default: 0] += 1 }
    return collections.map { uses[$0.name] == 1 ? $0.name : $0.path }
  }

  // MARK: - Files

  private static func chunk(
    _ path: String, named name: String
  ) throws(FileError) -> Chunk {
    guard path != "-" && number(name) != nil else { return Chunk(frames: path, labels: nil) }
    let folder = path.lastIndex(of: "/").map { String(path[...$0]) } ?? ""
    let names = try Folder.names(in: folder.isEmpty ? "." : folder)
    let labels = names.filter { stem($0, "txt") == name }
    guard labels.count < 2 else { throw twice(labels.sorted(), in: path) }
    return Chunk(frames: path, labels: labels.first.map { folder + $0 })
  }

  // MARK: - Folders

  private static func chunks(of folder: String) throws(FileError) -> [Chunk] {
    let prefix = folder.hasSuffix("/") ? folder : folder + "/"
    var frames: [String: String] = [:]
    var labels: [String: String] = [:]
    for name in try Folder.names(in: folder).sorted() {
      if let stem = stem(name, "extxyz") ?? stem(name, "xyz") {
        if let other = frames.updateValue(name, forKey: stem) {
          throw twice([other, name], in: folder)
        }
      } else if let stem = stem(name, "txt"), number(stem) != nil {
        if let other = labels.updateValue(name, forKey: stem) {
          throw twice([other, name], in: folder)
        }
      }
    }
    guard !frames.isEmpty else {
      throw FileError(
        .framing, file: folder,
        "this folder holds no structures; expected files such as 0.extxyz.xz or slabs.extxyz")
    }
    if let lonely = labels.keys.filter({ frames[$0] == nil }).sorted(by: precedes).first {
      throw FileError(
        .framing, file: prefix + (labels[lonely] ?? ""),
        "these labels have no structures; expected \(lonely).extxyz.xz beside them")
    }
    return frames.keys.sorted(by: precedes).map { stem in
      Chunk(frames: prefix + (frames[stem] ?? ""), labels: labels[stem].map { prefix + $0 })
    }
  }

  private static func twice(_ names: [String], in place: String) -> FileError {
    FileError(
      .framing, file: place,
      "\(names.joined(separator: " and ")) say the same thing twice; remove one of them")
  }

  /// The number that a name consists of, such as that of an OC20 chunk.
  private static func number(_ name: String) -> Int? {
    name.utf8.allSatisfy { (48...57).contains($0) } ? Int(name) : nil
  }

  /// Numbers by value, before anything else by name.
  private static func precedes(_ a: String, _ b: String) -> Bool {
    switch (number(a), number(b)) {
    case (let x?, let y?): x == y ? a < b : x < y
    case (_?, nil): true
    case (nil, _?): false
    case (nil, nil): a < b
    }
  }

  /// What stands before `.kind`, `.kind.gz` or `.kind.xz`; nil for other and for hidden files.
  private static func stem(_ name: String, _ kind: String) -> String? {
    guard !name.hasPrefix(".") else { return nil }
    for ending in ["", ".gz", ".xz"] where name.hasSuffix("." + kind + ending) {
      let stem = name.dropLast(kind.count + ending.count + 1)
      return stem.isEmpty ? nil : String(stem)
    }
    return nil
  }

  private static func folderName(_ path: String) -> String {
    let last = path.split(separator: "/").last.map(String.init) ?? ""
    guard ["", ".", ".."].contains(last), let resolved = FileSystem.resolved(path) else {
      return last
    }
    return resolved.split(separator: "/").last.map(String.init) ?? path
  }

  private static func isFolder(_ path: String) -> Bool {
    path != "-" && Folder.isFolder(path)
  }
}
