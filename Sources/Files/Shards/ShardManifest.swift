// SPDX-License-Identifier: MIT

/// What a finished shard has left for those who make one work of all.
///
/// Settings, facts about its structures, and checksums of its outputs. It lies hidden beside the output, or in it
/// if that is a folder.
///
/// ```
/// relax-shard  1
/// kind  predict
/// shard  1/3
/// set  provider  emt-morse
/// begin
/// …                                      lines of the kind's own
/// files
/// file  (name in the folder)  bytes  checksum
/// end  (checksum of everything before)
/// ```
/// Fields have tabs between them. It is written last, and takes its name when it is complete: a shard without it is
/// not finished.
public struct ShardManifest: Sendable {
  /// The output of the shard, as it was looked for.
  public let output: String
  /// The command that made it.
  public let kind: String
  /// Which shard it is.
  public let shard: Shard
  /// What decided its results.
  public let settings: [RecordedSetting]
  /// Outputs, by their paths; none where nothing was to be written.
  public let files: [OutputFact]
  /// Where it lies, and where in it the kind's own lines stand.
  private let path: String
  private let stretch: Range<Int>

  /// What is known of an output.
  public struct OutputFact: Hashable, Sendable {
    /// Where it is.
    public var path: String
    /// Its length in bytes.
    public var bytes: Int
    /// Of all its bytes.
    public var checksum: Checksum

    /// Why it is not as it was; nil if it is.
    public var defect: String? {
      guard let found = Checksum.ofFile(path) else { return "is missing or cannot be read" }
      return found == (bytes, checksum)
        ? nil : "was changed or damaged after the shard was finished"
    }
  }

  static let signature = "relax-shard\t1"

  /// What reading one gives.
  public enum Reading: Sendable {
    /// There is none.
    case none
    /// It is there.
    case manifest(ShardManifest)
    /// It is not what was written.
    case damaged(String)
  }

  /// Where the manifest of a shard's output is.
  public static func path(of output: String) -> String { HiddenFile.path("shard", of: output) }

  /// Reads the manifest of a shard's output and checks every byte of it; outputs are not looked at.
  public static func reading(of output: String) -> Reading {
    let path = path(of: output)
    guard FilePlace(path).kind == .file else { return .none }
    do {
      guard let manifest = try ShardManifest(of: output, at: path) else {
        return .damaged("has a damaged manifest (\(PathText.shown(path)))")
      }
      return .manifest(manifest)
    } catch { return .damaged("has a manifest that cannot be read (\(error))") }
  }

  /// - Returns: nil if it is damaged.
  private init?(of output: String, at path: String) throws(FileError) {
    let length = try RandomAccessFile(path: path).length
    var reader = PieceReader(path: path, 0..<length, readers: 1)
    var sum = Checksum()
    var (head, files): ([[String]], [OutputFact]) = ([], [])
    var (begin, end, place, isWhole): (Int?, Int?, Int, Bool) = (nil, nil, 0, false)
    while !isWhole, let line = try reader.line() {
      let start = place
      place += line.count + 1
      if begin == nil || end != nil || line.elementsEqual("files".utf8) {
        let fields = TabbedLine.fields(line)
        switch (fields[0], fields.count) {
        case ("begin", 1) where begin == nil: begin = place
        case ("files", 1) where end == nil: end = start
        case ("file", 4) where end != nil:
          guard let bytes = Int(fields[2]), let checksum = Checksum(text: fields[3]) else {
            return nil
          }
          files.append(
            OutputFact(
              path: fields[1].isEmpty ? output : "\(output)/\(fields[1])", bytes: bytes,
              checksum: checksum))
        case ("end", 2) where end != nil:
          guard fields[1] == sum.text, place == length else { return nil }
          isWhole = true
        default:
          guard begin == nil else { return nil }
          head.append(fields)
        }
      }
      sum.update(Array(line) + [10])
    }
    guard isWhole, let begin, let end, head.count >= 3,
      TabbedLine.text(head[0]) == ShardManifest.signature, head[1].count == 2,
      head[1][0] == "kind", head[2].count == 2, head[2][0] == "shard", let shard = Shard(head[2][1])
    else { return nil }
    var settings: [RecordedSetting] = []
    for fields in head[3...] {
      guard fields.count == 3, fields[0] == "set" else { return nil }
      settings.append(RecordedSetting(fields[1], fields[2]))
    }
    (self.output, kind, self.shard, self.settings) = (output, head[1][1], shard, settings)
    (self.files, stretch) = (files, begin..<end)
    self.path = path
  }

  /// Its lines of the kind's own, to be read while `manifests` are.
  package func lines(amongst manifests: Int) -> ManifestLines {
    ManifestLines(PieceReader(path: path, stretch, readers: manifests))
  }
}

/// Lines of a manifest, one after the other.
package struct ManifestLines {
  private var reader: PieceReader
  /// A line that was looked at and not taken.
  private var ahead: [String]?

  init(_ reader: PieceReader) { self.reader = reader }

  /// The fields of the next line; nil behind the last one.
  package mutating func next() throws(FileError) -> [String]? {
    if let fields = ahead {
      ahead = nil
      return fields
    }
    return try reader.line().map { TabbedLine.fields($0) }
  }

  /// The fields of the next line, which stays the next.
  package mutating func peek() throws(FileError) -> [String]? {
    if ahead == nil { ahead = try next() }
    return ahead
  }

  /// That a line is not what should stand there.
  package var defect: FileError {
    FileError(
      .framing, file: reader.file, "this manifest of a shard says what it cannot say")
  }
}

/// Writes the manifest of a shard while it is made.
package final class ShardManifestWriter {
  private let file: OutputFile
  private let output: String
  private var buffer: [UInt8] = []
  private var sum = Checksum()

  /// Begins the manifest of shard `shard` of a work of that kind, whose output is `output`.
  ///
  /// What an earlier one has left is removed: from now on the shard is not finished.
  package init(
    kind: String, _ shard: Shard, of output: String, settings: [RecordedSetting]
  ) throws(FileError) {
    let path = ShardManifest.path(of: output)
    AppendFile.remove(path)
    self.output = output
    file = try OutputFile(path: path, overwrite: true)
    buffer = Array("\(ShardManifest.signature)\n".utf8)
    try line(["kind", kind])
    try line(["shard", shard.description])
    for setting in settings { try line(["set", setting.name, setting.value]) }
    try line(["begin"])
  }

  /// Adds a line of the kind's own, which does not begin with `files`.
  package func line(_ fields: [String]) throws(FileError) {
    buffer += Array(TabbedLine.text(fields).utf8) + [10]
    if buffer.count > 1 << 18 { try flush() }
  }

  private func flush() throws(FileError) {
    sum.update(buffer)
    try file.write(buffer)
    buffer.removeAll(keepingCapacity: true)
  }

  /// Completes the manifest: the shard is finished.
  ///
  /// - Parameter names: the outputs that there are, by their names in the folder, or an empty name for the
  ///   output itself.
  package func finish(outputs names: [String]) throws(FileError) {
    try line(["files"])
    for name in names {
      let path = name.isEmpty ? output : "\(output)/\(name)"
      guard let found = Checksum.ofFile(path) else {
        throw FileError(.inconsistent, file: path, "the file was removed while it was needed")
      }
      try line(["file", name, "\(found.bytes)", found.checksum.text])
    }
    try flush()
    try file.write(Array("\(TabbedLine.text(["end", sum.text]))\n".utf8))
    try file.finish()
  }
}
