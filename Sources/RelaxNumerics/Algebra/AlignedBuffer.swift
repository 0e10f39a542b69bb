// SPDX-License-Identifier: MIT

/// Numbers in memory that kernels work on directly: aligned to cache lines, zero at first.
///
/// A reference, so that threads may fill disjoint parts of it; what they do to one part at a time is
/// for their caller to arrange.
public final class AlignedBuffer<Element: BitwiseCopyable & AdditiveArithmetic>:
  @unchecked Sendable
{
  /// Numbers that can be read and written.
  ///
  /// Not checked for exclusive access: in loops over single numbers that would cost more than the rest,
  /// and threads never resize a buffer.
  @exclusivity(unchecked) public private(set) var count: Int
  @exclusivity(unchecked) @usableFromInline private(set) var base: UnsafeMutablePointer<Element>
  private var capacity: Int

  /// A buffer of `count` zeros.
  public init(count: Int = 0) {
    precondition(count >= 0)
    self.count = count
    capacity = max(count, 1)
    base = Self.allocate(capacity)
  }

  /// A buffer that holds `values`.
  public convenience init(_ values: some Collection<Element>) {
    self.init(count: values.count)
    for (index, value) in values.enumerated() { base[index] = value }
  }

  /// A buffer that holds `values`, copied at once.
  public convenience init(_ values: [Element]) {
    self.init(count: values.count)
    values.withUnsafeBufferPointer { values in
      guard let start = values.baseAddress else { return }
      base.update(from: start, count: values.count)
    }
  }

  /// Copies all numbers to an array of as many.
  public func copy(to values: inout [Element]) {
    precondition(values.count == count, "\(values.count) places for \(count)")
    values.withUnsafeMutableBufferPointer { values in
      values.baseAddress?.update(from: base, count: count)
    }
  }

  deinit { base.deallocate() }

  /// The number at `index`.
  @inlinable public subscript(index: Int) -> Element {
    get {
      precondition(index >= 0 && index < count, "number \(index) of \(count)")
      return base[index]
    }
    set {
      precondition(index >= 0 && index < count, "number \(index) of \(count)")
      base[index] = newValue
    }
  }

  /// Makes room for `count` numbers; what was there may be lost.
  public func resize(_ count: Int) {
    if count > capacity {
      base.deallocate()
      capacity = count + count / 4
      base = Self.allocate(capacity)
    }
    self.count = count
  }

  /// Sets the numbers of `range` to zero.
  public func clear(_ range: Range<Int>) {
    precondition(range.lowerBound >= 0 && range.upperBound <= count, "\(range) of \(count)")
    (base + range.lowerBound).update(repeating: .zero, count: range.count)
  }

  /// Copies the numbers of `range` from the same places of `other`.
  public func copy(_ range: Range<Int>, from other: AlignedBuffer) {
    precondition(range.lowerBound >= 0 && range.upperBound <= min(count, other.count))
    (base + range.lowerBound).update(from: other.base + range.lowerBound, count: range.count)
  }

  private static func allocate(_ count: Int) -> UnsafeMutablePointer<Element> {
    let bytes = count * MemoryLayout<Element>.stride
    let memory = UnsafeMutableRawPointer.allocate(byteCount: bytes, alignment: 64)
    let typed = memory.bindMemory(to: Element.self, capacity: count)
    typed.initialize(repeating: .zero, count: count)
    return typed
  }
}
