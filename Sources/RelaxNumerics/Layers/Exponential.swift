// SPDX-License-Identifier: MIT

import CKernels

/// Replaces each x by its exponential; the relative error is below 4.5e-16 for |x| ≤ 700, beyond
/// which results are meaningless.
public func exponentiate(_ values: inout [Double], kernels: KernelSet) {
  values.withUnsafeMutableBufferPointer { buffer in
    if let base = buffer.baseAddress { relax_exponential(kernels.rawValue, base, buffer.count) }
  }
}
