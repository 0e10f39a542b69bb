// SPDX-License-Identifier: MIT

/// Means that stay finite as long as the numbers are.
public enum Mean {
  /// The mean of `values`; nil of nothing.
  public static func of(_ values: [Double]) -> Double? {
    guard !values.isEmpty else { return nil }
    let mean = values.reduce(0, +) / Double(values.count)
    return mean.isFinite ? mean : values.reduce(0) { $0 + $1 / Double(values.count) }
  }
}
