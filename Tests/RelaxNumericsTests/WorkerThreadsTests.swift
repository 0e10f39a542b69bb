// SPDX-License-Identifier: MIT

import RelaxNumerics
import TestSupport
import Testing

@Suite("Threads, however many the system gives")
struct WorkerThreadsTests {
  @Test(
    "each number is run once",
    arguments: [0, 1, 2, 5, 1000], [1, 2, 3, 7, 100, 1000])
  func numbers(given: Int, workers: Int) {
    let seen = Guarded([Int]())
    inParallel(workers, starter: .refusing(after: given)) { number in
      seen.withLock { $0.append(number) }
    }
    #expect(seen.withLock { $0.sorted() } == Array(0..<workers))
  }

  @Test("parts cover everything once", arguments: [0, 1, 3], [0, 1, 5, 6, 7, 1000])
  func parts(given: Int, count: Int) {
    for workers in [1, 2, 3, 50] {
      let seen = Guarded([Range<Int>]())
      inParallel(workers, over: count) { part in seen.withLock { $0.append(part) } }
      let all = seen.withLock { $0.flatMap { Array($0) }.sorted() }
      #expect(all == Array(0..<count))
    }
  }

  @Test("a queue is worked off", arguments: [0, 1, 2, 8], [1, 2, 8])
  func queue(given: Int, threads: Int) {
    let left = Guarded(Array(0..<100))
    let done = Guarded([Int]())
    WorkerThreads.run(threads, starter: .refusing(after: given)) {
      while let item = left.withLock({ $0.popLast() }) { done.withLock { $0.append(item) } }
    }
    #expect(done.withLock { $0.sorted() } == Array(0..<100))
  }

  @Test("a thread aside runs, or is said to be refused")
  func aside() {
    let ran = Guarded(false)
    #expect(!WorkerThreads.runAside(starter: .refusing(after: 0)) { ran.withLock { $0 = true } })
    #expect(ran.withLock { !$0 })
    #expect(WorkerThreads.runAside { ran.withLock { $0 = true } })
    #expect(ran.withLock(when: { $0 }, { $0 }))
  }
}
