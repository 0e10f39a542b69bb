// SPDX-License-Identifier: MIT

import ArgumentParser
import StructureFiles

/// What pages and tables call sets of results: `--name`, given in the order of the files, else the files' names.
enum MethodNames {
  /// Refuses more names than there are sets, and one that is given twice or empty.
  static func require(_ given: [String], atMost count: Int) throws {
    guard given.count <= count else {
      throw ValidationError(
        "--name: \(given.count) names for \(count) set\(count == 1 ? "" : "s") of results")
    }
    for (place, name) in given.enumerated() {
      guard !name.isEmpty else { throw ValidationError("--name: a name is empty") }
      if given[..<place].contains(name) {
        throw ValidationError("--name \(name): this name is given twice")
      }
    }
  }

  /// A name for each of `files`: those given, then base names, or whole paths where these are alike.
  static func all(_ given: [String], of files: [String]) -> [String] {
    let bases = files.map { StructureReader.baseName(of: $0) }
    return files.indices.map { place in
      if given.indices.contains(place) { return given[place] }
      let isAlone = bases.count { $0 == bases[place] } == 1 && !given.contains(bases[place])
      return isAlone ? bases[place] : files[place]
    }
  }
}
