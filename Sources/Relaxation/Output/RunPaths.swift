// SPDX-License-Identifier: MIT

/// Where a run writes.
public struct RunPaths: Hashable, Sendable {
  /// Relaxed structures.
  public var relaxed: String
  /// Geometries on the way, if wanted.
  public var trajectory: String?
  /// One line of JSON a structure, if wanted.
  public var summary: String?

  /// Paths of the outputs.
  public init(relaxed: String, trajectory: String? = nil, summary: String? = nil) {
    (self.relaxed, self.trajectory, self.summary) = (relaxed, trajectory, summary)
  }

  /// All that are asked for.
  public var all: [String] { [relaxed] + [trajectory, summary].compactMap { $0 } }
  /// What has been finished; stays beside the relaxed structures.
  public var journal: String { relaxed + ".journal" }
  /// Finished structures whose turn has not come; gone at the end.
  public var spool: String { relaxed + ".ahead" }
}

/// How outputs of an earlier run are treated.
public enum RunStart: Sendable {
  /// They must not be there.
  case new
  /// They are replaced.
  case overwriting
  /// They are continued.
  case resuming
}
