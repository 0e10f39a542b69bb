// SPDX-License-Identifier: MIT

import Foundation
import RelaxNumerics

private let selection = NSLock()

/// Calls `body` with every kernel set of this processor selected in turn.
///
/// What was selected before is selected again at the end. Tests run side by side: one at a time gets to choose.
public func onEveryKernelSet(_ body: (KernelSet) throws -> Void) rethrows {
  selection.lock()
  let before = KernelSet.selected
  defer {
    before.select()
    selection.unlock()
  }
  for set in KernelSet.allCases where set.select() { try body(set) }
}

/// Calls `body` while no other test changes the kernel set: for tests that compare bytes.
public func withSteadyKernels<Result>(_ body: () throws -> Result) rethrows -> Result {
  selection.lock()
  defer { selection.unlock() }
  return try body()
}
