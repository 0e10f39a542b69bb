// SPDX-License-Identifier: MIT

import Files

/// Reads the structures of a file one after the other, whatever its format.
///
/// The format is that of the content, else that of the name: see ``StructureFormats``. Compressed
/// files (`.gz`, `.xz`, also of several members) are recognised by their content. What can be read
/// wrongly is refused: see the module's README for the rules.
public final class StructureReader: FrameSource {
  /// Path of the file as messages name it.
  public var file: String { source.file }

  /// Name of the file's format, as messages call it.
  public let format: String

  /// What its energies are, where the format says more than that they are eV; nil elsewhere.
  public var energies: String? { source.energies }

  /// Whether its frames are the steps of one calculation.
  public var isCalculation: Bool { source.isCalculation }

  private let source: any FrameSource
  private let assumptions: StructureAssumptions
  private let isFiltered: Bool
  private var gate: FrameGate<Frame>

  /// Opens the file at `path`; `-` is standard input.
  ///
  /// - Parameters:
  ///   - filters: which frames are handed out; those that cannot be used are all.
  ///   - assumptions: what all structures get before the filters see them.
  ///   - shouldStop: asked, also by later calls of `next`, while a pipe lets wait; true ends the wait with an
  ///     error.
  /// - Throws: kind `unreadable`, if the file is missing or may not be read; kind `framing`, if it is
  ///   of a format that is not read.
  public convenience init(
    path: String, selecting filters: [FrameFilter] = [],
    assuming assumptions: StructureAssumptions = StructureAssumptions(),
    shouldStop: (@Sendable () -> Bool)? = nil
  ) throws(FileError) {
    let source = try FileBytes(path: path, shouldStop: shouldStop)
    try self.init(
      source, file: source.name, path: path == "-" ? nil : path, filters: filters,
      assumptions: assumptions)
  }

  /// Reads `source`, which messages call `file`, through a buffer of `capacity` bytes at first.
  init(
    _ source: some ByteSource, file: String, capacity: Int = 1 << 18, path: String? = nil,
    filters: [FrameFilter] = [], assumptions: StructureAssumptions = StructureAssumptions()
  ) throws(FileError) {
    self.assumptions = assumptions
    isFiltered = !filters.isEmpty
    gate = FrameGate(filters)
    let input = InputBlock(try Decompression.plain(source, name: file))
    var start = StructureReader.start(of: input, file: file, lines: 2)
    // Two lines are enough to know most files of our own; others take a longer look.
    if !StructureFormats.all.contains(where: { $0.recognizes(start) }) {
      start = StructureReader.start(of: input, file: file, lines: .max)
    }
    let format = try StructureFormats.recognize(start)
    self.format = format.name
    self.source = try format.frames(
      of: StructureInput(start: start, bytes: input, capacity: capacity, path: path))
  }

  /// The next frame that the filters accept, or nil at the end of the file.
  ///
  /// - Throws: kind `framing` or `unreadable`, after which there are no more frames.
  public func next() throws(FileError) -> Frame? {
    while var frame = try source.next() {
      guard case .success(var structure) = frame.content else { return frame }
      if !assumptions.isEmpty {
        do throws(DataError) { structure = try assumptions.applied(to: structure) } catch {
          frame.content = .failure(
            FileError(
              .content, file: file, line: frame.line, part: "frame \(frame.index + 1)",
              error.reason))
          return frame
        }
        frame.content = .success(structure)
      }
      if let frame = gate.enter(frame, structure) { return frame }
    }
    return gate.end()
  }

  /// Passes over the next frame; much faster than reading it, where there are no filters.
  public func skip() throws(FileError) -> Bool {
    // What they accept is not known before it is read.
    isFiltered ? try next() != nil : try source.skip()
  }

  /// What whoever reads on should know, once ``next()`` has returned nil.
  public var warning: FileError? { source.warning }

  /// The folder's name for files that VASP calls alike everywhere, else ``baseName(of:)``.
  static func folderOrBaseName(of path: String) -> String {
    let stem = FileName(path).last.uppercased()
    let names = ["POSCAR", "CONTCAR", "OUTCAR", "VASPRUN.XML"]
    guard names.contains(where: { stem == $0 || stem == $0 + ".GZ" || stem == $0 + ".XZ" }) else {
      return baseName(of: path)
    }
    let parts = path.split(separator: "/")
    if parts.count > 1, parts[parts.count - 2] != ".", parts[parts.count - 2] != ".." {
      return String(parts[parts.count - 2])
    }
    let folder = path.lastIndex(of: "/").map { String(path[...$0]) } ?? "."
    let resolved = FileSystem.resolved(folder) ?? folder
    return resolved.split(separator: "/").last.map(String.init) ?? baseName(of: path)
  }

  /// `slab` for `data/slab.extxyz.gz`: what stands for the file in ids.
  public static func baseName(of path: String) -> String {
    let name = FileName(path)
    return name.last == "standard input" ? "stdin" : name.stem
  }

  /// More bytes than this are not looked at before reading begins.
  private static let longestStart = 4096

  /// Looks at the first `lines` lines of a file.
  private static func start(of input: InputBlock, file: String, lines: Int) -> FileStart {
    var (isWhole, hasFailed) = (false, false)
    while !isWhole && !hasFailed, input.available < longestStart,
      lines == .max || input.peek(longestStart).count(where: { $0 == 10 }) < lines
    {
      do { isWhole = try !input.refill() } catch {
        // It comes again when the place is read, behind what precedes it.
        hasFailed = true
      }
    }
    var bytes = input.peek(longestStart)
    // No more than was asked for: what is seen must not depend on the pieces in which a file comes.
    var seen = 0
    let end = bytes.firstIndex { byte in
      if byte == 10 { seen += 1 }
      return seen == lines
    }
    if let end { bytes.removeSubrange((end + 1)...) }
    return FileStart(
      file: file, bytes: bytes,
      isWhole: isWhole && input.available <= longestStart && input.available == bytes.count)
  }
}
