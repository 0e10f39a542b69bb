// SPDX-License-Identifier: MIT

import Files
import Networks
import StructureFiles

extension TrainingConfiguration {
  /// Everything that the outcome of a training depends on, files by their contents.
  var recorded: [RecordedSetting] {
    var settings: [RecordedSetting] = []
    switch start {
    case .untrained(let architecture):
      settings.append(
        RecordedSetting(
          "model", "\(architecture.name) \(architecture.attributes.text(.oneLine))"))
    case .model(let path, let angles):
      settings.append(RecordedSetting("model.from", FileFingerprint.describe(path)))
      if let angles { settings.append(RecordedSetting("model.angles", angles.rawValue)) }
    }
    settings.append(RecordedSetting("kernels", self.settings.kernels.name))
    settings += self.settings.named.map { RecordedSetting("training.\($0)", $1) }
    settings.append(
      RecordedSetting("data.holdout", holdout.map { "\($0)" } ?? "none"))
    let scale =
      switch forceScale {
      case .value(let scale): "\(scale)"
      case .fromData: "auto"
      case nil: "none"
      }
    settings.append(RecordedSetting("data.force_scale", scale))
    settings += ofEnergies
    for (kind, sources) in [
      ("data.train", train), ("data.validation", validation),
    ] {
      settings.append(RecordedSetting(kind, sources.map(\.name).joined(separator: ", ")))
      for source in sources {
        settings.append(
          RecordedSetting(
            "\(kind) \(source.name)",
            "weight \(source.weight), limit \(source.limit.map { "\($0)" } ?? "none")"
              + (source.filters.isEmpty ? "" : ", select \(source.filters.recorded)")
              + (source.takesUnconverged ? ", unconverged" : "")))
        // What cannot be looked at is refused when it is read.
        let files = (try? FrameCollection(path: source.path))?.files ?? []
        for (number, file) in files.enumerated() {
          settings.append(
            RecordedSetting(
              "\(kind) \(source.name), file \(number + 1)", FileFingerprint.describe(file)))
        }
      }
    }
    return settings
  }

  /// What is said of energies; nothing where nothing is said.
  private var ofEnergies: [RecordedSetting] {
    let shift: String? =
      switch energyShift {
      case .value(let shift): "\(shift)"
      case .fromData: "auto"
      case nil: nil
      }
    let scale: String? =
      switch energyScale {
      case .value(let scale): "\(scale)"
      case .fromData: "auto"
      case nil: nil
      }
    return [
      ("energy_shift", shift), ("energy_scale", scale), ("energies", energies?.rawValue),
    ].compactMap { name, value in value.map { RecordedSetting("data.\(name)", $0) } }
  }
}

extension [RecordedSetting] {
  /// As a checkpoint holds them.
  var json: String { JSONText.array(map { JSONText([$0.name, $0.value]) }).text(.oneLine) }

  /// What a checkpoint holds; empty if it is none of it.
  init(json: String) {
    self = []
    guard case .array(let pairs)? = try? JSONText(parsing: json) else { return }
    for case .array(let pair) in pairs {
      if case (.string(let name)?, .string(let value)?) = (pair.first, pair.last) {
        append(RecordedSetting(name, value))
      }
    }
  }
}
