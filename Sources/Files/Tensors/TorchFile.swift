// SPDX-License-Identifier: MIT

/// A file that `torch.save` wrote: a pickle, and the storages that its tensors are views of.
///
/// Since version 1.6 it is a zip archive; before, pickles and storages follow each other in one
/// stream. Only what a pickle refers to is read, and only when it is asked for.
package struct TorchFile {
  /// The value that was saved.
  package let root: PickleValue
  /// What it consists of.
  package let heap: PickleHeap
  private let file: RandomAccessFile
  private let storages: Storages

  private enum Storages {
    /// Members of an archive whose names begin with this.
    case archive(ZipArchive, prefix: String)
    /// Places in the file by key.
    case stream([String: Range<Int>])
  }

  /// Longest pickle that is read, in bytes; one of a network with its optimizer has about 100 000.
  private static let longestPickle = 16 << 20

  /// Reads the pickle of a file.
  package init(_ file: RandomAccessFile) throws(DataError) {
    self.file = file
    let start = try DataError.reading { () throws(FileError) in
      try file.bytes(0..<min(file.length, 4))
    }
    if ZipArchive.isLikely(start) {
      let archive = try DataError.reading { () throws(FileError) in try ZipArchive(file) }
      (root, heap, storages) = try TorchFile.readArchive(archive, file)
    } else {
      (root, heap, storages) = try TorchFile.readStream(file)
    }
  }

  // MARK: - Archives

  private static func readArchive(
    _ archive: ZipArchive, _ file: RandomAccessFile
  ) throws(DataError) -> (PickleValue, PickleHeap, Storages) {
    let pickles = archive.members.filter { $0.name.hasSuffix("/data.pkl") }
    guard pickles.count == 1, let pickle = pickles.first else {
      throw DataError(
        "the zip archive holds \(pickles.count) members called data.pkl, where a checkpoint has one"
      )
    }
    let prefix = String(pickle.name.dropLast("data.pkl".count))
    guard pickle.size <= UInt64(longestPickle) else {
      throw DataError("its pickle has \(pickle.size) bytes; \(longestPickle) are possible")
    }
    if let order = archive[prefix + "byteorder"], order.size <= 16 {
      let text = try DataError.reading { () throws(FileError) in
        try file.bytes(try archive.range(of: order))
      }
      guard text.elementsEqual("little".utf8) else {
        throw DataError("its numbers are not stored with the least significant byte first")
      }
    }
    let bytes = try DataError.reading { () throws(FileError) in
      try file.bytes(try archive.range(of: pickle))
    }
    var machine = PickleMachine(bytes)
    let root = try machine.run()
    return (root, machine.heap, .archive(archive, prefix: prefix))
  }

  // MARK: - Streams

  /// What the first pickle of a stream holds: 0x1950A86A20F9469CFC6C.
  private static let streamMagic: [UInt8] = [
    0x6C, 0xFC, 0x9C, 0x46, 0xF9, 0x20, 0x6A, 0xA8, 0x50, 0x19,
  ]

  private static func readStream(
    _ file: RandomAccessFile
  ) throws(DataError) -> (PickleValue, PickleHeap, Storages) {
    let bytes = try DataError.reading { () throws(FileError) in
      try file.bytes(0..<min(file.length, longestPickle))
    }
    let foreign = DataError(
      "this is neither a safetensors file nor a checkpoint that torch.save wrote")
    var machine = PickleMachine(bytes)
    let magic: PickleValue
    do { magic = try machine.run() } catch {
      // A pickle of another program is worth an explanation only if it had something in mind.
      throw machine.refusedName == nil ? foreign : error
    }
    guard magic == .largeInteger(streamMagic) else { throw foreign }
    guard try machine.run() == .integer(1001) else {
      throw DataError("the version of its format is not 1001, the only one known")
    }
    let system = try machine.run()
    guard machine.heap.dictionary(system)?["little_endian"] == .boolean(true) else {
      throw DataError("its numbers are not stored with the least significant byte first")
    }
    let root = try machine.run()
    let list = try machine.run()
    let keys = machine.heap.elements(list)
    return (
      root, machine.heap,
      .stream(try places(keys, of: machine.heap.storages, in: file, from: machine.position))
    )
  }

  /// Where each storage lies: in the order of `keys`, each after a count of its numbers.
  private static func places(
    _ keys: [PickleValue]?, of storages: [Storage], in file: RandomAccessFile, from start: Int
  ) throws(DataError) -> [String: Range<Int>] {
    guard let keys else { throw DataError("its list of storages is missing") }
    let known = Dictionary(storages.map { ($0.key, $0) }) { first, _ in first }
    var places: [String: Range<Int>] = [:]
    var at = start
    for key in keys {
      guard case .text(let name) = key, let storage = known[name], places[name] == nil else {
        throw DataError("its list of storages does not fit the tensors")
      }
      guard file.length - at >= 8 else {
        throw DataError("it ends before the storage \(Quote.name(name))")
      }
      let count = try DataError.reading { () throws(FileError) -> [UInt64] in
        try file.numbers(at: at, count: 1)
      }[0]
      at += 8
      guard count == UInt64(storage.count), storage.count <= (file.length - at) / storage.type.size
      else {
        throw DataError(
          "the storage \(Quote.name(name)) of \(storage.count) numbers is cut or has another length"
        )
      }
      places[name] = at..<at + storage.count * storage.type.size
      at += storage.count * storage.type.size
    }
    guard at == file.length else {
      throw DataError("\(file.length - at) bytes at the end belong to no storage")
    }
    return places
  }

  // MARK: - Tensors

  /// The numbers of a tensor, in single precision.
  package func read(_ tensor: StoredTensor) throws(DataError) -> Tensor {
    try tensor.tensor(file, try range(of: tensor.storage))
  }

  /// The one whole number that a tensor is, or nil.
  package func readWholeNumber(_ tensor: StoredTensor) throws(DataError) -> Int? {
    try tensor.wholeNumber(file, try range(of: tensor.storage))
  }

  private func range(of storage: Storage) throws(DataError) -> Range<Int> {
    let range: Range<Int>
    switch storages {
    case .archive(let archive, let prefix):
      guard let member = archive[prefix + "data/" + storage.key] else {
        throw DataError("its storage \(Quote.name(storage.key)) is missing")
      }
      range = try DataError.reading { () throws(FileError) in try archive.range(of: member) }
    case .stream(let places):
      guard let place = places[storage.key] else {
        throw DataError("its storage \(Quote.name(storage.key)) is missing")
      }
      range = place
    }
    // Two references to one storage may promise different lengths.
    guard range.count == storage.count * storage.type.size else {
      throw DataError(
        "its storage \(Quote.name(storage.key)) has \(range.count) bytes, where \(storage.count) "
          + "numbers of \(storage.type.size) bytes are promised")
    }
    return range
  }
}
