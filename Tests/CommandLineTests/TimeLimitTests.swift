// SPDX-License-Identifier: MIT

import Testing

@testable import RelaxCommandLine

/// The value of --time-limit.
@Suite("Time limits")
struct TimeLimitTests {
  @Test(
    "spans with units, and as schedulers write them",
    arguments: [
      ("90s", 90), ("2m", 120), ("1h", 3600), ("1h30m", 5400), ("3h50m", 13_800), ("1d", 86_400),
      ("1d2h3m4s", 93_784), ("90m", 5400), ("3:50:00", 13_800), ("100:00:01", 360_001),
    ])
  func forms(text: String, seconds: Int) throws {
    let limit = try #require(TimeLimit(argument: text))
    #expect(limit.seconds == seconds)
    #expect(limit.description == text)
  }

  @Test(
    "what is no span",
    arguments: [
      "", "5", "3600", "0s", "0h0m", "h", "1.5h", "-1h", "1h30", "30m1h", "1h1h", "1 h", "1H",
      "3:50",
      "0:00:00", "3:5:00", "3:60:00", "1:2:3:4", "1234567890s", "99999999999999999999d", "٣h",
      "1hm",
    ])
  func refused(text: String) { #expect(TimeLimit(argument: text) == nil) }
}
