// SPDX-License-Identifier: MIT

import CLibrary
import Files

/// Which program is at the other end of a connection, where that is a program of this machine.
///
/// The protocol does not say who speaks. It matters once: text in INIT is what Quantum ESPRESSO trips over, and what
/// programs in Python and our own read to its end.
enum ConnectedProgram {
  /// Whether the program called `name` reads all of INIT's text, as far as we know.
  static func readsTexts(_ name: String?) -> Bool {
    guard let name else { return false }
    return name.hasPrefix("python") || isOurs(name)
  }

  /// Whether `name` is that of our own program.
  static func isOurs(_ name: String?) -> Bool { name == "relax" }

  /// Name of the program at the other end of a socket; nil if that cannot be known.
  static func program(of descriptor: Int32) -> String? {
    #if os(Linux)
      guard let process = owner(of: descriptor) ?? neighbor(of: descriptor),
        let file = FileSystem.linkTarget("/proc/\(process)/exe")
      else { return nil }
      return file.split(separator: "/").last.map(String.init)
    #else
      return nil
    #endif
  }

  #if os(Linux)
    /// The process that holds the other end of a UNIX socket, as the system remembers it.
    private static func owner(of descriptor: Int32) -> String? {
      // Process, user and group.
      var credentials: [UInt32] = [0, 0, 0]
      var length = socklen_t(12)
      let known = 17  // SO_PEERCRED, which not all headers show
      guard getsockopt(descriptor, SOL_SOCKET, Int32(known), &credentials, &length) == 0,
        credentials[0] != 0
      else { return nil }
      return "\(credentials[0])"
    }

    /// The process that holds the other end of a connection over this machine's loopback.
    private static func neighbor(of descriptor: Int32) -> String? {
      guard let own = port(descriptor, getsockname), let other = port(descriptor, getpeername),
        let socket = socket(from: other, to: own)
      else { return nil }
      let link = "socket:[\(socket)]"
      for process in FileSystem.names(in: "/proc") ?? [] where process.allSatisfy(\.isNumber) {
        let folder = "/proc/\(process)/fd"
        for number in FileSystem.names(in: folder) ?? []
        where FileSystem.linkTarget("\(folder)/\(number)") == link { return process }
      }
      return nil
    }

    private typealias Name = (
      Int32, UnsafeMutablePointer<sockaddr>, UnsafeMutablePointer<socklen_t>
    ) -> Int32

    /// The port of one end, if it is one of the loopback's.
    private static func port(_ descriptor: Int32, _ name: Name) -> Int? {
      var storage = sockaddr_storage()
      var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
      let result = withUnsafeMutablePointer(to: &storage) { place in
        place.withMemoryRebound(to: sockaddr.self, capacity: 1) { name(descriptor, $0, &length) }
      }
      guard result == 0 else { return nil }
      let bytes = withUnsafeBytes(of: storage) { Array($0) }
      let isLoopback =
        storage.ss_family == sa_family_t(AF_INET)
        ? bytes[4] == 127 : Array(bytes[8..<24]) == [UInt8](repeating: 0, count: 15) + [1]
      return isLoopback ? Int(bytes[2]) << 8 | Int(bytes[3]) : nil
    }

    /// The number of the socket that is bound to one port and connected to another.
    private static func socket(from own: Int, to other: Int) -> String? {
      for table in ["/proc/net/tcp", "/proc/net/tcp6"] {
        for line in text(of: table).split(separator: "\n") {
          let columns = line.split(separator: " ")
          guard columns.count > 9, port(columns[1]) == own, port(columns[2]) == other else {
            continue
          }
          return String(columns[9])
        }
      }
      return nil
    }

    /// What the system tells in a file that has no length.
    private static func text(of file: String) -> String {
      let descriptor = FileSystem.open(file, O_RDONLY)
      guard descriptor >= 0 else { return "" }
      defer { close(descriptor) }
      var bytes: [UInt8] = []
      while true {
        let count = withUnsafeTemporaryAllocation(byteCount: 1 << 16, alignment: 1) { buffer in
          let count = read(descriptor, buffer.baseAddress, buffer.count)
          if count > 0 { bytes += buffer.prefix(count) }
          return count
        }
        guard count > 0 else { return String(decoding: bytes, as: UTF8.self) }
      }
    }

    private static func port(_ text: Substring) -> Int? {
      text.split(separator: ":").last.flatMap { Int($0, radix: 16) }
    }
  #endif
}
