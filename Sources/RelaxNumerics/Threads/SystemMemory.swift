// SPDX-License-Identifier: MIT

import CKernels
import CLibrary

/// The memory that this process can have.
public enum SystemMemory {
  /// Bytes: of the machine, or less where the process or its container is limited.
  public static let bytes: Double = {
    var bytes = Double(sysconf(Int32(_SC_PHYS_PAGES))) * Double(sysconf(Int32(_SC_PAGESIZE)))
    if bytes <= 0 { bytes = .infinity }
    var limit = rlimit()
    if getrlimit(__rlimit_resource_t(RLIMIT_AS.rawValue), &limit) == 0, limit.rlim_cur < .max {
      bytes = min(bytes, Double(limit.rlim_cur))
    }
    return min(bytes, containerLimit ?? .infinity)
  }()

  /// Bytes of the machine's memory that this process has at this moment; nil where the system does not tell.
  public static var resident: Int? {
    guard let file = fopen("/proc/self/statm", "r") else { return nil }
    defer { fclose(file) }
    var text = [CChar](repeating: 0, count: 128)
    guard fgets(&text, 128, file) != nil else { return nil }
    let words = String(decoding: text.prefix { $0 != 0 }.map { UInt8($0) }, as: UTF8.self)
      .split(separator: " ")
    return words.dropFirst().first.flatMap { Int($0) }.map { $0 * sysconf(Int32(_SC_PAGESIZE)) }
  }

  /// Gives back to the system what was freed and is kept for the next who asks, as far as that can be done.
  public static func trim() { relax_trim_memory() }

  /// What Linux allows the container or the batch job that the process runs in.
  private static var containerLimit: Double? {
    guard let file = fopen("/sys/fs/cgroup/memory.max", "r") else { return nil }
    defer { fclose(file) }
    var text = [CChar](repeating: 0, count: 32)
    guard fgets(&text, 32, file) != nil else { return nil }
    let digits = text.prefix { $0 >= 48 && $0 <= 57 }.map { UInt8($0) }
    return Double(String(decoding: digits, as: UTF8.self))
  }
}
