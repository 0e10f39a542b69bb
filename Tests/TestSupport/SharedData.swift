// SPDX-License-Identifier: MIT

import Foundation

/// The team's folder of structures of third parties beside a developer's checkout.
///
/// Their licences let us read them, but they are not part of the project. Tests that need them are
/// skipped, saying so, where they are missing; nothing that README promises rests on them.
public enum SharedData {
  /// Path of the folder, or nil: `RELAX_SHARED`, else `../shared` beside the package.
  public static let root: String? = {
    let environment = ProcessInfo.processInfo.environment["RELAX_SHARED"]
    let package = URL(fileURLWithPath: #filePath)
      .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    let candidate = environment ?? package.appendingPathComponent("../shared").standardized.path
    return FileManager.default.fileExists(atPath: candidate + "/data/real") ? candidate : nil
  }()

  /// Whether the folder is there.
  public static var isAvailable: Bool { root != nil }

  /// What a skipped test says.
  public static let skipMessage =
    "needs structures of third parties (../shared), which are not ours to give"

  /// Absolute path of a file in the folder.
  public static func path(_ relative: String) -> String {
    (root ?? "/nonexistent") + "/" + relative
  }
}
