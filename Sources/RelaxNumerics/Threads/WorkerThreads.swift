// SPDX-License-Identifier: MIT

import CKernels
import CLibrary

/// Plain threads for work that computes for seconds without waiting, where a cooperative pool would
/// only add a layer.
public final class WorkerThreads {
  /// Processors that this process may use.
  public static var processors: Int { Int(relax_processors()) }

  private final class Body {
    let run: @Sendable () -> Void
    init(_ run: @escaping @Sendable () -> Void) { self.run = run }
  }

  private var handles: [pthread_t] = []

  /// Starts `count` threads that each run `body` with their number 0..<`count`.
  public init(count: Int, body: @escaping @Sendable (Int) -> Void) {
    for number in 0..<count {
      let box = Unmanaged.passRetained(Body { body(number) })
      #if canImport(Darwin)
        var handle: pthread_t?
      #else
        var handle = pthread_t()
      #endif
      let result = pthread_create(&handle, nil, workerMain, box.toOpaque())
      guard result == 0 else {
        box.release()
        // Fewer threads only make the run slower; none at all would hang it.
        precondition(!handles.isEmpty, "the system refuses to start a thread (error \(result))")
        break
      }
      #if canImport(Darwin)
        if let handle { handles.append(handle) }
      #else
        handles.append(handle)
      #endif
    }
  }

  /// Waits until all threads have returned.
  public func join() {
    for handle in handles { pthread_join(handle, nil) }
    handles = []
  }

  #if canImport(Darwin)
    private let workerMain: @convention(c) (UnsafeMutableRawPointer) -> UnsafeMutableRawPointer? = {
      Unmanaged<Body>.fromOpaque($0).takeRetainedValue().run()
      return nil
    }
  #else
    private let workerMain: @convention(c) (UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? =
      {
        if let pointer = $0 { Unmanaged<Body>.fromOpaque(pointer).takeRetainedValue().run() }
        return nil
      }
  #endif
}
