// SPDX-License-Identifier: MIT

import RelaxNumerics
import TestSupport
import Testing

@Suite("Maps in order")
struct MapInOrderTests {
  private struct Broken: Error, Equatable {
    var number: Int
  }

  /// Work whose time differs from item to item, so that items overtake each other.
  private static func busy(_ number: Int) -> Int {
    var generator = SeededGenerator(seed: UInt64(number))
    let rounds = number % 7 == 0 ? 20_000 : Int(generator.uniform(0, 2000))
    var sum: UInt64 = 0
    for _ in 0..<rounds { sum &+= generator.next() & 1 }
    return sum > UInt64(rounds) ? -1 : 3 * number
  }

  @Test("results come in the order of the items", arguments: [0, 1, 2, 5, 100], [1, 2, 3, 8])
  func order(given: Int, threads: Int) {
    for count in [0, 1, 2, 50, 300] {
      let found = mapInOrder(
        count: count, threads: threads, starter: .refusing(after: given),
        transform: { Self.busy($0) })
      #expect(found == (0..<count).map { 3 * $0 })
    }
  }

  @Test("no more is read ahead than was asked for", arguments: [1, 2, 4], [1, 3, 20])
  func lookAhead(threads: Int, lookAhead: Int) {
    let open = Guarded((now: 0, most: 0))
    var next = 0
    var consumed: [Int] = []
    let isWhole = mapInOrder(
      threads: threads, lookAhead: lookAhead,
      next: { () -> Int? in
        guard next < 200 else { return nil }
        defer { next += 1 }
        open.withLock { $0 = ($0.now + 1, max($0.most, $0.now + 1)) }
        return next
      },
      transform: { (number: Int) -> Int in Self.busy(number) },
      consume: { (result: Int) in
        consumed.append(result)
        open.withLock { $0.now -= 1 }
      })
    #expect(isWhole && consumed == (0..<200).map { 3 * $0 })
    // The one that is being consumed counts no more.
    #expect(open.withLock { $0.most } <= lookAhead + 1)
  }

  @Test(
    "the first error in order ends it, whoever throws it, after everything before it",
    arguments: [1, 2, 4], [0, 1, 17, 60])
  func errors(threads: Int, place: Int) {
    for thrower in Thrower.allCases {
      var consumed: [Int] = []
      let error = #expect(throws: Broken.self) {
        try Self.map(threads: threads, thrower, at: place, consumed: &consumed)
      }
      #expect(error == Broken(number: place), "\(thrower)")
      #expect(consumed == (0..<place).map { 3 * $0 }, "\(thrower)")
    }
  }

  private enum Thrower: CaseIterable {
    case next, transform, consume
  }

  /// Maps 100 numbers, of which one of the closures refuses number `place`.
  private static func map(
    threads: Int, _ thrower: Thrower, at place: Int, consumed: inout [Int]
  ) throws(Broken) {
    var next = 0
    try mapInOrder(
      threads: threads,
      next: { () throws(Broken) -> Int? in
        guard next < 100 else { return nil }
        defer { next += 1 }
        if thrower == .next && next == place { throw Broken(number: place) }
        return next
      },
      transform: { (number: Int) throws(Broken) -> Int in
        // A later one that fails sooner is not the one that is told.
        if thrower == .transform && number >= place { throw Broken(number: number) }
        return Self.busy(number)
      },
      consume: { (result: Int) throws(Broken) in
        if thrower == .consume && result == 3 * place { throw Broken(number: place) }
        consumed.append(result)
      })
  }

  @Test("what was read before a stop is consumed", arguments: [1, 2, 4])
  func stop(threads: Int) {
    let read = Guarded(0)
    var next = 0
    var consumed: [Int] = []
    let isWhole = mapInOrder(
      threads: threads, shouldStop: { read.withLock { $0 >= 25 } },
      next: { () -> Int? in
        defer { next += 1 }
        read.withLock { $0 += 1 }
        return next
      },
      transform: { (number: Int) -> Int in Self.busy(number) },
      consume: { (result: Int) in consumed.append(result) })
    #expect(!isWhole)
    #expect(consumed == (0..<25).map { 3 * $0 })
  }
}
