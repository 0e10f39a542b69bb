// SPDX-License-Identifier: MIT

/// The first of many things, and how many there were: memory does not grow with their number.
public struct FirstOf<Element> {
  /// The first ones.
  public private(set) var first: [Element] = []
  /// How many there were.
  public private(set) var count = 0
  private let kept: Int

  /// Nothing yet; the first `kept` will be kept.
  public init(keeping kept: Int = 20) { self.kept = kept }

  /// Whether there was none.
  public var isEmpty: Bool { count == 0 }

  /// Adds one.
  public mutating func append(_ element: Element) {
    count += 1
    if first.count < kept { first.append(element) }
  }
}

extension FirstOf: Sendable where Element: Sendable {}
