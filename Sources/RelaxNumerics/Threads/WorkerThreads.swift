// SPDX-License-Identifier: MIT

import CKernels
import CLibrary

/// Plain threads for work that computes for seconds without waiting, where a cooperative pool would
/// only add a layer.
///
/// A system may refuse to start a thread. Then there are fewer, down to none but the calling one, and
/// all work is done all the same.
public enum WorkerThreads {
  /// Processors that this process may use.
  public static var processors: Int { Int(relax_processors()) }

  /// The most threads that one computation is spread over, a few a processor: more would take turns,
  /// and each needs memory of its own.
  public static var mostInComputation: Int { max(4, 2 * processors) }

  /// Runs `body` on `count` threads at the same time, or on as many as the system gives, if it must be
  /// on the calling one, and waits for all.
  ///
  /// For work that is shared out while it is done, as from a queue: a body that comes late finds less.
  public static func run(
    _ count: Int, starter: ThreadStarter = .system, _ body: @escaping @Sendable () -> Void
  ) {
    let threads = starter.start(count > 1 ? count : 0, body)
    if threads.isEmpty { body() }
    for thread in threads { thread.join() }
  }

  /// Starts a thread that nobody waits for.
  ///
  /// - Returns: whether the system gave one.
  @discardableResult
  public static func runAside(
    starter: ThreadStarter = .system, _ body: @escaping @Sendable () -> Void
  ) -> Bool {
    guard let thread = starter.start(1, body).first else { return false }
    thread.leave()
    return true
  }
}

/// Starts threads; another one than the system's is for tests.
public struct ThreadStarter: Sendable {
  /// A thread that runs.
  public struct Thread {
    private let wait: () -> Void
    private let letGo: () -> Void

    /// A thread whose end `wait` waits for, and which gives back by itself what it holds, after `letGo`.
    public init(wait: @escaping () -> Void, letGo: @escaping () -> Void = {}) {
      (self.wait, self.letGo) = (wait, letGo)
    }

    /// Waits until it has returned; to be called once.
    public func join() { wait() }

    /// Says that nobody will wait for it; to be called once, in place of `join`.
    public func leave() { letGo() }
  }

  private let startOne: @Sendable (@escaping @Sendable () -> Void) -> Thread?

  /// Threads from `start`, which gives nil where there are no more.
  public init(_ start: @escaping @Sendable (@escaping @Sendable () -> Void) -> Thread?) {
    startOne = start
  }

  /// Starts `count` threads that run `body`, or as many as there are.
  public func start(_ count: Int, _ body: @escaping @Sendable () -> Void) -> [Thread] {
    var threads: [Thread] = []
    while threads.count < count, let thread = startOne(body) { threads.append(thread) }
    return threads
  }

  /// The system's threads.
  public static let system = ThreadStarter { body in
    // Where threads were refused for want of room, nothing could be computed either: a thread is only
    // taken if some room is left beside it.
    let room = mmap(nil, ThreadStarter.room, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
    guard let room, room != MAP_FAILED else { return nil }
    defer { munmap(room, ThreadStarter.room) }
    let box = Unmanaged.passRetained(Body(body))
    #if canImport(Darwin)
      var handle: pthread_t?
    #else
      var handle = pthread_t()
    #endif
    guard pthread_create(&handle, nil, threadMain, box.toOpaque()) == 0 else {
      box.release()
      return nil
    }
    #if canImport(Darwin)
      guard let handle else { return nil }
    #endif
    let started = handle
    return Thread(wait: { pthread_join(started, nil) }, letGo: { pthread_detach(started) })
  }

  /// Bytes of address space that must be left beside each thread.
  private static let room = 128 << 20

  private final class Body {
    let run: @Sendable () -> Void
    init(_ run: @escaping @Sendable () -> Void) { self.run = run }
  }

  #if canImport(Darwin)
    private static let threadMain:
      @convention(c) (UnsafeMutableRawPointer) -> UnsafeMutableRawPointer? = {
        Unmanaged<Body>.fromOpaque($0).takeRetainedValue().run()
        return nil
      }
  #else
    private static let threadMain:
      @convention(c) (UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? = {
        if let pointer = $0 { Unmanaged<Body>.fromOpaque(pointer).takeRetainedValue().run() }
        return nil
      }
  #endif
}
