// SPDX-License-Identifier: MIT

import CKernels

/// Scalar product of two vectors of equal length.
public func dot(_ a: [Double], _ b: [Double], kernels: KernelSet) -> Double {
  precondition(a.count == b.count, "dot: \(a.count) and \(b.count) elements")
  return a.withUnsafeBufferPointer { a in
    b.withUnsafeBufferPointer { b in
      guard let p = a.baseAddress, let q = b.baseAddress else { return 0 }
      return relax_dot(kernels.rawValue, p, q, a.count)
    }
  }
}

/// Adds `scale · x` to `y` in place.
public func addScaled(
  _ y: inout [Double], _ scale: Double, _ x: [Double], kernels: KernelSet
) {
  precondition(y.count == x.count, "addScaled: \(y.count) and \(x.count) elements")
  y.withUnsafeMutableBufferPointer { y in
    x.withUnsafeBufferPointer { x in
      guard let p = y.baseAddress, let q = x.baseAddress else { return }
      relax_add_scaled(kernels.rawValue, p, scale, q, y.count)
    }
  }
}
