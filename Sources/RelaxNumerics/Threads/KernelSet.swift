// SPDX-License-Identifier: MIT

import CKernels

/// The variants in which the inner loops exist, slowest first.
public enum KernelSet: Int32, CaseIterable, Sendable, Comparable {
  /// Plain C, any processor.
  case portable = 0
  /// 256-bit vectors with fused multiply-add.
  case avx2 = 1
  /// 512-bit vectors with masks.
  case avx512 = 2

  /// The fastest set that this processor runs.
  public static var supported: KernelSet {
    KernelSet(rawValue: relax_kernels_supported()) ?? .portable
  }

  /// The set in use: the fastest one unless another was selected.
  public static var selected: KernelSet {
    KernelSet(rawValue: relax_kernels_selected()) ?? .portable
  }

  /// Makes this set the one in use, for the whole process; call it before starting threads.
  ///
  /// - Returns: whether the processor has it; if not, nothing changes.
  @discardableResult
  public func select() -> Bool { relax_kernels_select(rawValue) == 0 }

  /// The name by which the environment variable `RELAX_KERNELS` asks for it.
  public var name: String {
    switch self {
    case .portable: "portable"
    case .avx2: "avx2"
    case .avx512: "avx512"
    }
  }

  /// Slower sets come first.
  public static func < (a: KernelSet, b: KernelSet) -> Bool { a.rawValue < b.rawValue }
}
