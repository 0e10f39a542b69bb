// SPDX-License-Identifier: MIT

import Forces
import RelaxNumerics
import Structures

/// Drivers that others start, and which connect to one socket: each has one structure at a time.
final class IPIClients: SessionSource {
  private let listener: IPIListener
  private let address: IPIAddress
  private let settings: IPISettings
  /// Those whose structure is done.
  private let idle = Guarded<[IPISession]>([])

  /// Listens from now on.
  init(_ address: IPIAddress, _ settings: IPISettings) throws(ExchangeError) {
    (self.address, self.settings) = (address, settings)
    listener = try IPIListener(address)
  }

  deinit {
    idle.withLock { for session in $0 { session.close() } }
    // Nor need those wait who have come in vain.
    while let client = listener.client() { IPISession(client).close() }
    listener.stop()
  }

  func take(
    for structure: Structure, _ cancellation: Cancellation
  ) throws(ExchangeError) -> any ForceSession {
    let patience = Patience(seconds: settings.startSeconds, cancellation)
    while true {
      guard let session = suited(to: structure) ?? newcomer() else {
        guard try patience.pause() > 0 else {
          throw .notStarted(
            "no driver connected to \(address.text) within \(settings.startSeconds.shortText) s "
              + "(start=)")
        }
        // Short, for another thread may give one back.
        IPIListener.wait(for: [listener], nil, milliseconds: 20)
        continue
      }
      do throws(ExchangeError) {
        try session.begin(structure, Patience(seconds: settings.startSeconds, cancellation))
        return session
      } catch {
        discard(session)
        // Somebody only looked whether we are there.
        if case .ended = error { continue }
        throw error
      }
    }
  }

  private func newcomer() -> IPISession? {
    listener.client().map { IPISession($0, peer: ConnectedProgram.program(of: $0)) }
  }

  func giveBack(_ session: any ForceSession) {
    guard let session = session as? IPISession else { return }
    idle.withLock { $0.append(session) }
  }

  func discard(_ session: any ForceSession) { session.end() }

  /// A driver that is free and knows the structure, or can be told of it; the others, which know another one, end.
  private func suited(to structure: Structure) -> IPISession? {
    let waiting = idle.withLock { idle in
      defer { idle = [] }
      return idle
    }
    var chosen: IPISession?
    var others: [IPISession] = []
    for session in waiting where session.isQuiet {
      guard session.canGoOn(with: structure) else {
        session.close()
        continue
      }
      if chosen == nil { chosen = session } else { others.append(session) }
    }
    idle.withLock { $0 += others }
    return chosen
  }
}
