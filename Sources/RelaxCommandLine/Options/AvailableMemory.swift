// SPDX-License-Identifier: MIT

import CLibrary
import Files
import RelaxNumerics
import Relaxation

/// The memory that this process may take, as the machine, control groups and Slurm tell: `--memory-limit auto`.
struct AvailableMemory {
  /// A variable of the process; nil if it is not set.
  var variable: (String) -> String?
  /// The text of a file of the system; nil if there is none.
  var text: (String) -> String?
  /// Bytes that the process has now.
  var resident: Int

  /// The least that anybody allows.
  static func limit() -> MemorySize {
    let available = AvailableMemory(
      variable: Environment.value, text: AvailableMemory.contents(of:),
      resident: SystemMemory.resident ?? 0)
    return MemorySize(bytes: available.bytes ?? Int(min(SystemMemory.bytes, 1e18)))
  }

  /// Bytes; nil if nobody says.
  var bytes: Int? { ([ofSlurm, ofMachine] + ofControlGroups).compactMap { $0 }.min() }

  /// What Slurm gives the job on a node, which it writes in units of 2²⁰ bytes; 0 stands for all there is.
  var ofSlurm: Int? {
    func number(_ name: String) -> Int? {
      variable(name).flatMap { Int($0) }.flatMap { $0 > 0 && $0 < 1 << 40 ? $0 : nil }
    }
    if let megabytes = number("SLURM_MEM_PER_NODE") { return megabytes << 20 }
    guard let megabytes = number("SLURM_MEM_PER_CPU") else { return nil }
    return (megabytes << 20).multipliedReportingOverflow(
      by: number("SLURM_CPUS_ON_NODE") ?? 1
    ).partialValue
  }

  /// Nine tenths of what is free, what the process has already included.
  var ofMachine: Int? {
    let lines = text("/proc/meminfo")?.split(separator: "\n") ?? []
    guard let line = lines.first(where: { $0.hasPrefix("MemAvailable:") }),
      let kilobytes = line.split(separator: " ").dropFirst().first.flatMap({ Int($0) })
    else { return nil }
    return ((kilobytes << 10) + resident) / 10 * 9
  }

  /// Limits of the process's control group and of all that it is within, in both versions that there are.
  var ofControlGroups: [Int] {
    guard let groups = text("/proc/self/cgroup") else { return [] }
    return groups.split(separator: "\n").flatMap { line -> [Int] in
      // Number, controllers, path; in version 2 there are no names of controllers.
      let parts = line.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
      guard parts.count == 3 else { return [] }
      let (root, file): (String, String)
      if parts[1].isEmpty {
        (root, file) = ("/sys/fs/cgroup", "memory.max")
      } else if parts[1].split(separator: ",").contains("memory") {
        (root, file) = ("/sys/fs/cgroup/memory", "memory.limit_in_bytes")
      } else {
        return []
      }
      return AvailableMemory.folders(parts[2]).compactMap { folder in
        // No limit is the word `max`, or in version 1 a number beyond all memory.
        text(root + folder + "/" + file)
          .flatMap { Int($0.prefix { $0.isNumber }) }.flatMap { $0 < 1 << 60 ? $0 : nil }
      }
    }
  }

  /// A path and all that it is within: /a/b, /a and the root, which has no name here.
  static func folders(_ path: Substring) -> [String] {
    var folders = [""]
    for name in path.split(separator: "/") where name != ".." {
      folders.append(folders[folders.count - 1] + "/" + name)
    }
    return folders
  }

  /// The first 64 kB of a file that is made by the system when it is read.
  private static func contents(of path: String) -> String? {
    guard let file = fopen(path, "r") else { return nil }
    defer { fclose(file) }
    var bytes = [UInt8](repeating: 0, count: 1 << 16)
    let count = fread(&bytes, 1, bytes.count, file)
    return String(decoding: bytes.prefix(count), as: UTF8.self)
  }
}
