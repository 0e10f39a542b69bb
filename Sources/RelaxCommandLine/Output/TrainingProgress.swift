// SPDX-License-Identifier: MIT

import RelaxNumerics
import Reporting
import Training

/// Shows how a training gets on: a line that changes where a person watches, evaluations there and
/// in logs.
final class TrainingProgress: Sendable {
  private struct State {
    /// Steps that had been taken when this run began, and when that was.
    var begin: (step: Int, time: ContinuousClock.Instant)?
    var error: Double?
    var lastDrawn: ContinuousClock.Instant?
  }

  private let state = Guarded(State())
  private let settings: TrainingSettings
  private let isQuiet: Bool
  private let showsLine: Bool

  init(quiet: Bool, settings: TrainingSettings) {
    (isQuiet, self.settings) = (quiet, settings)
    showsLine = !quiet && Console.isInteractive
  }

  func receive(_ event: TrainingEvent) {
    switch event {
    case .reading(let frames):
      redraw { _ in "\(frames) frames read" }
    case .caution(let sentence):
      guard !isQuiet else { return }
      if showsLine { Console.redraw("") }
      Console.warn(sentence)
    case .started(let data, let step):
      state.withLock { $0.begin = (step, ContinuousClock().now) }
      say(TrainingProgress.description(of: data) + (step > 0 ? "; goes on at step \(step)" : ""))
    case .step(let step, let loss, _):
      redraw { state in self.line(step: step, loss: loss, state) }
    case .metrics(let line, let timing):
      guard !line.validation.isEmpty else { return }
      state.withLock { $0.error = line.validation[0].forceError }
      let forces = line.validation
        .map { "\($0.name) \(Decimals.fixed($0.forceError, 5))" }.joined(separator: ", ")
      let energies = line.validation
        .compactMap { set in set.energyError.map { "\(set.name) \(Decimals.fixed($0, 4))" } }
        .joined(separator: ", ")
      say(
        "step \(line.step): loss \(Decimals.fixed(line.loss, 5)), force MAE \(forces) eV/Å, "
          + (energies.isEmpty ? "" : "energy MAE \(energies) eV, ")
          + "\(Decimals.fixed(timing.framesPerSecond, 1)) frames/s")
    }
  }

  func end() { if showsLine { Console.redraw("") } }

  private static func description(of data: TrainingData) -> String {
    let megabytes = Decimals.fixed(Double(data.frames.bytes) / 1e6, 1)
    let sets = data.validation.map { "\($0.name) \($0.frames.count)" }.joined(separator: ", ")
    return "\(data.frames.count) frames to learn from (\(data.frames.atoms) atoms, \(megabytes) MB)"
      + (sets.isEmpty ? "" : "; to judge by: \(sets)")
  }

  private func line(step: Int, loss: Double, _ state: State) -> String {
    let (first, time) = state.begin ?? (step, ContinuousClock().now)
    let seconds = (ContinuousClock().now - time) / .seconds(1)
    let rate = Double(step - first) / max(seconds, 1e-3)
    var line = ProgressLine.text(done: step, of: settings.steps, "steps", rate: rate)
    line += ", loss \(Decimals.fixed(loss, 4))"
    if let error = state.error { line += ", MAE \(Decimals.fixed(error, 4))" }
    return line + ", \(Decimals.fixed(rate * Double(settings.batchSize), 0)) frames/s"
  }

  /// A line that stays.
  private func say(_ sentence: String) {
    guard !isQuiet else { return }
    if showsLine { Console.redraw("") }
    Console.error(sentence)
  }

  private func redraw(_ text: (State) -> String) {
    guard showsLine else { return }
    state.withLock { state in
      let now = ContinuousClock().now
      if let last = state.lastDrawn, now - last < .milliseconds(100) { return }
      state.lastDrawn = now
      Console.redraw(text(state))
    }
  }
}
