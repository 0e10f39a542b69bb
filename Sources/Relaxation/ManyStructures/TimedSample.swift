// SPDX-License-Identifier: MIT

import Files
import Forces
import RelaxNumerics
import StructureFiles

/// Relaxes some structures of an input and keeps how long each took: nothing is written.
///
/// One is drawn out of each of equal stretches of the input: evenly spaced ones would all be of one kind, where kinds take
/// turns.
public struct TimedSample: Sendable {
  /// Structures in the whole input.
  public let total: Int
  /// Seconds of a worker for each structure that was relaxed, in their order.
  public let seconds: [Double]

  /// What was measured.
  init(total: Int, seconds: [Double]) { (self.total, self.seconds) = (total, seconds) }

  /// Relaxes `count` structures of what `engine` would relax, with its threads.
  ///
  /// The input is read twice: to count what it holds, and to take structures out of it.
  ///
  /// - Parameters:
  ///   - limit: no structure is begun after this time.
  ///   - shouldStop: asked by all threads before every step.
  /// - Throws: `FileError` for a file that cannot be read to its end.
  public init(
    of engine: Engine, count: Int, limit: Duration,
    shouldStop: @escaping @Sendable () -> Bool = { false }
  ) throws {
    let counter = StructureQueue(
      paths: engine.inputs, filters: engine.filters, assumptions: engine.assumptions,
      shouldStop: shouldStop)
    let total = counter.countToEnd(unless: shouldStop) ?? 0
    if let error = counter.errors.first { throw error }
    let wanted = TimedSample.places(min(count, total), of: total)
    let queue = StructureQueue(
      paths: engine.inputs, filters: engine.filters, assumptions: engine.assumptions,
      shouldStop: shouldStop)
    let end = ContinuousClock.now + limit
    let times = Guarded<[Int: Double]>([:])
    WorkerThreads.run(engine.threads) {
      while ContinuousClock.now < end, !shouldStop(),
        let item = queue.next(skipping: { !wanted.contains($0.index) })
      {
        guard case .success(let structure) = item.frame.content else { continue }
        let begin = ContinuousClock.now
        // What goes wrong with a structure costs time, too.
        _ = try? Relaxation(engine.settings).run(
          structure, provider: engine.provider, cancellation: Cancellation(shouldStop))
        let seconds = (ContinuousClock.now - begin) / .seconds(1)
        times.withLock { $0[item.index] = seconds }
      }
    }
    self.init(total: total, seconds: times.withLock { $0.sorted { $0.key < $1.key }.map(\.value) })
  }

  /// One place out of each of `count` equal stretches of `total`, always the same ones.
  static func places(_ count: Int, of total: Int) -> Set<Int> {
    var random = SeededGenerator(seed: 1)
    return Set(
      (0..<count).map { stretch in
        let (start, end) = (stretch * total / count, (stretch + 1) * total / count)
        return start + Int(random.next() % UInt64(end - start))
      })
  }

  /// Mean seconds a structure; 0 without any.
  public var mean: Double {
    seconds.isEmpty ? 0 : seconds.reduce(0, +) / Double(seconds.count)
  }

  /// By how much the mean over all structures may be off, in seconds: two standard errors.
  public var uncertainty: Double {
    guard seconds.count > 1 else { return mean }
    let squares = seconds.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
    return 2 * (squares / Double(seconds.count * (seconds.count - 1))).squareRoot()
  }

  /// Into how many shards the input is to be divided so that each takes about so long.
  ///
  /// It is reckoned with the upper end of what the mean may be; a structure is not divided. The number is a prime if
  /// there are enough structures: kinds that take turns in the input are then spread over all shards.
  ///
  /// - Parameters:
  ///   - seconds: wall time of a shard.
  ///   - threads: structures that a shard has at work at once.
  public func shards(of seconds: Double, threads: Int) -> Int {
    let work = (mean + uncertainty) * Double(total) / Double(threads)
    let least = max(1, min(total, Shard.most, Int((work / seconds).rounded(.up))))
    guard least > 1, let prime = (least...2 * least).first(where: TimedSample.isPrime),
      prime <= total
    else { return least }
    return prime
  }

  private static func isPrime(_ number: Int) -> Bool {
    number > 1 && !(2..<number).prefix { $0 * $0 <= number }.contains { number % $0 == 0 }
  }
}
