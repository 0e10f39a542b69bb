// SPDX-License-Identifier: MIT

import CLibrary
import Files

/// Where servers of the i-PI protocol listen.
public enum IPIAddress: Hashable, Sendable {
  /// The file of a UNIX socket.
  case file(String)
  /// A host, by name or number, and a port.
  case port(String, Int)

  /// What nearly all programs that speak the protocol put before the name of a UNIX socket.
  public static let prefix = "/tmp/ipi_"

  /// The socket called `name`: the file `prefix` + `name`, or `name` itself if it is a whole path and `prefix`
  /// the usual one.
  public static func unix(_ name: String, prefix: String = prefix) -> IPIAddress {
    .file(name.hasPrefix("/") && prefix == Self.prefix ? name : prefix + name)
  }

  /// As messages have it: the file, or `HOST:PORT`.
  public var text: String {
    switch self {
    case .file(let path): path
    case .port(let host, let port): (host.contains(":") ? "[\(host)]" : host) + ":\(port)"
    }
  }

  /// `unix:NAME` or `HOST:PORT`, an address of version 6 in brackets.
  ///
  /// - Returns: nil for anything else.
  init?(parsing text: String, prefix: String) {
    if text.hasPrefix("unix:") {
      let name = String(text.dropFirst(5))
      guard !name.isEmpty else { return nil }
      self = .unix(name, prefix: prefix)
      return
    }
    guard let colon = text.lastIndex(of: ":"),
      let port = Int(text[text.index(after: colon)...]), (1...65535).contains(port)
    else { return nil }
    var host = text[..<colon]
    if host.hasPrefix("["), host.hasSuffix("]") {
      host = host.dropFirst().dropLast()
    } else if host.contains(":") {
      return nil
    }
    guard !host.isEmpty else { return nil }
    self = .port(String(host), port)
  }

  /// What the system calls it: several for a host of several addresses, such as `localhost`.
  ///
  /// - Throws: kind `notStarted` for a path that is too long and a host that nobody knows.
  func resolved() throws(ExchangeError) -> [SystemAddress] {
    switch self {
    case .file(let path):
      guard let address = SystemAddress(file: path) else {
        throw .notStarted(
          "\(PathText.shown(path)): the name of a socket may have \(SystemAddress.longestPath) bytes"
        )
      }
      return [address]
    case .port(let host, let port):
      return try SystemAddress.resolving(host, port)
    }
  }
}

/// An address as the system's calls take it.
struct SystemAddress: Hashable, Sendable {
  let family: Int32
  private let bytes: [UInt8]

  /// Bytes of a path that a UNIX socket can have.
  static let longestPath = MemoryLayout.size(ofValue: sockaddr_un().sun_path) - 1

  /// The file at `path`; nil if its name is too long.
  init?(file path: String) {
    let name = PathText.bytes(of: path)
    guard !name.isEmpty, name.count <= SystemAddress.longestPath else { return nil }
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: name) }
    family = AF_UNIX
    bytes = withUnsafeBytes(of: address) { Array($0) }
  }

  /// The addresses of a host.
  static func resolving(_ host: String, _ port: Int) throws(ExchangeError) -> [SystemAddress] {
    var hints = addrinfo()
    hints.ai_protocol = Int32(IPPROTO_TCP)
    var found: UnsafeMutablePointer<addrinfo>?
    let result = getaddrinfo(host, "\(port)", &hints, &found)
    guard result == 0 else {
      let reason = gai_strerror(result).map { String(cString: $0) } ?? "error \(result)"
      throw .notStarted("the host `\(OutputTail.plain(host))` is not known: \(reason)")
    }
    defer { freeaddrinfo(found) }
    var addresses: [SystemAddress] = []
    var place = found
    while let entry = place?.pointee {
      if let pointer = entry.ai_addr {
        let raw = UnsafeRawBufferPointer(start: pointer, count: Int(entry.ai_addrlen))
        let address = SystemAddress(family: entry.ai_family, bytes: Array(raw))
        if !addresses.contains(address) { addresses.append(address) }
      }
      place = entry.ai_next
    }
    return addresses
  }

  private init(family: Int32, bytes: [UInt8]) { (self.family, self.bytes) = (family, bytes) }

  /// Calls `body` with what the system's calls take.
  func withPointer<Result>(_ body: (UnsafePointer<sockaddr>, socklen_t) -> Result) -> Result {
    bytes.withUnsafeBytes { buffer in
      // Such memory is large enough and aligned for any address.
      withUnsafeTemporaryAllocation(of: sockaddr_storage.self, capacity: 1) { storage in
        let raw = UnsafeMutableRawBufferPointer(storage)
        raw.copyMemory(from: UnsafeRawBufferPointer(rebasing: buffer.prefix(raw.count)))
        return raw.withMemoryRebound(to: sockaddr.self) { rebound in
          guard let base = rebound.baseAddress else { preconditionFailure("no memory") }
          return body(base, socklen_t(buffer.count))
        }
      }
    }
  }

  /// A socket that is connected to it, or the error.
  func connected() -> Result<Int32, SystemError> {
    let descriptor = socket(family, Sockets.stream, 0)
    guard descriptor >= 0 else { return .failure(SystemError(number: errno)) }
    let result = withPointer { connect(descriptor, $0, $1) }
    guard result == 0 else {
      let number = errno
      close(descriptor)
      return .failure(SystemError(number: number))
    }
    Sockets.sendAtOnce(descriptor)
    return .success(descriptor)
  }

  /// What a call of the system ended with.
  struct SystemError: Error {
    let number: Int32
    var reason: String { String(cString: strerror(number)) }
  }
}
