// SPDX-License-Identifier: MIT

extension ShardSet {
  /// Whether a shard has a manifest: not those of runs, which have journals.
  public var hasManifests: Bool {
    present.contains { FilePlace(ShardManifest.path(of: path(of: $0))).exists }
  }

  /// The manifests of shards that can be made one; every byte of them and of their outputs is checked.
  ///
  /// - Parameter partial: whether those that are missing or not finished are done without.
  /// - Returns: one a shard, by their numbers.
  /// - Throws: as ``requireMergeable(_:partial:)``.
  public func manifests(partial: Bool = false) throws(ShardSetError) -> [ShardManifest] {
    var (states, manifests): ([Shard: State], [Shard: ShardManifest]) = ([:], [:])
    for shard in present {
      switch ShardManifest.reading(of: path(of: shard)) {
      case .none: states[shard] = .unfinished
      case .damaged(let reason): states[shard] = .damaged(reason)
      case .manifest(let manifest):
        // Somebody has removed the outputs.
        let isThere =
          manifest.files.isEmpty || manifest.files.contains { FilePlace($0.path).exists }
        guard isThere else { continue }
        manifests[shard] = manifest
        let settings = [RecordedSetting("command", manifest.kind)] + manifest.settings
        states[shard] = .finished(manifest.shard, settings)
      }
    }
    // What can be said without reading all of the outputs comes first.
    let usable = try requireMergeable(states, partial: partial)
    for shard in usable {
      guard let manifest = manifests[shard] else { continue }
      for file in manifest.files {
        guard let defect = file.defect else { continue }
        let inner = file.path.dropFirst(manifest.output.count)
        states[shard] = .damaged((inner.isEmpty ? "" : "has \(inner.dropFirst()), which ") + defect)
        break
      }
    }
    return try requireMergeable(states, partial: partial).compactMap { manifests[$0] }
  }

  /// The shards that are not among `manifests`, in words; nil if all are.
  public func absence(without manifests: [ShardManifest]) -> String? {
    guard manifests.count < count else { return nil }
    let there = Set(manifests.map(\.shard))
    // Of one whose output was removed there may be a manifest still.
    let unfinished = present.filter {
      !there.contains($0) && FilePlace(path(of: $0)).exists
    }
    return absence(without: Array(there), unfinished: unfinished)
  }
}
