// SPDX-License-Identifier: MIT

import Testing

@testable import Relaxation

@Suite("Amounts of memory as people write them")
struct MemorySizeTests {
  @Test(
    "a number and a unit",
    arguments: [
      ("8GB", 8_000_000_000), ("500MB", 500_000_000), ("2GiB", 2_147_483_648),
      ("1.5 GB", 1_500_000_000),
      ("750kb", 750_000), ("64KiB", 65536), ("0.5TiB", 549_755_813_888), ("3tb", 3_000_000_000_000),
      ("1MiB", 1_048_576), ("0.001KB", 1),
    ])
  func sizes(text: String, bytes: Int) throws {
    let size = try #require(MemorySize(text))
    #expect(size.bytes == bytes)
    #expect(size.description == text)
  }

  @Test(
    "anything else is none",
    arguments: [
      "", "8", "8G", "8g", "GB", "-8GB", "+8GB", "8 G B", "8,5GB", "8.GB", ".5GB", "1.2.3GB",
      "1e9B", "8B",
      "nanGB", "0GB", "0.0001KB", "infGB", "99999999999TB", "8GBs", " 8GB", "8GB ", "٨GB", "0x8GB",
    ])
  func others(text: String) {
    #expect(MemorySize(text) == nil)
  }

  @Test("in words what is needed is rounded up, and what there is down")
  func words() {
    #expect(MemorySize.words(atLeast: 3_110_000_000) == "3.2 GB")
    #expect(MemorySize.words(atMost: 3_190_000_000) == "3.1 GB")
    #expect(MemorySize.words(atLeast: 61_000_001) == "62 MB")
    #expect(MemorySize.words(atMost: 61_999_999) == "61 MB")
    #expect(MemorySize.words(atLeast: 999_999_999) == "1 GB")
    #expect(MemorySize.words(atLeast: 129_000_000_000) == "130 GB")
    #expect(MemorySize.words(atMost: 2_000_000_000_000) == "2 TB")
    #expect(MemorySize.words(atMost: 0) == "0 kB")
    #expect(MemorySize.words(atMost: -5) == "0 kB")
  }
}
