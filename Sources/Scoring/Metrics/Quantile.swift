// SPDX-License-Identifier: MIT

/// Values below which a share of numbers lies.
public enum Quantile {
  /// The value below which a share (0–1) of `sorted` lies, interpolated linearly as NumPy does; NaN of
  /// nothing.
  public static func of(_ sorted: [Double], _ share: Double) -> Double {
    guard let last = sorted.last else { return .nan }
    let position = share * Double(sorted.count - 1)
    let below = Int(position)
    guard below + 1 < sorted.count else { return last }
    let weight = position - Double(below)
    let (low, high) = (sorted[below], sorted[below + 1])
    // The difference of numbers at both ends of what there is would be infinite.
    return (high - low).isFinite ? low + weight * (high - low) : (1 - weight) * low + weight * high
  }
}
