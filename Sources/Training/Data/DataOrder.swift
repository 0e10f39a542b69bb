// SPDX-License-Identifier: MIT

import RelaxNumerics

/// What random numbers of a training are drawn for; each has streams of its own.
enum RandomPurpose: UInt64 {
  case order = 1
  case mixing
  case rotation
  case holdout

  /// Stream number `stream` for this purpose.
  func generator(seed: UInt64, stream: Int) -> SeededGenerator {
    var own = SeededGenerator(seed: seed, stream: rawValue)
    return SeededGenerator(seed: own.next(), stream: UInt64(stream))
  }
}

/// In which order frames are learned from: an endless row, of which each epoch is a random mixture.
///
/// Every frame of the row follows from the seed and its place alone, so that a training can go on
/// anywhere. A set of weight w gives w times its frames to each epoch: what an epoch leaves out of a
/// set comes in the next ones, and nothing comes twice before all has come once.
public struct DataOrder: Sendable {
  /// A set of frames and what it gives.
  private struct Source {
    /// Its frames among all.
    var frames: Range<Int>
    /// Frames it gives to an epoch.
    var share: Int
  }

  /// Frames of an epoch.
  public let epochLength: Int
  private let sources: [Source]
  private let seed: UInt64
  private var epoch = -1
  private var order: [Int] = []

  /// An order of frames that lie one set after the other.
  ///
  /// - Parameter sets: frames, at least one, and weight of each set.
  public init(sets: [(count: Int, weight: Double)], seed: UInt64) {
    precondition(!sets.isEmpty && sets.allSatisfy { $0.count > 0 && $0.weight > 0 })
    var start = 0
    var sources: [Source] = []
    for set in sets {
      let share = max(1, Int((Double(set.count) * set.weight).rounded()))
      sources.append(Source(frames: start..<start + set.count, share: share))
      start += set.count
    }
    (self.sources, self.seed) = (sources, seed)
    epochLength = sources.reduce(0) { $0 + $1.share }
  }

  /// Frames number `places` of the row.
  public mutating func frames(at places: Range<Int>) -> [Int] {
    places.map { place in
      let wanted = place / epochLength
      if wanted != epoch { (epoch, order) = (wanted, mixture(wanted)) }
      return order[place % epochLength]
    }
  }

  private func mixture(_ epoch: Int) -> [Int] {
    var frames: [Int] = []
    frames.reserveCapacity(epochLength)
    for (number, source) in sources.enumerated() {
      var pass = -1
      var permutation: [Int] = []
      for draw in epoch * source.share..<(epoch + 1) * source.share {
        let wanted = draw / source.frames.count
        if wanted != pass {
          pass = wanted
          permutation = Array(source.frames)
          var generator = RandomPurpose.order.generator(
            seed: seed, stream: pass * sources.count + number)
          generator.shuffle(&permutation)
        }
        frames.append(permutation[draw % source.frames.count])
      }
    }
    var generator = RandomPurpose.mixing.generator(seed: seed, stream: epoch)
    generator.shuffle(&frames)
    return frames
  }
}

extension SeededGenerator {
  /// Puts `elements` into random order; the library's own way may change, this one does not.
  mutating func shuffle<Element>(_ elements: inout [Element]) {
    for last in elements.indices.dropFirst().reversed() {
      elements.swapAt(last, below(last + 1))
    }
  }
}
