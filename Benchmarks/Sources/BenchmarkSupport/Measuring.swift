// SPDX-License-Identifier: MIT

import Foundation

/// CPU seconds that this process has used, all its threads together.
public func cpuSeconds() -> Double { seconds(CLOCK_PROCESS_CPUTIME_ID) }

/// Seconds of wall time since some moment.
public func wallSeconds() -> Double { seconds(CLOCK_MONOTONIC) }

private func seconds(_ clock: clockid_t) -> Double {
  var time = timespec()
  clock_gettime(clock, &time)
  return Double(time.tv_sec) + 1e-9 * Double(time.tv_nsec)
}

/// Peak resident memory; from /proc because `getrusage` counts the parent before `exec` too.
public func peakMegabytes() -> Double {
  let status = (try? String(contentsOfFile: "/proc/self/status", encoding: .utf8)) ?? ""
  let line = status.split(separator: "\n").first { $0.hasPrefix("VmHWM:") }
  return (line?.split(separator: " ").dropFirst().first.flatMap { Double($0) } ?? .nan) / 1024
}

/// Prints a measurement as one line of JSON.
public func report(_ name: String, _ values: [(String, Double)]) {
  let fields = values.map { "\"\($0.0)\": \($0.1)" }.joined(separator: ", ")
  print("{\"name\": \"\(name)\", \(fields)}")
}
