// SPDX-License-Identifier: MIT

import Foundation
import Numerics

private let selection = NSLock()

/// Calls `body` with every kernel set of this processor selected in turn, and then selects again
/// what was selected before. Tests run side by side: one at a time gets to choose.
public func onEveryKernelSet(_ body: (KernelSet) throws -> Void) rethrows {
  selection.lock()
  let before = KernelSet.selected
  defer {
    before.select()
    selection.unlock()
  }
  for set in KernelSet.allCases where set.select() { try body(set) }
}
