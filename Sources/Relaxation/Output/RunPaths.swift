// SPDX-License-Identifier: MIT

import Files

/// Where a run writes.
public struct RunPaths: Hashable, Sendable {
  /// File of the relaxed structures.
  public var relaxed: String
  /// Geometries on the way, if wanted.
  public var trajectory: String?
  /// One line of JSON a structure, if wanted.
  public var summary: String?

  /// Paths of the outputs.
  public init(relaxed: String, trajectory: String? = nil, summary: String? = nil) {
    (self.relaxed, self.trajectory, self.summary) = (relaxed, trajectory, summary)
  }

  /// Where a shard of the run writes: see `Shard.path(of:)`; all of it for nil.
  public func paths(of shard: Shard?) -> RunPaths {
    guard let shard else { return self }
    return RunPaths(
      relaxed: shard.path(of: relaxed), trajectory: trajectory.map(shard.path),
      summary: summary.map(shard.path))
  }

  /// All that are asked for.
  public var all: [String] { [relaxed] + [trajectory, summary].compactMap { $0 } }

  /// What has been finished: hidden beside the relaxed structures, `.NAME.journal`; nil if these go to
  /// a pipe or device, for then there is nothing to go on from.
  public var journal: String? {
    FilePlace(relaxed).kind == .stream ? nil : HiddenFile.path("journal", of: relaxed)
  }

  /// The outputs that are files.
  var regular: [String] { all.filter { FilePlace($0).kind != .stream } }
}

/// How outputs of an earlier run are treated.
public enum RunStart: Sendable {
  /// They must not be there.
  case new
  /// They are replaced, as soon as there is a result.
  case overwriting
  /// They are continued.
  case resuming
  /// They are continued, and structures that ended with one of these statuses are taken up again.
  case retrying(Set<RelaxationStatus>)

  /// Whether they are continued.
  var isResuming: Bool {
    switch self {
    case .resuming, .retrying: true
    case .new, .overwriting: false
    }
  }
}
