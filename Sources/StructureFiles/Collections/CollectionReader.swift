// SPDX-License-Identifier: MIT

import Files
import Structures

/// A frame with what is known about it beyond its file.
public struct LabelledFrame: Sendable {
  /// Which frame of the collection, counted from 0.
  public var index: Int
  /// The frame itself; a label's `sid` and `fid` are among its entries.
  public var frame: Frame
  /// The file that it is in.
  public var file: String
  /// The line of the labels that belongs to it, if there are labels.
  public var label: FrameLabel?

  /// The name for people: `random1000163 frame 4`, where a label or the frame's `fid` says which of a
  /// system it is.
  public var name: String {
    if let label { return "\(label.system) frame \(label.frame)" }
    guard case .success(let structure) = frame.content, let step = structure.attribute("fid") else {
      return frame.identifier
    }
    return "\(frame.identifier) frame \(step.unquoted)"
  }

  /// An error about the content of this frame, naming file, line and frame.
  public func error(_ message: String) -> FileError {
    FileError(
      .content, file: file, line: frame.line,
      "frame \(frame.index + 1) (\(Excerpt.name(name))) \(message)")
  }
}

/// Reads the frames of a collection one after the other, each with its label.
public final class CollectionReader {
  private var chunks: ArraySlice<FrameCollection.Chunk>
  private var reader: StructureReader?
  private var labels: FrameLabelReader?
  private var index = 0
  /// What whoever has read a file to its end should know.
  public private(set) var warnings: [FileError] = []
  /// What the energies of its files are, where their formats say so.
  public private(set) var energies: [String] = []
  private var gate: FrameGate<LabelledFrame>
  private let takesUnconverged: Bool
  /// Frames of the file at hand that were left out.
  private var unconverged = 0

  /// A reader at the beginning of `collection`; nothing is opened yet.
  ///
  /// - Parameters:
  ///   - filters: which frames are handed out.
  ///   - takesUnconverged: whether labels count whose electrons did not converge; else such frames are left out, and
  ///     `warnings` say how many.
  public init(
    _ collection: FrameCollection, selecting filters: [FrameFilter] = [],
    takesUnconverged: Bool = false
  ) {
    chunks = collection.chunks[...]
    gate = FrameGate(filters)
    self.takesUnconverged = takesUnconverged
  }

  /// The next frame that the filters accept, or nil at the end of the last chunk.
  ///
  /// - Throws: kind `framing` also where a chunk has not as many labels as frames, or a label names
  ///   another system than its frame.
  public func next() throws(FileError) -> LabelledFrame? {
    while true {
      if let reader {
        if let frame = try reader.next() {
          let labelled = try labelled(frame, in: reader.file)
          guard case .success(let structure) = labelled.frame.content else { return labelled }
          if let frame = gate.enter(labelled, structure), counts(frame) { return frame }
          continue
        }
        try requireNoMoreLabels(than: reader)
        if let frame = gate.end(), counts(frame) { return frame }
        endFile(reader)
        self.reader = nil
      }
      guard let chunk = chunks.popFirst() else { return nil }
      reader = try StructureReader(path: chunk.frames)
      if let path = chunk.labels {
        labels = try FrameLabelReader(path: path)
      } else {
        labels = nil
      }
    }
  }

  /// Whether the frame's labels count.
  private func counts(_ frame: LabelledFrame) -> Bool {
    guard !takesUnconverged, case .success(let structure) = frame.frame.content,
      structure.hasUnconvergedLabels
    else { return true }
    unconverged += 1
    return false
  }

  private func endFile(_ reader: StructureReader) {
    if let warning = reader.warning { warnings.append(warning) }
    if let meaning = reader.energies, !energies.contains(meaning) { energies.append(meaning) }
    guard unconverged > 0 else { return }
    warnings.append(.unconverged(unconverged, file: reader.file))
    unconverged = 0
  }

  private func labelled(_ frame: Frame, in file: String) throws(FileError) -> LabelledFrame {
    defer { index += 1 }
    guard let labels else {
      return LabelledFrame(index: index, frame: frame, file: file, label: nil)
    }
    guard let label = try labels.next() else {
      throw FileError(
        .framing, file: labels.file, line: max(labels.line, 1),
        "the labels end here, but \(file) has a frame \(frame.index + 1)"
          + (frame.line.map { " in line \($0)" } ?? ""))
    }
    var content = frame.content
    if case .success(var structure) = content {
      if let sid = structure.attribute("sid")?.unquoted, sid != label.system {
        throw FileError(
          .framing, file: labels.file, line: labels.line,
          "this label is of \(Excerpt.quote(label.system)), but frame \(frame.index + 1) of \(file) "
            + "has sid=\(Excerpt.quote(sid))")
      }
      for (name, text) in [("sid", label.system), ("fid", "\(label.frame)")]
      where structure.attribute(name) == nil {
        structure.attributes.append(Attribute(name: name, text: text))
      }
      content = .success(structure)
    }
    let known = Frame(
      index: frame.index, line: frame.line, identifier: label.system, content: content)
    return LabelledFrame(index: index, frame: known, file: file, label: label)
  }

  private func requireNoMoreLabels(than reader: StructureReader) throws(FileError) {
    guard let labels, try labels.next() != nil else { return }
    let frames = Excerpt.count(labels.line - 1, "frame")
    throw FileError(
      .framing, file: labels.file, line: labels.line,
      "a label without a frame: \(reader.file) ends after \(frames)")
  }
}

extension FileError {
  /// What is said of frames whose labels do not count.
  public static func unconverged(_ count: Int, file: String) -> FileError {
    FileError(
      .content, file: file,
      "\(Excerpt.count(count, "frame")) left out, of which the electrons did not converge (scf_converged=F); "
        + "--unconverged, or unconverged: true of a training set, takes them all the same")
  }

  /// What is said of references whose energies do not count.
  public static func unconvergedEnergies(_ count: Int, file: String) -> FileError {
    FileError(
      .content, file: file,
      "the energies of \(Excerpt.count(count, "structure")) do not count, since the electrons did not converge "
        + "(scf_converged=F); --unconverged takes them all the same")
  }
}
