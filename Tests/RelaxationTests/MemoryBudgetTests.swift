// SPDX-License-Identifier: MIT

import Forces
import Foundation
import RelaxNumerics
import TestSupport
import Testing

@testable import Relaxation

/// The gate that structures pass before they begin, in a process whose size the tests make up.
@Suite("Memory for the structures at work")
struct MemoryBudgetTests {
  /// 100 bytes for structures, in a process that never grows beyond its limit unless it is said.
  private func budget(
    resident: @escaping @Sendable () -> Int? = { nil }
  ) -> MemoryBudget {
    MemoryBudget(limit: MemorySize(bytes: 150), taken: 50, resident: resident)
  }

  /// Asks on a thread of its own and puts the answer into `answers` under its name.
  private func ask(
    _ budget: MemoryBudget, _ bytes: Int, _ name: String,
    _ answers: Guarded<[String: MemoryBudget.Answer]>,
    shouldStop: @escaping @Sendable () -> Bool = { false }
  ) {
    let started = WorkerThreads.runAside {
      let answer = budget.reserve(bytes, shouldStop: shouldStop)
      answers.withLock { $0[name] = answer }
    }
    #expect(started)
  }

  /// Waits until so many wait at the gate: how long that takes does not matter.
  private func wait(until waiting: Int, at budget: MemoryBudget) {
    while budget.waiting != waiting { usleep(1000) }
  }

  @Test("what does not fit beside others waits for them")
  func waits() {
    let budget = budget()
    let answers = Guarded([String: MemoryBudget.Answer]())
    #expect(budget.reserve(60, shouldStop: { false }) == .granted)
    #expect(budget.reserve(40, shouldStop: { false }) == .granted)
    ask(budget, 50, "late", answers)
    wait(until: 1, at: budget)
    budget.giveBack(40)
    // 60 are still taken.
    #expect(budget.waiting == 1 && answers.withLock { $0.isEmpty })
    budget.giveBack(60)
    #expect(answers.withLock(when: { !$0.isEmpty }) { $0["late"] } == .granted)
  }

  @Test("a large one is not overtaken by small ones that would fit")
  func fairness() {
    let budget = budget()
    let answers = Guarded([String: MemoryBudget.Answer]())
    #expect(budget.reserve(60, shouldStop: { false }) == .granted)
    ask(budget, 95, "large", answers)
    wait(until: 1, at: budget)
    ask(budget, 10, "small", answers)
    wait(until: 2, at: budget)
    budget.giveBack(60)
    #expect(answers.withLock(when: { !$0.isEmpty }) { $0 } == ["large": .granted])
    #expect(budget.waiting == 1)
    budget.giveBack(95)
    #expect(answers.withLock(when: { $0.count == 2 }) { $0["small"] } == .granted)
  }

  @Test("who is asked to stop leaves, and those behind go on")
  func cancellation() {
    let budget = budget()
    let answers = Guarded([String: MemoryBudget.Answer]())
    let isAsked = Guarded(false)
    #expect(budget.reserve(60, shouldStop: { false }) == .granted)
    ask(budget, 95, "large", answers, shouldStop: { isAsked.withLock { $0 } })
    wait(until: 1, at: budget)
    ask(budget, 10, "small", answers)
    wait(until: 2, at: budget)
    isAsked.withLock { $0 = true }
    #expect(
      answers.withLock(when: { $0.count == 2 }) { $0 } == ["large": .stopped, "small": .granted])
    #expect(budget.waiting == 0)
  }

  @Test("what never fits is refused with numbers, though others are at work")
  func refusal() throws {
    let limit = try #require(MemorySize("2GB"))
    let budget = MemoryBudget(limit: limit, taken: 290_000_000, resident: { nil })
    #expect(budget.available == 1_710_000_000)
    #expect(budget.reserve(1_000_000_000, shouldStop: { false }) == .granted)
    #expect(
      budget.reserve(3_120_000_000, shouldStop: { false })
        == .refused(
          "needs about 3.2 GB of memory, and --memory-limit 2GB leaves 1.7 GB; a larger limit with "
            + "--resume --retry failed takes it up again"))
    #expect(budget.waiting == 0)
  }

  @Test("beyond the limit nothing begins beside others, and alone it does")
  func resident() {
    let resident = Guarded(200)
    let budget = budget(resident: { resident.withLock { $0 } })
    let answers = Guarded([String: MemoryBudget.Answer]())
    #expect(budget.reserve(10, shouldStop: { false }) == .granted)
    ask(budget, 10, "second", answers)
    wait(until: 1, at: budget)
    resident.withLock { $0 = 150 }
    #expect(answers.withLock(when: { !$0.isEmpty }) { $0["second"] } == .granted)
    resident.withLock { $0 = 200 }
    ask(budget, 10, "third", answers)
    wait(until: 1, at: budget)
    budget.giveBack(10)
    budget.giveBack(10)
    #expect(answers.withLock(when: { $0.count == 2 }) { $0["third"] } == .granted)
  }

  @Test("many threads never hold more than there is, and all come through")
  func manyThreads() {
    let budget = budget()
    struct Held {
      var bytes = 0
      var most = 0
      var count = 0
    }
    let held = Guarded(Held())
    let seeds = Guarded(UInt64(0))
    WorkerThreads.run(8) {
      var random = SeededGenerator(
        seed: seeds.withLock { seed in
          seed += 1
          return seed
        })
      for _ in 0..<50 {
        let bytes = Int(random.uniform(1, 101))
        #expect(budget.reserve(bytes, shouldStop: { false }) == .granted)
        held.withLock {
          $0.bytes += bytes
          $0.count += 1
          $0.most = max($0.most, $0.bytes)
        }
        held.withLock { $0.bytes -= bytes }
        budget.giveBack(bytes)
      }
    }
    #expect(held.withLock { $0.most } <= 100)
    #expect(held.withLock { $0.count } >= 400)
  }
}
