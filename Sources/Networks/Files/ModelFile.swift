// SPDX-License-Identifier: MIT

import Files
import StructureFiles

/// A model as it lies in a safetensors file.
///
/// The key `config` of the file's metadata holds a ``ModelDescription``; tensors have their names in
/// the released code. Real numbers of any precision are read, single precision is written.
public struct ModelFile: Sendable {
  /// The model, checked and complete.
  public let model: NetworkModel
  /// Types of the real numbers in the file, such as `F32`.
  public let numberTypes: [String]
  /// Size of the file.
  public let bytes: Int

  /// Reads the file at `path`; memory beyond the tensors themselves is that of the header.
  public init(path: String) throws(ModelFileError) {
    let file = try ModelFile.open(path)
    let contents: Safetensors
    do throws(ModelFileError) {
      contents = try ModelFile.understood(file, isImported: false) { () throws(DataError) in
        try Safetensors(file)
      }
      guard let text = contents.metadata["config"] else {
        throw ModelFileError(
          "its metadata has no `config` that says what network this is; `relax model import "
            + "STATE.safetensors --config CONFIG.json` adds one")
      }
      let description = try ModelDescription(parsing: text, what: "`config` of its metadata")
      var state = try StateDictionary(contents)
      self.model = try state.takeModel(description)
    } catch {
      throw error.of(file: path)
    }
    numberTypes = Set(contents.entries.map(\.type)).filter { $0 != .int64 }.map(\.rawValue).sorted()
    bytes = file.length
  }

  /// What `body` makes of a file, or why it cannot, named as what it is where that can be seen.
  ///
  /// - Parameter isImported: whether it may be a checkpoint.
  static func understood<Result>(
    _ file: RandomAccessFile, isImported: Bool = true, _ body: () throws(DataError) -> Result
  ) throws(ModelFileError) -> Result {
    do { return try body() } catch {
      if error.kind != .unreadable, error.part == nil,
        let start = try? file.bytes(0..<min(file.length, 512)),
        let signature = FileSignature.recognize(start)
      {
        if signature.isForeignToModels {
          throw ModelFileError(
            "\(signature.description); a safetensors file or checkpoint is needed")
        }
        if !isImported, signature.isOfTorch {
          throw ModelFileError(
            "this is \(signature.name); `relax model import` makes a model file of a checkpoint")
        }
      }
      throw ModelFileError(explaining: error)
    }
  }

  static func open(_ path: String) throws(ModelFileError) -> RandomAccessFile {
    do { return try RandomAccessFile(path: path) } catch { throw ModelFileError(explaining: error) }
  }
}

extension NetworkModel {
  /// The model in the file at `path`, checked and complete.
  public static func read(_ path: String) throws(ModelFileError) -> NetworkModel {
    try ModelFile(path: path).model
  }

  /// Writes the model to a file that appears only when it is complete.
  ///
  /// Equal models give equal bytes: counters come first, then tensors, both by name.
  public func write(_ path: String, overwrite: Bool = false) throws(ModelFileError) {
    do {
      let output = try OutputFile(path: path, overwrite: overwrite)
      try write(to: output)
    } catch {
      throw ModelFileError(explaining: error)
    }
  }

  /// Writes the model to an output that was begun before, and finishes it.
  public func write(to output: OutputFile) throws(FileError) {
    var archive = TensorArchive(metadata: [
      ("config", ModelDescription(self).json.text(.oneLine)), ("format", "pt"),
    ])
    (archive.counters, archive.tensors) = (counters, tensors)
    for specification in architecture.catalogue {
      guard case .copy(let original) = specification.role else { continue }
      archive.tensors[specification.name] = tensors[original]
    }
    try archive.write(to: output)
  }
}
