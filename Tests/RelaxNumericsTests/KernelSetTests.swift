// SPDX-License-Identifier: MIT

import RelaxNumerics
import Testing

@Suite("Kernel sets")
struct KernelSetTests {
  @Test("are found by name where the processor has them, and refused by name where not")
  func names() throws {
    for set in KernelSet.allCases {
      if set.isAvailable {
        #expect(try KernelSet(name: set.name) == set)
      } else {
        #expect(throws: KernelSetError.notOnThisProcessor(set)) { try KernelSet(name: set.name) }
      }
    }
    for name in ["", "AVX2", "sse", "portable "] {
      #expect(throws: KernelSetError.unknown(name)) { try KernelSet(name: name) }
    }
    #expect("\(KernelSetError.unknown("sse"))" == "sse: there are only portable, avx2, avx512")
  }

  @Test("what the processor has begins with the plain one and ends with the fastest")
  func available() {
    #expect(KernelSet.available.first == .portable)
    #expect(KernelSet.available.last == .supported)
    #expect(KernelSet.available.contains(.preferred))
  }

  @Test("computations with different sets at the same time do not disturb each other")
  func sideBySide() {
    var random = SeededGenerator(seed: 3)
    let a = (0..<10_001).map { _ in random.uniform(-1, 1) }
    let b = (0..<10_001).map { _ in random.uniform(-1, 1) }
    let expected = KernelSet.available.map { dot(a, b, kernels: $0) }
    let wrong = Guarded(0)
    inParallel(4) { worker in
      for round in 0..<200 {
        let k = (worker + round) % expected.count
        let found = dot(a, b, kernels: KernelSet.available[k])
        if found != expected[k] { wrong.withLock { $0 += 1 } }
      }
    }
    #expect(wrong.withLock { $0 } == 0)
  }
}
