// SPDX-License-Identifier: MIT

import CKIM
import CLibrary
import RelaxNumerics

/// The library of the KIM API, which is looked for when a provider needs it: relax is built, and runs,
/// without.
///
/// It logs to no file, and has models from the collections of KIM: the system's, the user's, those in the
/// working directory and in the folders that `KIM_API_PORTABLE_MODELS_DIR` names.
struct OpenKIMLibrary: @unchecked Sendable {
  // Unchecked: what it points to is a table of functions that never changes and is never freed.
  let handle: OpaquePointer

  /// Why there is no library or no model, in words.
  struct Refusal: Error {
    var reason: String
  }

  /// What the collections have under a name.
  enum Item: Equatable {
    /// A model that the library can compute with, and the file of its code.
    case portableModel(file: String)
    /// A recipe for one simulation program.
    case simulatorModel
    /// The code that several models share.
    case modelDriver
    /// Nothing.
    case nothing
    /// The collections cannot be read.
    case unusable
  }

  /// The library at `path`; else the one that `RELAX_KIM_LIBRARY` names, else the system's.
  static func load(_ path: String? = nil) throws(Refusal) -> OpenKIMLibrary {
    let named = getenv("RELAX_KIM_LIBRARY").map { String(cString: $0) } ?? ""
    let given = path ?? (named.isEmpty ? nil : named)
    let places = given.map { [$0] } ?? usualNames
    let outcome = loaded.withLock { loaded -> Result<OpenKIMLibrary, Refusal> in
      var reasons: [String] = []
      for place in places {
        if let library = loaded[place] { return .success(library) }
        var reason = Words()
        if let handle = relax_kim_open(place, &reason.bytes, reason.room) {
          let library = OpenKIMLibrary(handle: handle)
          loaded[place] = library
          return .success(library)
        }
        reasons.append(reason.text)
      }
      return .failure(Refusal(reason: missing(given, reasons[0])))
    }
    return try outcome.get()
  }

  /// Libraries by the names that they were loaded under: one of a name is loaded once.
  private static let loaded = Guarded<[String: OpenKIMLibrary]>([:])

  /// What systems call it.
  private static var usualNames: [String] {
    #if canImport(Darwin)
      ["libkim-api.2.dylib", "libkim-api.dylib"]
    #else
      ["libkim-api.so.2", "libkim-api.so"]
    #endif
  }

  private static func missing(_ given: String?, _ reason: String) -> String {
    if let given {
      return "`\(given)`, which RELAX_KIM_LIBRARY names, is no library of the KIM API (\(reason))"
    }
    return "the library of the KIM API cannot be loaded (\(reason)); install it with models by "
      + "`apt-get install libkim-api2 openkim-models` (Debian, Ubuntu) or `conda install -c conda-forge "
      + "kim-api openkim-models`; RELAX_KIM_LIBRARY=FILE names one where the system does not look"
  }

  /// Its version, such as 2.3.0.
  var version: String { String(cString: relax_kim_version(handle)) }

  /// What the collections have under `name`.
  func item(_ name: String) -> Item {
    var file = Words(room: 4096)
    switch Int(relax_kim_find(handle, name, &file.bytes, file.room)) {
    case Int(RELAX_KIM_PORTABLE): return .portableModel(file: file.text)
    case Int(RELAX_KIM_SIMULATOR): return .simulatorModel
    case Int(RELAX_KIM_DRIVER): return .modelDriver
    case Int(RELAX_KIM_NOTHING): return .nothing
    default: return .unusable
    }
  }

  /// The names of all portable models that are installed.
  var modelNames: [String] {
    var names = Words(room: Int(relax_kim_names(handle, nil, 0)) + 1)
    _ = relax_kim_names(handle, &names.bytes, Int64(names.room))
    return names.text.split(separator: "\n").map(String.init)
  }
}

/// Room for a text that C writes.
struct Words {
  var bytes: [CChar]
  init(room: Int = 1024) { bytes = [CChar](repeating: 0, count: room) }
  var room: Int32 { Int32(clamping: bytes.count) }
  /// Up to the zero that ends it.
  var text: String {
    String(decoding: bytes.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
  }
}
