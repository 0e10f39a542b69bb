// SPDX-License-Identifier: MIT

import CLibrary

/// A connected socket over which whole messages go to another program and come back, with an eye on what
/// that program prints meanwhile.
///
/// Messages are told apart by their lengths: however the system cuts or joins them on the way, the same
/// bytes come out.
final class Channel {
  private var descriptor: Int32
  /// The program at the other end, if it is one of ours.
  var program: Program?
  private var received: [UInt8] = []
  private var taken = 0

  /// Takes over `descriptor`, which it closes at last.
  init(_ descriptor: Int32, to program: Program? = nil) {
    (self.descriptor, self.program) = (descriptor, program)
    _ = fcntl(descriptor, F_SETFL, fcntl(descriptor, F_GETFL) | O_NONBLOCK)
  }

  deinit { close() }

  /// Closes our side.
  func close() {
    if descriptor >= 0 { Sockets.close(descriptor) }
    descriptor = -1
  }

  /// Two connected sockets: ours, and the one for a program that is to be started.
  static func pair() throws(ExchangeError) -> (own: Int32, peer: Int32) {
    var ends: [Int32] = [-1, -1]
    guard socketpair(AF_UNIX, Sockets.stream, 0, &ends) == 0 else {
      throw .notStarted(Spawning.reason("no socket can be made"))
    }
    return (ends[0], ends[1])
  }

  /// Sends all of `bytes`.
  func send(_ bytes: [UInt8], _ patience: Patience) throws(ExchangeError) {
    var rest = bytes[...]
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes { Sockets.send(descriptor, $0.baseAddress, $0.count) }
      if count > 0 {
        rest = rest.dropFirst(count)
      } else if errno == EAGAIN || errno == EWOULDBLOCK {
        try wait(for: Int16(POLLOUT), patience)
      } else if errno != EINTR {
        throw gone(Spawning.reason("it takes nothing more"))
      }
    }
  }

  /// The next `count` bytes.
  func receive(_ count: Int, _ patience: Patience) throws(ExchangeError) -> ArraySlice<UInt8> {
    guard let bytes = try receiveIfAny(count, patience) else {
      throw gone("it closed the connection")
    }
    return bytes
  }

  /// The next `count` bytes; nil if the other side closed the connection before the first of them.
  func receiveIfAny(_ count: Int, _ patience: Patience) throws(ExchangeError) -> ArraySlice<UInt8>?
  {
    while received.count - taken < count {
      guard try fill(patience) else {
        guard received.count == taken else {
          throw gone("it closed the connection inside a message")
        }
        return nil
      }
    }
    let bytes = received[taken..<taken + count]
    taken += count
    return bytes
  }

  /// Whether nothing has come and the other side still holds the connection.
  var isQuiet: Bool {
    guard received.count == taken else { return false }
    return Sockets.isQuiet(descriptor)
  }

  /// Reads what is there, and waits for something if nothing is.
  ///
  /// - Returns: false at the end.
  private func fill(_ patience: Patience) throws(ExchangeError) -> Bool {
    if taken == received.count {
      received.removeAll(keepingCapacity: true)
      taken = 0
    }
    while true {
      let count = withUnsafeTemporaryAllocation(byteCount: 1 << 16, alignment: 1) { buffer in
        let count = read(descriptor, buffer.baseAddress, buffer.count)
        if count > 0 { received += buffer.prefix(count) }
        return count
      }
      if count > 0 { return true }
      if count == 0 || errno == ECONNRESET { return false }
      if errno == EAGAIN || errno == EWOULDBLOCK {
        Sockets.acknowledgeAtOnce(descriptor)
        try wait(for: Int16(POLLIN), patience)
      } else if errno != EINTR {
        throw gone(Spawning.reason("nothing can be read from it"))
      }
    }
  }

  /// Waits until the socket is ready, and takes what the program prints in the meantime.
  private func wait(for event: Int16, _ patience: Patience) throws(ExchangeError) {
    while true {
      let pause = try patience.pause()
      if pause == 0, let seconds = patience.seconds { throw .timedOut(seconds: seconds) }
      var requests = [pollfd(fd: descriptor, events: event, revents: 0)]
      if let output = program?.output, output >= 0 {
        requests.append(pollfd(fd: output, events: Int16(POLLIN), revents: 0))
      }
      let found = poll(&requests, nfds_t(requests.count), pause)
      if requests.count > 1 && requests[1].revents != 0 { program?.drainOutput() }
      if found > 0 && requests[0].revents != 0 { return }
    }
  }

  /// The end of the other side, with how its program ended if it has by now.
  private func gone(_ reason: String) -> ExchangeError {
    program?.waitForEnd(seconds: 1)
    guard let ending = program?.ending else { return .ended(reason) }
    return .ended(ending.reason)
  }
}
