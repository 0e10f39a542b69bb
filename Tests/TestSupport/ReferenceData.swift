// SPDX-License-Identifier: MIT

import Foundation
import RelaxNumerics
import StructureFiles
import Structures

/// Recordings of other programs, and structures made for this project, that tests are judged by.
///
/// They lie in `Tests/Fixtures`, a pack for each subject (`Tools/reference-data.py` made them, from
/// what is said there). A pack is unpacked when a test first asks for one of its files, into a folder
/// that is removed when the tests end.
public enum ReferenceData {
  /// Absolute path of a file or folder, such as `optimizers/ar13_cluster.json`.
  ///
  /// The first name is the pack's. A test whose pack is missing or damaged ends here.
  public static func path(_ relative: String) -> String {
    let pack = String(relative.prefix { $0 != "/" })
    unpacked.withLock { done in
      guard !done.contains(pack) else { return }
      do {
        try PackedFolder.unpack(packs + "/\(pack).tar.xz", into: folder.path)
      } catch {
        preconditionFailure("the test data '\(pack)' cannot be read: \(error)")
      }
      done.insert(pack)
    }
    return folder.path + "/" + relative
  }

  /// A JSON file's value.
  public static func json<Value: Decodable>(_ relative: String, as type: Value.Type) throws -> Value
  {
    try JSONDecoder().decode(type, from: Data(contentsOf: URL(fileURLWithPath: path(relative))))
  }

  /// All structures of a file.
  public static func frames(_ relative: String) throws -> [Structure] {
    let reader = try StructureReader(path: path(relative))
    var frames: [Structure] = []
    while let frame = try reader.next() { frames.append(try frame.structure()) }
    return frames
  }

  /// Names in a folder, in order.
  public static func names(in folder: String) throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: path(folder)).sorted()
  }

  private static let unpacked = Guarded<Set<String>>([])
  private static let packs = URL(fileURLWithPath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().appendingPathComponent("Fixtures").path

  private static let folder: URL = {
    let folder = FileManager.default.temporaryDirectory
      .appendingPathComponent("relax-reference-\(UUID().uuidString)")
    atexit { try? FileManager.default.removeItem(at: ReferenceData.folder) }
    return folder
  }()
}
