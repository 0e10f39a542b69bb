// SPDX-License-Identifier: MIT

/// How locks are taken, and how long somebody who gives no sign of life is waited for.
struct LockRules: Sendable {
  /// Whether the system is asked for locks; without them everything depends on what the lock files say.
  var usesSystemLocks = true
  /// Where this process says that it runs.
  var machine = Machine.own
  /// A living process writes to its locks this often.
  var beat = Duration.seconds(10)
  /// A process of another machine whose lock file stayed as it was so long, by the clock of the file
  /// system or while we looked, is dead.
  var patience = Duration.seconds(60)
  /// Nobody is believed dead by clocks alone: so long a lock file is looked at in any case.
  var watch = Duration.seconds(15)
  /// Who has replaced the lock of a dead process waits so long, to see whether somebody else did.
  var settling = Duration.seconds(1)
  /// Time between two looks.
  var pause = Duration.milliseconds(500)
  /// So long it is tried again to get a lock that somebody has: it may be a mere look at who has it.
  var insisting = Duration.milliseconds(100)
  /// Called while another machine's process is waited for, with what is known of it; false ends that.
  var whileWaiting: @Sendable (OutputHolder) -> Bool = { _ in true }
}
