// SPDX-License-Identifier: MIT

import Files
import RelaxNumerics

/// What OC20 publishes beside each frame of its S2EF sets: a line `sid,frameN,reference_energy`.
public struct FrameLabel: Hashable, Sendable {
  /// The system that the frame belongs to, such as `random1000163`.
  public var system: String
  /// Which frame of the system's relaxation it is, from 0.
  public var frame: Int
  /// Energy of the clean slab and the adsorbate in its gas in eV, from which adsorption energies
  /// count.
  public var referenceEnergy: Double

  /// A label of frame `frame` of `system`.
  public init(system: String, frame: Int, referenceEnergy: Double) {
    (self.system, self.frame, self.referenceEnergy) = (system, frame, referenceEnergy)
  }

  /// Whether `system` can stand in a label.
  public static func isSystem(_ system: String) -> Bool {
    !system.isEmpty && !system.utf8.contains { $0 == 10 || $0 == 13 }
  }

  /// The line, without its end.
  public var line: String { "\(system),frame\(frame),\(referenceEnergy)" }
}

/// Reads the labels of a `.txt` file one after the other; compression is recognised by content.
final class FrameLabelReader {
  let file: String
  private var scanner: LineScanner

  convenience init(path: String) throws(FileError) {
    try self.init(FileBytes(path: path), file: path)
  }

  init(_ source: some ByteSource, file: String) throws(FileError) {
    self.file = file
    scanner = LineScanner(
      try Decompression.plain(source, name: file), file: file, capacity: 1 << 14)
  }

  /// Line of the label handed out last, from 1.
  var line: Int { scanner.line }

  /// The next label, or nil at the end of the file.
  func next() throws(FileError) -> FrameLabel? {
    guard let range = try scanner.nextLine() else { return nil }
    do throws(LineDefect) {
      return try FrameLabelReader.label(scanner.bytes, range)
    } catch {
      throw FileError(
        .framing, file: file, line: line, column: error.offset.map { $0 - range.lowerBound + 1 },
        error.message)
    }
  }

  private static func label(
    _ bytes: [UInt8], _ range: Range<Int>
  ) throws(LineDefect) -> FrameLabel {
    var fields = bytes[range].split(separator: UInt8(ascii: ","), omittingEmptySubsequences: false)
    if fields.count > 3 {
      // The sid may have commas in it.
      fields = [bytes[range.lowerBound..<fields[fields.count - 3].endIndex]] + fields.suffix(2)
    }
    guard fields.count == 3, !fields[0].isEmpty else {
      throw LineDefect(
        range.lowerBound,
        "expected sid,frameN,reference_energy, found \(Excerpt.quote(bytes, range))")
    }
    if let bad = Text.firstInvalid(bytes, fields[0].indices) {
      throw LineDefect(bad, "the sid is not valid UTF-8")
    }
    let frame = try frameNumber(bytes, fields[1].indices)
    let expected = "expected a reference energy in eV"
    let energy: Double
    do throws(NumberText.Defect) {
      energy = try NumberText.double(in: bytes, fields[2].indices)
    } catch {
      throw LineDefect(
        fields[2].startIndex, NumberComplaint.real(bytes, fields[2].indices, error, expected))
    }
    guard energy.isFinite else {
      let found = Excerpt.quote(bytes, fields[2].indices)
      throw LineDefect(fields[2].startIndex, "\(found) is not finite; \(expected)")
    }
    return FrameLabel(
      system: Text.string(bytes, fields[0].indices), frame: frame, referenceEnergy: energy)
  }

  private static func frameNumber(
    _ bytes: [UInt8], _ field: Range<Int>
  ) throws(LineDefect) -> Int {
    let word = "frame".utf8
    if bytes[field].starts(with: word) {
      let digits = field.dropFirst(word.count)
      if let number = try? NumberText.integer(in: bytes, digits), number >= 0 { return number }
    }
    throw LineDefect(
      field.lowerBound,
      "\(Excerpt.quote(bytes, field)) is not a frame; expected frame0, frame1, …")
  }
}
