// SPDX-License-Identifier: MIT

import Foundation

/// A folder for one test, removed with it.
public final class Scratch {
  /// Its path.
  public let folder: String

  /// Makes the folder.
  public init() throws {
    folder = NSTemporaryDirectory() + "/relax-test-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(atPath: folder) }

  /// Path of a file in it.
  public func path(_ name: String) -> String { folder + "/" + name }

  /// Makes or replaces a file.
  public func write(_ text: String, to name: String) throws {
    try Data(text.utf8).write(to: URL(fileURLWithPath: path(name)))
  }

  /// Makes or replaces a file, and gives its path.
  @discardableResult
  public func write(_ bytes: [UInt8], to name: String) throws -> String {
    try Data(bytes).write(to: URL(fileURLWithPath: path(name)))
    return path(name)
  }

  /// All bytes of a file.
  public func data(_ name: String) throws -> Data {
    try Data(contentsOf: URL(fileURLWithPath: path(name)))
  }

  /// A file as text.
  public func text(_ name: String) throws -> String {
    String(decoding: try data(name), as: UTF8.self)
  }

  /// What is in the folder, names that begin with a point left out.
  public var names: [String] {
    get throws {
      try FileManager.default.contentsOfDirectory(atPath: folder)
        .filter { !$0.hasPrefix(".") }.sorted()
    }
  }
}
