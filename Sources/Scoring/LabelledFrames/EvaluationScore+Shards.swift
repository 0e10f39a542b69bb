// SPDX-License-Identifier: MIT

import Files
import RelaxNumerics
import StructureFiles

extension EvaluationScore {
  /// Makes one score of those of shards, equal to the last bit to that of an evaluation without shards.
  ///
  /// Frames are added up anew in the order of the files. What stays in memory is what an evaluation keeps.
  ///
  /// - Parameters:
  ///   - manifests: those of the shards, by their numbers.
  ///   - output: the file that their reports are of.
  /// - Throws: `FileError`, `ShardSetError`.
  public init(merging manifests: [ShardManifest], of output: String) throws {
    var rounds = ManifestRounds(manifests, of: output)
    let head = try rounds.headers("score")[0]
    guard head.count >= 7, let energies = EnergyMeaning(rawValue: head[2]),
      let count = Int(head[6])
    else { throw EvaluationScore.defect(output) }
    provider = head[1]
    self.energies = energies
    rotations = Int(head[3]).flatMap { count in
      count < 2 ? nil : RotationInstability.Sampling(count: count, seed: Int(head[4]) ?? 0)
    }
    limit = Int(head[5])
    selection = Array(head[7...])
    splits = []
    for _ in 0..<count { splits.append(try EvaluationScore.split(&rounds, output)) }
  }

  private static func split(
    _ rounds: inout ManifestRounds, _ output: String
  ) throws -> SplitScore {
    let head = try rounds.headers("split")[0]
    guard head.count == 4, let files = Int(head[3]) else { throw defect(output) }
    var score = SplitScore(name: head[1], path: head[2], files: files)
    score.framesOfAll = try rounds.structures { _, fields, lines in
      switch (fields[0], fields.count) {
      case ("held", 1): score.add(.withoutFreeAtoms, id: "", frame: 0)
      case ("failed", 4):
        guard let frame = Int(fields[2]) else { throw lines.defect }
        score.add(.failed(fields[3]), id: fields[1], frame: frame)
      case ("scored", 3):
        guard let numbers = EvaluationManifest.numbers(fields[1]),
          var errors = FrameErrors(numbers: numbers),
          let counts = EvaluationManifest.numbers(fields[2]), counts.count == 3
        else { throw lines.defect }
        for axis in 0..<3 {
          while Double(errors.targets[axis].count) < counts[axis] {
            guard let fields = try lines.next(), fields.count == 2,
              fields[0] == EvaluationManifest.axes[axis],
              let values = EvaluationManifest.numbers(fields[1]), !values.isEmpty
            else { throw lines.defect }
            errors.targets[axis] += values
          }
        }
        score.add(.scored(errors), id: "", frame: 0)
      default: throw lines.defect
      }
    }
    score.finish()
    for fields in try rounds.common(["warning", "energies"]) {
      if let warning = FileError(fields: fields[1...]) {
        score.warnings.append(warning)
      } else if fields.count == 2 {
        score.energyMeanings.append(fields[1])
      }
    }
    return score
  }

  private static func defect(_ output: String) -> FileError {
    FileError(
      .framing, file: output, "the manifests of its shards are not what relax evaluate writes")
  }
}
