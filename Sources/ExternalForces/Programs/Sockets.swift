// SPDX-License-Identifier: MIT

import CLibrary

/// What systems call differently about sockets.
enum Sockets {
  /// A stream that programs which are started do not inherit.
  static var stream: Int32 {
    #if canImport(Darwin)
      SOCK_STREAM
    #elseif canImport(Musl)
      SOCK_STREAM | SOCK_CLOEXEC
    #else
      Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue)
    #endif
  }

  /// `close(2)`, where a method of that name hides it.
  static func close(_ descriptor: Int32) { systemClose(descriptor) }

  /// `send(2)`; a reader that is gone is an error, not the end of this process.
  static func send(_ descriptor: Int32, _ bytes: UnsafeRawPointer?, _ count: Int) -> Int {
    #if canImport(Darwin)
      systemSend(descriptor, bytes, count, 0)
    #elseif canImport(Musl)
      systemSend(descriptor, bytes, count, MSG_NOSIGNAL)
    #else
      systemSend(descriptor, bytes, count, Int32(MSG_NOSIGNAL))
    #endif
  }

  /// Small messages over a network are not kept back to be sent with others; does nothing to other sockets.
  static func sendAtOnce(_ descriptor: Int32) {
    var yes: Int32 = 1
    setsockopt(
      descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &yes, socklen_t(MemoryLayout<Int32>.size))
  }

  /// Says at once that what came has come: else peers that send a message in small parts, as ASE does, wait 40 ms
  /// for it each time; holds for a while only, and does nothing to other sockets.
  static func acknowledgeAtOnce(_ descriptor: Int32) {
    #if os(Linux)
      var yes: Int32 = 1
      setsockopt(
        descriptor, Int32(IPPROTO_TCP), TCP_QUICKACK, &yes, socklen_t(MemoryLayout<Int32>.size))
    #endif
  }

  /// Whether nothing has come, and the other side has not closed it either.
  static func isQuiet(_ descriptor: Int32) -> Bool {
    var request = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
    return poll(&request, 1, 0) == 0
  }
}

private func systemSend(
  _ descriptor: Int32, _ bytes: UnsafeRawPointer?, _ count: Int, _ flags: Int32
) -> Int { send(descriptor, bytes, count, flags) }

private func systemClose(_ descriptor: Int32) { close(descriptor) }
