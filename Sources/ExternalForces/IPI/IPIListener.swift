// SPDX-License-Identifier: MIT

import CLibrary
import Files
import RelaxNumerics

/// A socket that drivers connect to: a file, or a port of one host.
final class IPIListener: Sendable {
  /// One for each address of the host.
  private let descriptors: [Int32]
  /// The socket's file, which is removed at the end.
  private let file: String?
  private let isOpen = Guarded(true)

  /// Listens from now on.
  ///
  /// The file of a socket that nobody listens to any more, which a killed process leaves behind, is replaced.
  ///
  /// - Throws: kind `notStarted`.
  init(_ address: IPIAddress) throws(ExchangeError) {
    let places = try address.resolved()
    var opened: [Int32] = []
    do throws(ExchangeError) {
      for place in places { opened.append(try IPIListener.listening(at: place, address)) }
    } catch {
      for descriptor in opened { Sockets.close(descriptor) }
      throw error
    }
    descriptors = opened
    if case .file(let path) = address { file = path } else { file = nil }
  }

  /// Listens at a free port of this machine that others do not see.
  init() throws(ExchangeError) {
    let address = IPIAddress.port(IPIListener.loopback, 0)
    let places = try address.resolved()
    descriptors = [try IPIListener.listening(at: places[0], address)]
    file = nil
  }

  deinit { stop() }

  /// This machine as only itself sees it.
  static let loopback = "127.0.0.1"

  /// The port, in the system's care.
  var port: Int {
    var address = sockaddr_in()
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let result = withUnsafeMutablePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        getsockname(descriptors[0], $0, &length)
      }
    }
    return result == 0 ? Int(UInt16(bigEndian: address.sin_port)) : 0
  }

  /// Listens no more.
  func stop() {
    let wasOpen = isOpen.withLock { isOpen in
      defer { isOpen = false }
      return isOpen
    }
    guard wasOpen else { return }
    for descriptor in descriptors { Sockets.close(descriptor) }
    if let file {
      FileSystem.unlink(file)
      UnfinishedFiles.forget(file)
    }
  }

  /// A driver that has connected; nil if there is none now.
  func client() -> Int32? {
    for descriptor in descriptors {
      if let client = IPIListener.accepted(by: descriptor) { return client }
    }
    return nil
  }

  /// Waits until somebody connects to one of `listeners` or `program` prints something, at most so many milliseconds.
  static func wait(for listeners: [IPIListener], _ program: Program?, milliseconds: Int32) {
    var requests = listeners.flatMap(\.descriptors).map {
      pollfd(fd: $0, events: Int16(POLLIN), revents: 0)
    }
    if let output = program?.output, output >= 0 {
      requests.append(pollfd(fd: output, events: Int16(POLLIN), revents: 0))
    }
    _ = poll(&requests, nfds_t(requests.count), milliseconds)
    program?.drainOutput()
  }

  // MARK: - The system's calls

  private static func listening(
    at place: SystemAddress, _ address: IPIAddress
  ) throws(ExchangeError) -> Int32 {
    let descriptor = socket(place.family, Sockets.stream, 0)
    guard descriptor >= 0 else { throw .notStarted(Spawning.reason("no socket can be made")) }
    do throws(ExchangeError) {
      try bind(descriptor, to: place, address)
      guard listen(descriptor, 64) == 0 else {
        throw .notStarted(Spawning.reason("\(address.text): nobody can connect there"))
      }
    } catch {
      Sockets.close(descriptor)
      throw error
    }
    _ = fcntl(descriptor, F_SETFL, fcntl(descriptor, F_GETFL) | O_NONBLOCK)
    return descriptor
  }

  private static func bind(
    _ descriptor: Int32, to place: SystemAddress, _ address: IPIAddress
  ) throws(ExchangeError) {
    guard case .file(let path) = address else {
      var yes: Int32 = 1
      setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &yes, socklen_t(MemoryLayout<Int32>.size))
      if place.family == AF_INET6 {
        // Else it would take the port of version 4, too, which has a socket of its own.
        setsockopt(
          descriptor, Int32(IPPROTO_IPV6), IPV6_V6ONLY, &yes, socklen_t(MemoryLayout<Int32>.size))
      }
      guard place.withPointer({ systemBind(descriptor, $0, $1) }) == 0 else {
        throw refusal(errno, address)
      }
      return
    }
    let made = Result { () throws(FileError) in
      try UnfinishedFiles.making { () -> Result<(path: String, made: Void), FileError> in
        if systemBound(descriptor, place) { return .success((path, ())) }
        let number = errno
        if number == EADDRINUSE, isStale(path, place) {
          FileSystem.unlink(path)
          if systemBound(descriptor, place) { return .success((path, ())) }
        }
        return .failure(FileError(.unwritable, file: path, refusal(number, address).reason))
      }
    }
    if case .failure(let error) = made { throw .notStarted(error.message) }
  }

  private static func refusal(_ number: Int32, _ address: IPIAddress) -> ExchangeError {
    guard number == EADDRINUSE else {
      return .notStarted("cannot listen at \(address.text): \(String(cString: strerror(number)))")
    }
    return .notStarted(
      "cannot listen at \(address.text): it is in use by another process"
        + (address.isFile ? ", or a file that is no socket" : ""))
  }

  /// Whether there is the file of a socket that nobody listens to.
  private static func isStale(_ path: String, _ place: SystemAddress) -> Bool {
    guard let status = FileSystem.linkStatus(path), status.st_mode & S_IFMT == S_IFSOCK else {
      return false
    }
    switch place.connected() {
    case .success(let descriptor):
      Sockets.close(descriptor)
      return false
    case .failure(let error): return error.number == ECONNREFUSED
    }
  }

  private static func accepted(by descriptor: Int32) -> Int32? {
    // Linux has one call for both, but Swift does not see it.
    let client = Spawning.lock.withLock { _ in
      let client = accept(descriptor, nil, nil)
      if client >= 0 { _ = fcntl(client, F_SETFD, FD_CLOEXEC) }
      return client
    }
    guard client >= 0 else { return nil }
    Sockets.sendAtOnce(client)
    return client
  }
}

extension IPIAddress {
  fileprivate var isFile: Bool { if case .file = self { true } else { false } }
}

private func systemBind(
  _ descriptor: Int32, _ address: UnsafePointer<sockaddr>, _ length: socklen_t
) -> Int32 { bind(descriptor, address, length) }

/// Whether the socket has this address from now on.
private func systemBound(_ descriptor: Int32, _ place: SystemAddress) -> Bool {
  place.withPointer { systemBind(descriptor, $0, $1) } == 0
}
