// SPDX-License-Identifier: MIT

import CKernels
import CLibrary

/// The variants in which the inner loops exist, slowest first.
///
/// Sets differ in the order of sums, so results differ in their last digits from set to set, and are
/// equal to the last bit within one. Whoever computes is told which set to use when it is made;
/// nothing in the process changes it afterwards.
public enum KernelSet: Int32, CaseIterable, Sendable, Comparable, Codable {
  /// Plain C, any processor.
  case portable = 0
  /// 256-bit vectors with fused multiply-add.
  case avx2 = 1
  /// 512-bit vectors with masks.
  case avx512 = 2

  /// The fastest set that this processor runs.
  public static let supported = KernelSet(rawValue: relax_kernels_supported()) ?? .portable

  /// All sets that this processor runs, slowest first.
  public static var available: [KernelSet] { allCases.filter(\.isAvailable) }

  /// Whether this processor runs it; computing with one that it does not run ends the process.
  public var isAvailable: Bool { self <= .supported }

  /// What to compute with where nothing else is asked for, the same as long as the process lives: the
  /// set that the environment variable `RELAX_KERNELS` names, if there is such a set here, else the
  /// fastest one.
  public static let preferred: KernelSet = (try? KernelSet.requested()) ?? .supported

  /// The set that the environment variable `RELAX_KERNELS` names; nil if it names none.
  public static func requested() throws(KernelSetError) -> KernelSet? {
    guard let name = getenv("RELAX_KERNELS").map({ String(cString: $0) }), !name.isEmpty else {
      return nil
    }
    return try KernelSet(name: name)
  }

  /// The set of this name, as `name` gives it.
  ///
  /// - Throws: `KernelSetError` if there is no such set, or not on this processor.
  public init(name: String) throws(KernelSetError) {
    guard let set = KernelSet.allCases.first(where: { $0.name == name }) else {
      throw .unknown(name)
    }
    guard set.isAvailable else { throw .notOnThisProcessor(set) }
    self = set
  }

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

/// A kernel set was asked for that cannot be had.
public enum KernelSetError: Error, Hashable, CustomStringConvertible {
  /// There is none of this name.
  case unknown(String)
  /// The processor lacks the instructions.
  case notOnThisProcessor(KernelSet)

  /// What was asked for, and what there is.
  public var description: String {
    switch self {
    case .unknown(let name):
      "\(name): there are only \(KernelSet.allCases.map(\.name).joined(separator: ", "))"
    case .notOnThisProcessor(let set):
      "\(set.name): this processor has no \(set.name); its best set is \(KernelSet.supported.name)"
    }
  }
}
