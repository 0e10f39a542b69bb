// SPDX-License-Identifier: MIT

import Files

/// A file of frames, or a folder of such files, that belong together as one set.
///
/// OC20 publishes a set as a folder of numbered chunks, `0.extxyz.xz`, `1.extxyz.xz`, …, each with
/// a `N.txt.xz` of one `FrameLabel` a frame. Chunks come in numeric order, then other files of structures
/// by name. Only a file whose name is a number has labels: notes beside a `slabs.extxyz` are none.
///
/// A folder of calculations by VASP, with others in it or not, is the `vasprun.xml` of each, or its `OUTCAR`, CONTCAR or
/// POSCAR where there is none before it, in the order of their names.
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
    let calculations = calculations(in: folder, try Folder.names(in: folder).sorted(), depth: 0)
    guard calculations.isEmpty else {
      return calculations.map { Chunk(frames: $0, labels: nil) }
    }
    let prefix = folder.hasSuffix("/") ? folder : folder + "/"
    var frames: [String: String] = [:]
    var labels: [String: String] = [:]
    for name in try Folder.names(in: folder).sorted() {
      if let stem = endings.lazy.compactMap({ stem(name, $0) }).first {
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
        "this folder holds no structures; expected files such as 0.extxyz.xz, slabs.extxyz or data.0000.lmdb, or "
          + "folders with a vasprun.xml or OUTCAR")
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

  /// Endings of files that hold sets of structures.
  private static let endings = StructureFormats.all.filter {
    !($0 is Poscar || $0 is Outcar || $0 is Vasprun)
  }
  .flatMap(\.endings).filter { $0 != "json" }

  /// Folders in folders are looked at this deep.
  private static let deepest = 3

  /// The calculations by VASP in a folder and those in it.
  private static func calculations(
    in folder: String, _ names: [String], depth: Int
  ) -> [String] {
    let prefix = folder.hasSuffix("/") ? folder : folder + "/"
    for kind in ["vasprun.xml", "OUTCAR", "CONTCAR", "POSCAR"] {
      if let name = names.first(where: { $0 == kind || $0 == kind + ".gz" || $0 == kind + ".xz" }) {
        return [prefix + name]
      }
    }
    guard depth < deepest else { return [] }
    var found: [String] = []
    for name in names where !name.hasPrefix(".") && Folder.isFolder(prefix + name) {
      // What may not be looked into holds no calculation of the user.
      guard let inner = try? Folder.names(in: prefix + name) else { continue }
      found += calculations(in: prefix + name, inner.sorted(), depth: depth + 1)
    }
    return found
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
