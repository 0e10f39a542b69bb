// SPDX-License-Identifier: MIT

import ArgumentParser
import Files
import Scoring
import StructureFiles
import Structures

/// How references are sorted into splits.
enum SplitChoice: ExpressibleByArgument, Hashable {
  /// Each file of references is one, called by its name without extensions.
  case file
  /// An entry of the reference's comment.
  case key(String)
  /// A file with lines of id and split.
  case map(String)

  init?(argument: String) {
    if argument == "file" {
      self = .file
    } else if argument.hasPrefix("key="), argument.count > 4 {
      self = .key(String(argument.dropFirst(4)))
    } else if argument.hasPrefix("map="), argument.count > 4 {
      self = .map(String(argument.dropFirst(4)))
    } else {
      return nil
    }
  }

  /// Files that it is read from.
  var files: [String] { if case .map(let path) = self { [path] } else { [] } }

  /// Finds the split of references.
  struct Names {
    let choice: SplitChoice
    var known: [String: String] = [:]

    /// The name of the split of a reference.
    func name(of structure: Structure, id: String, in path: String) throws -> String {
      switch choice {
      case .file: return StructureReader.baseName(of: path)
      case .key(let key):
        guard let entry = structure.attribute(key) else {
          throw CommandFailure(
            .badData,
            "the reference `\(Excerpt.name(id))` in \(path) has no `\(key)` in its comment, as --split "
              + "key=\(key) needs")
        }
        return entry.unquoted
      case .map(let file):
        guard let name = known[id] else {
          throw CommandFailure(
            .badData, "the reference `\(Excerpt.name(id))` has no line in \(file)")
        }
        return name
      }
    }
  }

  /// Reads what there is to read.
  func names() throws -> Names {
    var names = Names(choice: self)
    guard case .map(let path) = self else { return names }
    for (number, line) in try TextFile.lines(of: path).enumerated() {
      let words = line.split { $0 == "," || $0 == " " || $0 == "\t" || $0 == "\r" }.map(String.init)
      if words.isEmpty || words[0].hasPrefix("#") { continue }
      guard words.count == 2 else {
        throw CommandFailure(
          .badData, "\(path):\(number + 1): expected an id and the name of its split")
      }
      guard names.known.updateValue(words[1], forKey: words[0]) == nil else {
        throw CommandFailure(
          .badData, "\(path):\(number + 1): `\(Excerpt.name(words[0]))` has a split already")
      }
    }
    return names
  }
}
