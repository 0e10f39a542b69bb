// SPDX-License-Identifier: MIT

import Files
import Networks
import StructureFiles

/// A setting that decides the outcome of a training, with its value in words.
struct TrainingSetting: Hashable, Sendable {
  var name: String
  var value: String

  init(_ name: String, _ value: String) { (self.name, self.value) = (name, value) }

  /// Everything that the outcome depends on, files by their contents.
  static func all(of configuration: TrainingConfiguration) -> [TrainingSetting] {
    var settings: [TrainingSetting] = []
    switch configuration.start {
    case .untrained(let architecture):
      settings.append(
        TrainingSetting(
          "model", "\(architecture.name) \(architecture.attributes.text(.oneLine))"))
    case .model(let path):
      settings.append(TrainingSetting("model.from", FileFingerprint.describe(path)))
    }
    settings += configuration.settings.named.map { TrainingSetting("training.\($0)", $1) }
    settings.append(
      TrainingSetting("data.holdout", configuration.holdout.map { "\($0)" } ?? "none"))
    let scale =
      switch configuration.forceScale {
      case .value(let scale): "\(scale)"
      case .fromData: "auto"
      case nil: "none"
      }
    settings.append(TrainingSetting("data.force_scale", scale))
    for (kind, sources) in [
      ("data.train", configuration.train), ("data.validation", configuration.validation),
    ] {
      settings.append(TrainingSetting(kind, sources.map(\.name).joined(separator: ", ")))
      for source in sources {
        settings.append(
          TrainingSetting(
            "\(kind) \(source.name)",
            "weight \(source.weight), limit \(source.limit.map { "\($0)" } ?? "none")"))
        // What cannot be looked at is refused when it is read.
        let files = (try? FrameCollection(path: source.path))?.files ?? []
        for (number, file) in files.enumerated() {
          settings.append(
            TrainingSetting(
              "\(kind) \(source.name), file \(number + 1)", FileFingerprint.describe(file)))
        }
      }
    }
    return settings
  }

  /// As a checkpoint holds them.
  static func text(of settings: [TrainingSetting]) -> String {
    JSONText.array(settings.map { JSONText([$0.name, $0.value]) }).text(.oneLine)
  }

  /// Compares those of a checkpoint with the present ones.
  static func requireEqual(
    _ began: String, _ now: [TrainingSetting]
  ) throws(TrainingError) {
    var before: [TrainingSetting] = []
    if case .array(let pairs)? = try? JSONText(parsing: began) {
      for case .array(let pair) in pairs {
        if case (.string(let name)?, .string(let value)?) = (pair.first, pair.last) {
          before.append(TrainingSetting(name, value))
        }
      }
    }
    for k in 0..<max(before.count, now.count) {
      let (old, new) = (
        k < before.count ? before[k] : nil, k < now.count ? now[k] : nil
      )
      guard old != new else { continue }
      // Where names differ, something was added or left out.
      let name = old?.name == new?.name ? old?.name : [old, new].compactMap { $0?.name }.first
      throw .differentSetting(
        name: name ?? "", began: old?.value ?? "(none)",
        now: old?.name == new?.name || old == nil ? new?.value ?? "(none)" : "(none)")
    }
  }
}
