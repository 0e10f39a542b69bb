// SPDX-License-Identifier: MIT

import Files

extension DifferentSetting {
  /// Why a run of `inputs` cannot go on, and what to do, in the words of the command line.
  func refusal(inputs: [String]) -> CommandFailure {
    if let words = changedInput(inputs) {
      return CommandFailure(
        .usage,
        "cannot resume: \(words)\na run of changed inputs is a new one: give it another -o, or --overwrite to start "
          + "again")
    }
    return CommandFailure(
      .usage,
      "\(addedOrLeftOut ?? description)\ngive what the run began with to go on, or --overwrite to start again"
    )
  }

  /// Which input is another; nil if none is.
  private func changedInput(_ inputs: [String]) -> String? {
    guard name.hasPrefix("input "), let number = Int(name.dropFirst(6)) else { return nil }
    guard now != DifferentSetting.nothing, inputs.indices.contains(number - 1) else {
      return "the run began with more inputs; of the next one it is said: \(began)"
    }
    let path = PathText.shown(inputs[number - 1])
    guard began != DifferentSetting.nothing else {
      return "the run began with \(Excerpt.count(number - 1, "input")), and \(path) is one more"
    }
    let (old, new) = (FingerprintParts(began), FingerprintParts(now))
    if old.name != new.name {
      return "input \(number) is \(path) now, and was a file called \(old.name) when the run began"
    }
    return "\(path) is not what it was when the run began (\(old.size) then, \(new.size) now)"
  }

  /// Of an option that is new or missing: its name, for its value would tell nothing.
  private var addedOrLeftOut: String? {
    // What a trajectory holds differs before its file does.
    let option =
      name == "frames" && [began, now].contains("none") ? "--trajectory" : options[name]
    guard let option else { return nil }
    let absent = ["", "none", DifferentSetting.nothing]
    switch (absent.contains(began), absent.contains(now)) {
    case (true, false): return "cannot resume: the \(what) began without \(option)"
    case (false, true):
      return "cannot resume: the \(what) began with \(option)"
        + (name == "frames" ? "" : " \(began)") + ", which is missing now"
    default: return nil
    }
  }

  private var options: [String: String] {
    [
      "trajectory": "--trajectory", "summary": "--summary", "select": "--select",
      "shard": "--shard",
    ]
  }

  /// What stands for a setting that is not there.
  private static let nothing = "(none)"
}

/// A file's fingerprint, taken apart: `POSCAR, 1296 bytes, checksum …`.
private struct FingerprintParts {
  var name: String
  var size: String

  init(_ fingerprint: String) {
    // Names may hold commas.
    var parts = fingerprint.split(separator: ", ").map(String.init)
    if parts.count > 2 { parts.removeLast() }
    size = parts.count > 1 ? parts.removeLast() : "something else"
    name = parts.joined(separator: ", ")
  }
}
