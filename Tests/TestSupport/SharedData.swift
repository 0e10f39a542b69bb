// SPDX-License-Identifier: MIT

import Foundation

/// The team's folder of reference numbers beside a developer's checkout.
///
/// It is not part of the project. Tests that need it are skipped, saying so, where it is missing.
public enum SharedData {
  /// Path of the folder, or nil: `RELAX_SHARED`, else `../shared` beside the package.
  public static let root: String? = {
    let environment = ProcessInfo.processInfo.environment["RELAX_SHARED"]
    let package = URL(fileURLWithPath: #filePath)
      .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    let candidate = environment ?? package.appendingPathComponent("../shared").standardized.path
    return FileManager.default.fileExists(atPath: candidate + "/reference") ? candidate : nil
  }()

  /// Whether the folder is there.
  public static var isAvailable: Bool { root != nil }

  /// What a skipped test says.
  public static let skipMessage = "needs the developers' reference data (../shared)"

  /// Absolute path of a file in the folder.
  public static func path(_ relative: String) -> String {
    (root ?? "/nonexistent") + "/" + relative
  }

  /// A JSON file in the folder.
  public static func json<Value: Decodable>(_ relative: String, as type: Value.Type) throws -> Value
  {
    try JSONDecoder().decode(type, from: Data(contentsOf: URL(fileURLWithPath: path(relative))))
  }
}
