// SPDX-License-Identifier: MIT

import Files
import RelaxNumerics
import StructureFiles

/// The manifest of a shard of an evaluation: what came of each frame, to the last bit, so that sums over
/// all frames come out as without shards.
///
/// ```
/// score  provider  energies  rotations  seed  limit  (number of splits)  selection…
/// split  name  path  files
/// scored  (what was added up)  (how many true components along x, y and z)
/// x  (true components along x, some thousand a line)
/// held
/// failed  id  frame  reason
/// read  (frames taken of the split)
/// warning  (what is to be known of a file)
/// energies  (what they are)
/// ```
public final class EvaluationManifest {
  /// The command that it is of.
  public static let kind = "evaluate"

  private let manifest: ShardManifestWriter

  /// Begins the manifest of a shard whose output is `output`.
  ///
  /// - Parameters:
  ///   - score: the score of the shard, of which no split is known.
  ///   - splits: how many there will be.
  ///   - settings: those of ``SplitJudge/recordedSettings(of:)``.
  /// - Throws: as `OutputFile`.
  public init(
    _ shard: Shard, of output: String, score: EvaluationScore, splits: Int,
    settings: [RecordedSetting]
  ) throws(FileError) {
    manifest = try ShardManifestWriter(
      kind: EvaluationManifest.kind, shard, of: output, settings: settings)
    func text(_ number: Int?) -> String { number.map { "\($0)" } ?? "" }
    try manifest.line(
      [
        "score", score.provider, score.energies.rawValue, text(score.rotations?.count),
        text(score.rotations?.seed), text(score.limit), "\(splits)",
      ] + score.selection)
  }

  /// Begins a split.
  func begin(_ split: SplitScore) throws(FileError) {
    try manifest.line(["split", split.name, split.path, "\(split.files)"])
  }

  /// Takes note of what came of the next frame.
  func add(_ outcome: FrameOutcome, id: String, frame: Int) throws(FileError) {
    switch outcome {
    case .withoutFreeAtoms: try manifest.line(["held"])
    case .failed(let reason): try manifest.line(["failed", id, "\(frame)", reason])
    case .scored(let errors):
      try manifest.line([
        "scored", EvaluationManifest.text(errors.numbers),
        errors.targets.map { "\($0.count)" }.joined(separator: " "),
      ])
      for (axis, values) in zip(EvaluationManifest.axes, errors.targets) {
        for start in stride(from: 0, to: values.count, by: EvaluationManifest.lineLength) {
          let end = min(start + EvaluationManifest.lineLength, values.count)
          try manifest.line([axis, EvaluationManifest.text(values[start..<end])])
        }
      }
    }
  }

  /// Ends a split.
  func end(_ split: SplitScore) throws(FileError) {
    try manifest.line(["read", "\(split.framesOfAll)"])
    for warning in split.warnings { try manifest.line(["warning"] + warning.fields) }
    for meaning in split.energyMeanings { try manifest.line(["energies", meaning]) }
  }

  /// Completes the manifest: the shard is finished.
  public func finish() throws(FileError) { try manifest.finish(outputs: [""]) }

  // MARK: - Numbers

  static let axes = ["x", "y", "z"]

  /// Numbers of a line, at most.
  private static let lineLength = 4096

  /// Numbers with blanks between them: the shortest texts that read back as the same.
  private static func text(_ values: some Collection<Double>) -> String {
    values.map { "\($0)" }.joined(separator: " ")
  }

  /// The numbers of a text; nil if it has others.
  static func numbers(_ text: String) -> [Double]? {
    let bytes = Array(text.utf8)
    var (values, start): ([Double], Int) = ([], 0)
    while start < bytes.count {
      let end = bytes[start...].firstIndex(of: 32) ?? bytes.count
      guard let value = try? NumberText.double(in: bytes, start..<end) else { return nil }
      values.append(value)
      start = end + 1
    }
    return values
  }
}

extension FrameErrors {
  /// All that was added up but the true components.
  fileprivate var numbers: [Double] {
    [largestForceError] + forces.numbers + energies.numbers + (rotations?.numbers ?? [])
  }

  /// From what `numbers` gave; nil for anything else.
  init?(numbers: [Double]) {
    guard numbers.count == 15 || numbers.count == 17,
      let forces = ForceErrors(numbers: numbers[1..<10]),
      let energies = EnergyErrors(numbers: numbers[10..<15])
    else { return nil }
    (largestForceError, self.forces, self.energies) = (numbers[0], forces, energies)
    guard numbers.count == 17 else { return }
    guard let rotations = RotationInstability(numbers: numbers[15...]) else { return nil }
    self.rotations = rotations
  }
}

extension SplitJudge {
  /// What decides the score, for those who compare two works.
  ///
  /// - Parameter files: those of each set, as they were found.
  public func recordedSettings(of files: [[FileStamp]]) -> [RecordedSetting] {
    [
      RecordedSetting("kernels", KernelSet.preferred.name),
      RecordedSetting("provider", judge.provider.identity),
      RecordedSetting("energies", judge.energies.rawValue),
      RecordedSetting(
        "rotations", judge.rotations.map { "\($0.count), seed \($0.seed)" } ?? "none"),
      RecordedSetting("limit", limit.map { "\($0)" } ?? "none"),
      RecordedSetting("select", filters.recorded),
      RecordedSetting("unconverged", takesUnconverged ? "taken" : "left out"),
    ]
      + files.enumerated().flatMap { split, stamps in
        stamps.enumerated().map {
          RecordedSetting("split \(split + 1) file \($0.offset + 1)", $0.element.fingerprint)
        }
      }
  }
}
