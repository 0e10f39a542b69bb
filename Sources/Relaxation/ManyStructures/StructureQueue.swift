// SPDX-License-Identifier: MIT

import Files
import RelaxNumerics
import StructureFiles
import Structures

/// The frames of several files as one stream from which worker threads take the next.
final class StructureQueue: Sendable {
  struct Item: Sendable {
    /// Position in the run, from 0.
    var index: Int
    var frame: Frame

    /// Of everything that was read of it.
    var checksum: Checksum {
      var bytes = Array(frame.identifier.utf8)
      switch frame.content {
      case .success(let structure): ExtxyzFormatter.append(structure, to: &bytes)
      case .failure(let error): bytes += Array(error.description.utf8)
      }
      return Checksum(of: bytes)
    }
  }

  private struct State {
    var paths: ArraySlice<String>
    var reader: StructureReader?
    var index = 0
    var errors: [FileError] = []
    var unusable: [FileError] = []
    var warnings: [FileError] = []
  }

  private let state: Guarded<State>
  private let filters: [FrameFilter]
  private let assumptions: StructureAssumptions
  private let shard: Shard?
  private let shouldStop: @Sendable () -> Bool

  /// A queue of all frames of `paths` that pass `filters`, or of those of a shard.
  ///
  /// - Parameter shouldStop: asked while a pipe lets wait; if true, the queue is at its end.
  init(
    paths: [String], filters: [FrameFilter],
    assumptions: StructureAssumptions = StructureAssumptions(), shard: Shard? = nil,
    shouldStop: @escaping @Sendable () -> Bool = { false }
  ) {
    self.assumptions = assumptions
    state = Guarded(State(paths: paths[...]))
    (self.filters, self.shard, self.shouldStop) = (filters, shard, shouldStop)
  }

  /// Files that could not be read to their end, so far.
  var errors: [FileError] { state.withLock { $0.errors } }

  /// What is to be known of files that were read to their end, so far.
  var warnings: [FileError] { state.withLock { $0.warnings } }

  /// Frames whose content cannot be used, so far.
  var unusableFrames: [FileError] { state.withLock { $0.unusable } }

  /// The next frame that is not skipped, or nil at the end of the last file.
  func next(skipping isDone: (Item) throws -> Bool) rethrows -> Item? {
    try state.withLock { state in
      while true {
        while let shard, !shard.contains(state.index) {
          guard
            advance(&state, by: { reader throws(FileError) in try reader.skip() ? () : nil })
              != nil
          else { return nil }
          state.index += 1
        }
        guard
          let frame = advance(&state, by: { reader throws(FileError) in try reader.next() })
        else { return nil }
        if case .failure(let error) = frame.content { state.unusable.append(error) }
        let item = Item(index: state.index, frame: frame)
        state.index += 1
        if try !isDone(item) { return item }
      }
    }
  }

  /// Structures of the whole input, what is left of it being passed over for that; nil if it is asked to stop.
  func countToEnd(unless shouldStop: () -> Bool) -> Int? {
    while !shouldStop() {
      let isOver = state.withLock { state in
        for _ in 0..<1000 {
          guard
            advance(&state, by: { reader throws(FileError) in try reader.skip() ? () : nil })
              != nil
          else { return true }
          state.index += 1
        }
        return false
      }
      if isOver { return shouldStop() ? nil : count }
    }
    return nil
  }

  /// Structures taken or skipped so far, those of other shards included.
  var count: Int { state.withLock { $0.index } }

  /// Structures of the whole input, what is left of it being passed over for that; nil if it takes longer.
  func count(within time: Duration) -> Int? {
    let end = ContinuousClock.now + time
    return countToEnd(unless: { ContinuousClock.now >= end })
  }

  /// What `body` gives of the file that is read, or of the next ones; nil at the end of the last.
  private func advance<Value>(
    _ state: inout State, by body: (StructureReader) throws(FileError) -> Value?
  ) -> Value? {
    while true {
      do {
        if let reader = state.reader, let value = try body(reader) { return value }
        if let warning = state.reader?.warning { state.warnings.append(warning) }
        guard let path = state.paths.popFirst() else {
          state.reader = nil
          return nil
        }
        state.reader = try StructureReader(
          path: path, selecting: filters, assuming: assumptions, shouldStop: shouldStop)
      } catch {
        guard !shouldStop() else { return nil }
        state.errors.append(error)
        state.reader = nil
      }
    }
  }
}
