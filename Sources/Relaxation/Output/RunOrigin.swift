// SPDX-License-Identifier: MIT

/// Who made a run, when and where: what a page says of it, and no setting that decides results.
public struct RunOrigin: Hashable, Sendable {
  /// The version of relax.
  public var version: String
  /// When the process began: `2026-11-30 20:41:48 UTC`.
  public var date: String
  /// The processor, and how many of them there are.
  public var machine: String
  /// The command as it was typed, quoted for a shell.
  public var command: String

  /// An origin of what the caller does.
  public init(version: String, date: String, machine: String, command: String) {
    (self.version, self.date) = (version, date)
    (self.machine, self.command) = (machine, command)
  }
}
