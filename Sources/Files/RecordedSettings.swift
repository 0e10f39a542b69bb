// SPDX-License-Identifier: MIT

/// A setting that decides what a run or a training writes, with its value in words: kept with the
/// results, so that they are only continued with equal ones.
public struct RecordedSetting: Hashable, Sendable {
  /// Name as the user knows it.
  public var name: String
  /// Value in full.
  public var value: String

  /// A setting by its name, with its value as it is written to a journal.
  public init(_ name: String, _ value: String) { (self.name, self.value) = (name, value) }

  /// What a value says of the bytes of a script, which its user may mend while a run goes on.
  public static func mark(ofScript checksum: Checksum) -> String {
    scriptMark + checksum.text + ")"
  }

  /// The same whatever scripts hold.
  package var withoutScripts: RecordedSetting {
    var parts = value.split(separator: RecordedSetting.scriptMark, omittingEmptySubsequences: false)
    // Sixteen digits and the bracket behind them.
    for place in parts.indices.dropFirst() { parts[place] = parts[place].dropFirst(17) }
    return RecordedSetting(name, parts.joined())
  }

  private static let scriptMark = " (script "
}

extension [RecordedSetting] {
  /// Compares with the settings of an earlier run.
  ///
  /// - Parameter what: what was begun, such as `run`.
  public func requireEqual(
    to began: [RecordedSetting], of what: String
  ) throws(DifferentSetting) {
    for place in 0..<Swift.max(began.count, count) {
      let old = place < began.count ? began[place] : nil
      let new = place < count ? self[place] : nil
      guard old != new else { continue }
      // Where names differ, something was added or left out.
      let isAdded = !began.contains { $0.name == new?.name }
      if isAdded, let new {
        throw DifferentSetting(what: what, name: new.name, began: "(none)", now: new.value)
      }
      if old?.name == new?.name {
        throw DifferentSetting(
          what: what, name: new?.name ?? "", began: old?.value ?? "(none)",
          now: new?.value ?? "(none)")
      }
      throw DifferentSetting(
        what: what, name: old?.name ?? "", began: old?.value ?? "(none)", now: "(none)")
    }
  }
}

/// Why a run or training cannot be continued: it was begun with another value of a setting.
public struct DifferentSetting: Error, Hashable, CustomStringConvertible, Sendable {
  /// What was begun, such as `run`.
  public var what: String
  /// Name of the setting.
  public var name: String
  /// Its value then.
  public var began: String
  /// Its value now.
  public var now: String

  /// The setting `name` of `what`, as it was when the work began and as it is now.
  public init(what: String, name: String, began: String, now: String) {
    (self.what, self.name, self.began, self.now) = (what, name, began, now)
  }

  /// Whether nothing but a provider's script differs.
  public var isOfScript: Bool {
    RecordedSetting(name, began).withoutScripts == RecordedSetting(name, now).withoutScripts
  }

  /// Which setting differs, and how.
  public var description: String {
    "cannot resume: the \(what) began with \(name) \(began), now it is \(now)"
  }
}
