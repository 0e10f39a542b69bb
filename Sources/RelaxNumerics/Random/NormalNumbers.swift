// SPDX-License-Identifier: MIT

extension SeededGenerator {
  /// A number from the normal distribution of mean 0 and variance 1.
  ///
  /// By comparing uniform numbers only (von Neumann's way to exponentials, Karney 2016), so no
  /// logarithm's last digit can differ between machines.
  public mutating func normal() -> Double {
    while true {
      // k + x, where k has a discrete normal distribution and x what is left.
      var k = 0
      while succeeds(0.5) { k += 1 }
      guard (0..<k * max(0, k - 1)).allSatisfy({ _ in succeeds(0.5) }) else { continue }
      let x = uniform()
      let exponent = x * (2 * Double(k) + x) / 2
      let pieces = k + 1
      guard (0..<pieces).allSatisfy({ _ in succeeds(exponent / Double(pieces)) }) else { continue }
      let value = Double(k) + x
      return next() & 1 == 0 ? value : -value
    }
  }

  /// True with the probability e⁻ᵗ, t between 0 and 1: whether a falling sequence of uniform numbers
  /// below t has an even length.
  private mutating func succeeds(_ t: Double) -> Bool {
    var last = t
    var isEven = true
    while true {
      let number = uniform()
      guard number < last else { return isEven }
      last = number
      isEven.toggle()
    }
  }

  /// A vector of three such numbers.
  public mutating func normalVector() -> Vector3 {
    let x = normal()
    let y = normal()
    return Vector3(x, y, normal())
  }
}
