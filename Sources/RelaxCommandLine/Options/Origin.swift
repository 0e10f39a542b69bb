// SPDX-License-Identifier: MIT

import CLibrary
import Files
import RelaxNumerics
import Relaxation

extension RunOrigin {
  /// This process: its version, when it began, what it runs on, and its command.
  ///
  /// `SOURCE_DATE_EPOCH` stands for the clock where it is set. Names of hosts and users are left out: pages are passed on.
  static var ofProcess: RunOrigin {
    RunOrigin(
      version: RelaxCommand.version, date: date, machine: machine,
      command: (["relax"] + Arguments.ofProcess.map { ShellText.quoted(PathText.shown($0)) })
        .joined(separator: " "))
  }

  private static var date: String {
    let fixed = Environment.value("SOURCE_DATE_EPOCH").flatMap { Int($0) }
    var seconds = time_t(fixed ?? time(nil))
    var parts = tm()
    guard gmtime_r(&seconds, &parts) != nil else { return "" }
    func two(_ number: Int32) -> String { number < 10 ? "0\(number)" : "\(number)" }
    return "\(parts.tm_year + 1900)-\(two(parts.tm_mon + 1))-\(two(parts.tm_mday)) "
      + "\(two(parts.tm_hour)):\(two(parts.tm_min)):\(two(parts.tm_sec)) UTC"
  }

  /// The processor's name as the system tells it, and how many of them this process may use.
  private static var machine: String {
    let count = WorkerThreads.processors
    let processors = "\(count) processor\(count == 1 ? "" : "s")"
    guard let text = try? TextFile.textOfSystem("/proc/cpuinfo"),
      let line = text.split(separator: "\n").first(where: { $0.hasPrefix("model name") }),
      let colon = line.firstIndex(of: ":")
    else { return processors }
    let name = line[line.index(after: colon)...].split(separator: " ").joined(separator: " ")
    return "\(name), \(processors)"
  }
}
