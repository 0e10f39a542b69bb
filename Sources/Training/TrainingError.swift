// SPDX-License-Identifier: MIT

/// Why a training cannot begin or go on.
public enum TrainingError: Error, Hashable, CustomStringConvertible {
  /// The configuration is wrong at a line, if it is known.
  case configuration(file: String, line: Int?, reason: String)
  /// The data cannot be learned from.
  case data(String)
  /// There are results of a training in the folder already.
  case exists(folder: String)
  /// There are files where results are to be, but no checkpoint from which a training could go on.
  case noCheckpoint(folder: String, file: String)
  /// A checkpoint is damaged or belongs to something else.
  case checkpoint(file: String, reason: String)
  /// There is no gradient of a batch, or of a network at all.
  case noGradient(step: Int?, reason: String)
  /// What came out of a step is NaN or infinite.
  case notFinite(Quantity, step: Int, checkpointStep: Int)

  /// What a step computes before weights are changed.
  public enum Quantity: String, Sendable {
    /// The loss of the batch.
    case loss = "loss is"
    /// A derivative of the loss.
    case gradient = "gradient is"
    /// A mean or variance of a batch normalisation.
    case statistics = "running statistics are"
  }

  /// What is wrong, where, and what to do.
  public var description: String {
    switch self {
    case .configuration(let file, let line, let reason):
      "\(file)\(line.map { ":\($0)" } ?? ""): \(reason)"
    case .data(let reason): reason
    case .exists(let folder):
      "\(folder) holds a training already; pass --resume to go on with it, --overwrite to start "
        + "again"
    case .noCheckpoint(let folder, let file):
      "\(folder) has no checkpoint from which a training could go on, but \(file) is there; pass "
        + "--overwrite to start again, or choose another folder with --output"
    case .checkpoint(let file, let reason):
      "\(file) \(reason); pass --overwrite to start again"
    case .noGradient(let step, let reason):
      (step.map { "step \($0): " } ?? "") + reason
    case .notFinite(let quantity, let step, let checkpointStep):
      "step \(step): the \(quantity.rawValue) not finite; the checkpoint of step \(checkpointStep) is "
        + "the last good one\nlower training.learning_rate, or set training.clip_grad_norm or "
        + "training.warmup_steps"
    }
  }
}
