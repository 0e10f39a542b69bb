// SPDX-License-Identifier: MIT

/// Estimates of memory as whole bytes.
enum ListedMemory {
  /// What any evaluator takes, and what was estimated, never more than there are numbers for.
  static func bytes(_ estimate: Double) -> Int { Int(min(1e18, 1e6 + max(0, estimate))) }
}
