// SPDX-License-Identifier: MIT

import RelaxNumerics

/// Calls `body` with every kernel set of this processor in turn, to compute with.
public func onEveryKernelSet(_ body: (KernelSet) throws -> Void) rethrows {
  for set in KernelSet.available { try body(set) }
}
