// SPDX-License-Identifier: MIT

/// The shards of an output that lie in its folder, found by their names.
///
/// Nothing but names is looked at: whether a shard is finished, and of the same work as the others, its
/// manifest or journal tells, and ``requireMergeable(_:partial:)`` judges.
public struct ShardSet: Sendable {
  /// The output that the shards are of, as it was given, without a slash at its end.
  public let output: String
  /// How many shards it has.
  public let count: Int
  /// Those of which there is a file, or a hidden one that tells of them, by their numbers.
  public let present: [Shard]

  /// Looks for the shards of `output`, which need not be there itself.
  ///
  /// - Parameter kinds: kinds of hidden files that tell of a shard even where its output is not there.
  /// - Throws: if there are none, or if there are those of two different divisions.
  public init(
    of output: String, hidden kinds: [String] = ["shard", "journal"]
  ) throws(ShardSetError) {
    var output = Substring(output)
    while output.count > 1, output.hasSuffix("/") { output = output.dropLast() }
    self.output = String(output)
    let (folder, name) = FilePlace.parts(self.output)
    let names: [String]
    do throws(FileError) { names = try Folder.names(in: folder) } catch {
      throw ShardSetError(.none, "\(PathText.shown(folder)): \(error.message)")
    }
    var found = Set(names.compactMap { Shard(of: name, writing: $0) })
    let counted = Set(found.map(\.count))
    for file in names where file.hasPrefix(".") {
      for kind in kinds where file.hasSuffix(".\(kind)") {
        let output = file.dropFirst().dropLast(kind.utf8.count + 1)
        guard let shard = Shard(of: name, writing: String(output)) else { continue }
        // Whoever removes outputs by hand leaves what is hidden.
        if counted.isEmpty || counted.contains(shard.count) { found.insert(shard) }
      }
    }
    present = found.sorted { ($0.count, $0.number) < ($1.count, $1.number) }
    guard let count = present.first?.count else {
      let example = Shard(1, of: 3)?.path(of: name) ?? name
      throw ShardSetError(
        .none,
        "\(PathText.shown(self.output)): there are no shards of it in "
          + "\(folder == "." ? "this folder" : PathText.shown(folder)), such as \(example)")
    }
    self.count = count
    let counts = Set(present.map(\.count)).sorted()
    guard counts.count == 1 else {
      let groups = counts.map { count in
        "of \(count) (\(ShardSet.list(present.filter { $0.count == count }, of: name)))"
      }
      throw ShardSetError(
        .foreign,
        "\(PathText.shown(self.output)): shards of different divisions lie here: "
          + "\(groups.joined(separator: " and ")); remove those that do not belong together")
    }
  }

  /// All shards that there should be.
  public var all: [Shard] { (1...count).compactMap { Shard($0, of: count) } }

  /// Shards of which there is nothing.
  public var missing: [Shard] {
    let present = Set(present)
    return all.filter { !present.contains($0) }
  }

  /// Where a shard's output is.
  public func path(of shard: Shard) -> String { shard.path(of: output) }

  // MARK: - Judgement

  /// What a shard that is there tells of itself.
  public enum State: Sendable {
    /// It was begun, and not finished.
    case unfinished
    /// It is complete: which shard it says it is, and with which settings it was made.
    case finished(Shard, [RecordedSetting])
    /// What it has left is damaged, in which way.
    case damaged(String)
  }

  /// Judges whether shards can be made one: each is what its name says, all are of the same work, and
  /// none is missing.
  ///
  /// - Parameters:
  ///   - states: what the shards that are there tell, by their names.
  ///   - partial: whether those that are missing or not finished are done without.
  /// - Returns: the shards to be merged, by their numbers.
  /// - Throws: naming all shards that are at fault.
  public func requireMergeable(
    _ states: [Shard: State], partial: Bool = false
  ) throws(ShardSetError) -> [Shard] {
    var (settings, unfinished): ([Shard: [RecordedSetting]], [Shard]) = ([:], [])
    var (damaged, misnamed): ([String], [String]) = ([], [])
    for shard in all {
      let name = FileName(path(of: shard)).last
      switch states[shard] {
      case nil: continue
      case .unfinished: unfinished.append(shard)
      case .damaged(let reason): damaged.append("\(name) \(reason)")
      case .finished(let own, let made):
        settings[shard] = made
        guard own != shard else { continue }
        let twin = states[own] != nil ? ", as \(FileName(path(of: own)).last) does" : ""
        misnamed.append("\(name) holds shard \(own)\(twin)")
      }
    }
    let start = PathText.shown(output)
    guard misnamed.isEmpty else {
      throw ShardSetError(
        .doubled, "\(start): \(ShardSet.list(misnamed)); each must have the name it was made with")
    }
    guard damaged.isEmpty else {
      throw ShardSetError(
        .damaged,
        "\(start): \(ShardSet.list(damaged)); put back what was there, or make it again with --overwrite"
      )
    }
    try requireSameWork(settings)
    let usable = all.filter { settings[$0] != nil }
    guard partial else {
      try requireAll(usable, unfinished)
      return usable
    }
    guard !usable.isEmpty else {
      throw ShardSetError(.incomplete, "\(start): none of its \(count) shards is finished")
    }
    return usable
  }

