// SPDX-License-Identifier: MIT

import Files

/// What calculations are called that are read together: each like its folder, and where several folders have one name
/// by as much of their paths as tells them apart.
///
/// `nest/Cu/O/POSCAR` is `O` by itself, and `Cu/O` beside `nest/Pt/O/POSCAR`. So a name depends on what else is read,
/// never on the order.
public struct CalculationNames: Sendable {
  /// Longer names, by path; others are called as they are alone.
  private let longer: [String: String]

  /// Names of files at `paths`; those that are not called like their folders have none.
  public init(of paths: [String]) {
    var folders: [String: [String: [Substring]]] = [:]
    for path in Set(paths) where CalculationNames.isNamedByFolder(path) {
      folders[CalculationNames.name(of: path), default: [:]][path] =
        CalculationNames.folder(of: path)
    }
    var longer: [String: String] = [:]
    for (_, group) in folders {
      let distinct = Set(group.values)
      guard distinct.count > 1 else { continue }
      var count = 2
      while Set(distinct.map { $0.suffix(count) }).count < distinct.count { count += 1 }
      for (path, parts) in group { longer[path] = parts.suffix(count).joined(separator: "/") }
    }
    self.longer = longer
  }

  /// What frames without an id are called in the file at `path`, or begin with.
  func name(of path: String) -> String { longer[path] ?? CalculationNames.name(of: path) }

  /// Whether the file has a name that VASP gives in every folder.
  private static func isNamedByFolder(_ path: String) -> Bool {
    let last = FileName(path).last.uppercased()
    return ["POSCAR", "CONTCAR", "OUTCAR", "VASPRUN.XML"].contains { name in
      last == name || last == name + ".GZ" || last == name + ".XZ"
    }
  }

  /// The folder's name for such a file, else ``StructureReader/baseName(of:)``.
  static func name(of path: String) -> String {
    guard isNamedByFolder(path) else { return StructureReader.baseName(of: path) }
    let parts = path.split(separator: "/")
    if parts.count > 1, parts[parts.count - 2] != ".", parts[parts.count - 2] != ".." {
      return String(parts[parts.count - 2])
    }
    return resolvedFolder(of: path).last.map(String.init) ?? StructureReader.baseName(of: path)
  }

  /// The parts of the path of the file's folder: as it is given, behind the folder that it is given from.
  private static func folder(of path: String) -> [Substring] {
    let given = path.split(separator: "/").dropLast()
    guard !given.contains("."), !given.contains(".."), !given.isEmpty else {
      return resolvedFolder(of: path)
    }
    if path.hasPrefix("/") { return Array(given) }
    return (FileSystem.resolved(".") ?? "").split(separator: "/") + given
  }

  private static func resolvedFolder(of path: String) -> [Substring] {
    let folder = path.lastIndex(of: "/").map { String(path[...$0]) } ?? "."
    return (FileSystem.resolved(folder) ?? folder).split(separator: "/")
  }
}
