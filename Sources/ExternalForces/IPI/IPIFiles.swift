// SPDX-License-Identifier: MIT

import CLibrary
import Files
import StructureFiles
import Structures

/// Files for one program, which go with it.
final class IPIFiles {
  private var paths: [String] = []

  init() {}

  deinit { remove() }

  /// Writes a file for a program.
  ///
  /// - Returns: its path.
  /// - Throws: kind `notStarted`.
  func write(_ bytes: [UInt8], ending: String) throws(ExchangeError) -> String {
    let folder = getenv("TMPDIR").map { FileSystem.text($0) }.flatMap { $0.isEmpty ? nil : $0 }
    var name = PathText.bytes(of: "\(folder ?? "/tmp")/relax-XXXXXX.\(ending)").map {
      CChar(bitPattern: $0)
    }
    name.append(0)
    let made = Result { () throws(FileError) in
      try UnfinishedFiles.making { () -> Result<(path: String, made: Int32), FileError> in
        let descriptor = mkstemps(&name, Int32(ending.utf8.count) + 1)
        let path = name.withUnsafeBufferPointer { buffer in
          buffer.baseAddress.map { FileSystem.text($0) } ?? ""
        }
        guard descriptor >= 0 else {
          return .failure(FileError(.unwritable, file: path, Spawning.reason("cannot be made")))
        }
        return .success((path, descriptor))
      }
    }
    let path = name.withUnsafeBufferPointer { buffer in
      buffer.baseAddress.map { FileSystem.text($0) } ?? ""
    }
    switch made {
    case .failure(let error): throw .notStarted("\(error)")
    case .success(let descriptor):
      paths.append(path)
      defer { Sockets.close(descriptor) }
      var rest = bytes[...]
      while !rest.isEmpty {
        let count = rest.withUnsafeBytes { systemWrite(descriptor, $0) }
        if count < 0 && errno == EINTR { continue }
        guard count > 0 else { throw .notStarted(Spawning.reason("\(path): cannot be written")) }
        rest = rest.dropFirst(count)
      }
    }
    return path
  }

  /// Writes what a command asks for about a structure.
  func write(
    _ structure: Structure, for places: Set<IPICommand.Place>
  ) throws(ExchangeError) -> [IPICommand.Place: String] {
    var values: [IPICommand.Place: String] = [:]
    let bare = structure.withoutResults()
    if places.contains(.structure) {
      var bytes: [UInt8] = []
      ExtxyzFormatter.append(bare, to: &bytes)
      values[.structure] = try write(bytes, ending: "extxyz")
    }
    if places.contains(.poscar) {
      guard PoscarText.accepts(bare) else {
        throw .refused("the structure has no cell of three vectors, which {poscar} needs")
      }
      var structure = bare
      // Forces are wanted on all atoms: what is fixed and cannot be said is left unsaid.
      if PoscarText.flags(of: bare) == nil { structure.moveMask = nil }
      let text = PoscarText.text(of: structure, comment: structure.identifier ?? structure.formula)
      values[.poscar] = try write(Array(text.utf8), ending: "poscar")
    }
    return values
  }

  /// Removes them.
  func remove() {
    for path in paths {
      FileSystem.unlink(path)
      UnfinishedFiles.forget(path)
    }
    paths = []
  }
}

private func systemWrite(_ descriptor: Int32, _ bytes: UnsafeRawBufferPointer) -> Int {
  write(descriptor, bytes.baseAddress, bytes.count)
}
