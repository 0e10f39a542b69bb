// SPDX-License-Identifier: MIT

/// Gives the items of a stream to `transform` on several threads, and the results to `consume` one by
/// one in the order of the items, on the calling thread.
///
/// What comes out does not depend on the number of threads. Of a stream no more is read ahead than
/// some items a thread, so memory does not grow with its length. With one thread, or where the system
/// refuses all others, everything happens on the calling one.
///
/// - Parameters:
///   - threads: items at work at once.
///   - lookAhead: items that may have been read and not yet been consumed; 8 a thread unless given.
///   - starter: where threads come from.
///   - shouldStop: asked before an item is read; true ends the stream there. What was read is consumed.
///   - next: the next item, nil at the end; called by one thread at a time.
///   - transform: the work.
///   - consume: receives the results.
/// - Returns: whether the stream was read to its end.
/// - Throws: the first error in the order of the items, whichever of the three closures threw it; all
///   results before it have been consumed, none after it.
@discardableResult
public func mapInOrder<Item: Sendable, Output: Sendable, Failure: Error>(
  threads: Int, lookAhead: Int? = nil, starter: ThreadStarter = .system,
  shouldStop: @escaping @Sendable () -> Bool = { false },
  next: sending @escaping () throws(Failure) -> Item?,
  transform: @escaping @Sendable (Item) throws(Failure) -> Output,
  consume: (Output) throws(Failure) -> Void
) throws(Failure) -> Bool {
  let stream = Guarded(
    ItemStream<Item, Output, Failure>(
      next: next, lookAhead: max(1, lookAhead ?? 8 * threads), shouldStop: shouldStop))

  /// Reads an item and works on it, if there is one.
  @Sendable func work() -> Bool {
    guard let taken = stream.withLock(when: \.canTake, { $0.take() }) else { return false }
    let result: Result<Output, Failure>
    do throws(Failure) {
      result = .success(try transform(taken.item))
    } catch {
      result = .failure(error)
    }
    stream.withLock { $0.finish(taken.turn, result) }
    return true
  }

  let workers = starter.start(threads > 1 ? threads : 0) { while work() {} }
  var failure: Failure?
  while failure == nil {
    if workers.isEmpty { _ = work() }
    guard let result = stream.withLock(when: \.hasNews, { $0.result() }) else { break }
    do throws(Failure) {
      try consume(try result.get())
    } catch {
      failure = error
      stream.withLock { $0.isOver = true }
    }
  }
  for worker in workers { worker.join() }
  if let failure { throw failure }
  return stream.withLock { !$0.wasStopped }
}

/// The same for the numbers 0..<`count`.
@discardableResult
public func mapInOrder<Output: Sendable, Failure: Error>(
  count: Int, threads: Int, starter: ThreadStarter = .system,
  shouldStop: @escaping @Sendable () -> Bool = { false },
  transform: @escaping @Sendable (Int) throws(Failure) -> Output,
  consume: (Output) throws(Failure) -> Void
) throws(Failure) -> Bool {
  var number = 0
  return try mapInOrder(
    threads: min(threads, count), starter: starter, shouldStop: shouldStop,
    next: { () throws(Failure) -> Int? in
      guard number < count else { return nil }
      defer { number += 1 }
      return number
    }, transform: transform, consume: consume)
}

/// The results for the numbers 0..<`count`, in their order.
public func mapInOrder<Output: Sendable, Failure: Error>(
  count: Int, threads: Int, starter: ThreadStarter = .system,
  transform: @escaping @Sendable (Int) throws(Failure) -> Output
) throws(Failure) -> [Output] {
  var results: [Output] = []
  results.reserveCapacity(count)
  try mapInOrder(
    count: count, threads: threads, starter: starter, transform: transform,
    consume: { (result: Output) throws(Failure) in results.append(result) })
  return results
}

/// Items on their way from the stream to their consumer.
private struct ItemStream<Item, Output, Failure: Error> {
  let next: () throws(Failure) -> Item?
  let lookAhead: Int
  let shouldStop: @Sendable () -> Bool
  /// Items read, and results consumed.
  var read = 0
  var consumed = 0
  /// Results that wait for earlier ones.
  var results: [Int: Result<Output, Failure>] = [:]
  /// Whether no more is read.
  var isOver = false
  var wasStopped = false

  init(
    next: @escaping () throws(Failure) -> Item?, lookAhead: Int,
    shouldStop: @escaping @Sendable () -> Bool
  ) {
    (self.next, self.lookAhead, self.shouldStop) = (next, lookAhead, shouldStop)
  }

  var canTake: Bool { isOver || read < consumed + lookAhead }
  var hasNews: Bool { results[consumed] != nil || (isOver && consumed == read) }

  /// The next item and its number; nil if no more is read.
  mutating func take() -> (turn: Int, item: Item)? {
    guard !isOver else { return nil }
    if shouldStop() {
      (isOver, wasStopped) = (true, true)
      return nil
    }
    do throws(Failure) {
      if let item = try next() {
        defer { read += 1 }
        return (read, item)
      }
    } catch {
      results[read] = .failure(error)
      read += 1
    }
    isOver = true
    return nil
  }

  mutating func finish(_ turn: Int, _ result: Result<Output, Failure>) {
    results[turn] = result
    if case .failure = result { isOver = true }
  }

  /// The next result in order; nil at the end.
  mutating func result() -> Result<Output, Failure>? {
    guard let result = results.removeValue(forKey: consumed) else { return nil }
    consumed += 1
    return result
  }
}