  private func requireAll(_ usable: [Shard], _ unfinished: [Shard]) throws(ShardSetError) {
    guard usable.count < count else { return }
    throw ShardSetError(
      .incomplete,
      "\(PathText.shown(output)): \(absence(without: usable, unfinished: unfinished)); run them with "
        + "--resume, or pass --partial to take what is there")
  }

  /// What is said of shards that are not among those to be merged: `shards 2/3 and 3/3 are missing`.
  public func absence(without usable: [Shard], unfinished: [Shard]) -> String {
    let (begun, there) = (Set(unfinished), Set(usable))
    let missing = all.filter { !begun.contains($0) && !there.contains($0) }
    var parts: [String] = []
    for (shards, verb) in [(missing, "missing"), (unfinished, "not finished")]
    where !shards.isEmpty {
      let names = Excerpt.list(shards.map(\.description), first: ShardSet.mostNamed)
      parts.append("\(shards.count == 1 ? "shard \(names) is" : "shards \(names) are") \(verb)")
    }
    return parts.joined(separator: ", ")
  }

  /// Most shards are taken to be right about what the work was.
  private func requireSameWork(_ settings: [Shard: [RecordedSetting]]) throws(ShardSetError) {
    var groups: [(settings: [RecordedSetting], shards: [Shard])] = []
    for shard in all {
      guard let own = settings[shard] else { continue }
      if let place = groups.firstIndex(where: { $0.settings == own }) {
        groups[place].shards.append(shard)
      } else {
        groups.append((own, [shard]))
      }
    }
    guard groups.count > 1, let usual = groups.map(\.shards.count).max(),
      let main = groups.first(where: { $0.shards.count == usual })
    else { return }
    let strangers = groups.filter { $0.settings != main.settings }
    let lines = strangers.map { group in
      "\(ShardSet.list(group.shards, of: FileName(output).last)): "
        + ShardSet.difference(group.settings, main.settings)
    }
    throw ShardSetError(
      .foreign,
      "\(PathText.shown(output)): not all shards are of the same work; unlike in "
        + "\(ShardSet.list(main.shards, of: FileName(output).last)), it is in\n"
        + ShardSet.list(lines, "\n"))
  }

  /// The first setting of `own` that is another in `usual`.
  private static func difference(_ own: [RecordedSetting], _ usual: [RecordedSetting]) -> String {
    do throws(DifferentSetting) {
      try own.requireEqual(to: usual, of: "shard")
      return "the same"
    } catch {
      return "\(error.name) \(error.now), there \(error.began)"
    }
  }

  /// More than so many are counted only.
  private static let mostNamed = 10

  private static func list(_ texts: [String], _ separator: String = "; ") -> String {
    let rest = texts.count - mostNamed
    return texts.prefix(mostNamed).joined(separator: separator)
      + (rest > 0 ? "\(separator)and \(rest) more" : "")
  }

  private static func list(_ shards: [Shard], of name: String) -> String {
    Excerpt.list(shards.map { $0.path(of: name) })
  }
}

/// Why shards are not made one.
public struct ShardSetError: Error, Hashable, CustomStringConvertible, Sendable {
  /// What is wrong with them.
  public enum Kind: Hashable, Sendable {
    /// There are none.
    case none
    /// Some are missing or not finished.
    case incomplete
    /// They are of different works, or of one that was divided in different ways.
    case foreign
    /// One is there under two names.
    case doubled
    /// One is not what whoever made it has left.
    case damaged
  }

  /// What is wrong.
  public let kind: Kind
  /// What is wrong with which shards, and what to do, in one to three lines.
  public let description: String

  /// An error that says so.
  public init(_ kind: Kind, _ description: String) {
    (self.kind, self.description) = (kind, description)
  }
}
