// SPDX-License-Identifier: MIT

import RelaxNumerics
import Reporting
import Training

/// Shows how a training gets on: evaluations as lines that stay, and where it is between them.
final class TrainingProgress: Sendable {
  private struct State {
    var framesRead = 0
    /// Steps that had been taken when this run began, and when that was.
    var begin: (step: Int, time: ContinuousClock.Instant)?
    var step = 0
    var loss: Double?
    var error: Double?
  }

  private let state: Guarded<State>
  private let display: ProgressDisplay

  init(quiet: Bool, settings: TrainingSettings) {
    let state = Guarded(State())
    self.state = state
    display = ProgressDisplay(.standardError(quiet: quiet)) {
      TrainingProgress.line(state.withLock { $0 }, settings)
    }
  }

  func receive(_ event: TrainingEvent) {
    switch event {
    case .reading(let frames):
      state.withLock { $0.framesRead = frames }
    case .caution(let sentence):
      display.say("relax: warning: \(sentence)")
    case .started(let data, let step):
      state.withLock { ($0.begin, $0.step) = ((step, ContinuousClock.now), step) }
      display.say(
        TrainingProgress.description(of: data) + (step > 0 ? "; goes on at step \(step)" : ""))
    case .step(let step, let loss, _):
      state.withLock { ($0.step, $0.loss) = (step, loss) }
    case .metrics(let line, let timing):
      guard !line.validation.isEmpty else { return }
      state.withLock { $0.error = line.validation[0].forceError }
      let forces = line.validation
        .map { "\($0.name) \(Decimals.fixed($0.forceError, 5))" }.joined(separator: ", ")
      let energies = line.validation
        .compactMap { set in set.energyError.map { "\(set.name) \(Decimals.fixed($0, 4))" } }
        .joined(separator: ", ")
      display.say(
        "step \(line.step): loss \(Decimals.fixed(line.loss, 5)), force MAE \(forces) eV/Å, "
          + (energies.isEmpty ? "" : "energy MAE \(energies) eV, ")
          + "\(Decimals.fixed(timing.framesPerSecond, 1)) frames/s")
    }
    display.refresh()
  }

  func end() { display.end() }

  private static func description(of data: TrainingData) -> String {
    let megabytes = Decimals.fixed(Double(data.frames.bytes) / 1e6, 1)
    let sets = data.validation.map { "\($0.name) \($0.frames.count)" }.joined(separator: ", ")
    return "\(data.frames.count) frames to learn from (\(data.frames.atoms) atoms, \(megabytes) MB)"
      + (sets.isEmpty ? "" : "; to judge by: \(sets)")
  }

  private static func line(_ state: State, _ settings: TrainingSettings) -> ProgressLine {
    guard let begin = state.begin else {
      return ProgressLine(done: state.framesRead, of: nil, "frames read", seconds: 0)
    }
    let seconds = (ContinuousClock.now - begin.time) / .seconds(1)
    var line = ProgressLine(
      done: state.step, of: settings.steps, "steps", seconds: seconds, doneBefore: begin.step)
    if let loss = state.loss { line.notes.append("loss \(Decimals.fixed(loss, 4))") }
    if let error = state.error { line.notes.append("MAE \(Decimals.fixed(error, 4))") }
    if let rate = line.rate {
      line.notes.append("\(Decimals.fixed(rate * Double(settings.batchSize), 0)) frames/s")
    }
    return line
  }
}
