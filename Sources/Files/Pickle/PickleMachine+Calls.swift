// SPDX-License-Identifier: MIT

/// What pickles are of, and so which names may occur in them.
package enum PickleDialect: Hashable, Sendable {
  /// Networks, as `torch.save` writes them.
  case checkpoint
  /// Graphs of PyTorch Geometric, as OC20's databases hold them.
  case graph

  /// As messages call it.
  var name: String {
    switch self {
    case .checkpoint: "a checkpoint"
    case .graph: "a record"
    }
  }

  /// Classes of which an empty object is made, to be filled by its state.
  var records: Set<String> {
    switch self {
    case .checkpoint: []
    case .graph: PickleDialect.graphRecords
    }
  }

  private static let graphRecords: Set<String> = [
    "torch_geometric.data.data.Data", "torch_geometric.data.storage.GlobalStorage",
    "torch_geometric.data.storage.BaseStorage",
  ]
}

/// The few names that may be called, and what is made instead of calling them.
extension PickleMachine {
  /// What may be called.
  private enum Callee: String, CaseIterable {
    case orderedDictionary = "collections.OrderedDict"
    case defaultDictionary = "collections.defaultdict"
    case tensor = "torch._utils._rebuild_tensor"
    case tensorWithGradient = "torch._utils._rebuild_tensor_v2"
    case parameter = "torch._utils._rebuild_parameter"
    case parameterWithState = "torch._utils._rebuild_parameter_with_state"
    case size = "torch.Size"
    case device = "torch.device"
    case encode = "_codecs.encode"
    case numberType = "numpy.dtype"
    case oldScalar = "numpy.core.multiarray.scalar"
    case scalar = "numpy._core.multiarray.scalar"
    case set = "builtins.set"
    case frozenSet = "builtins.frozenset"
    case bytes = "builtins.bytes"
    case storageInBytes = "torch.storage._load_from_bytes"

    /// The callee of this name; Python 2 calls its own things differently.
    init?(name: String) {
      let old = "__builtin__."
      self.init(
        rawValue: name.hasPrefix(old) ? "builtins." + name.dropFirst(old.count) : name)
    }
  }

  /// Classes whose objects do no harm and say nothing about a network; what they are made of is
  /// dropped.
  private static let harmless: Set<String> = [
    "argparse.Namespace", "types.SimpleNamespace", "datetime.datetime", "datetime.date",
    "datetime.time", "datetime.timedelta", "datetime.timezone", "pathlib.Path",
    "pathlib.PosixPath", "pathlib.WindowsPath", "pathlib.PurePosixPath", "pathlib.PureWindowsPath",
    "pathlib.PurePath", "pathlib._local.PosixPath", "pathlib._local.WindowsPath",
    "pathlib._local.PurePosixPath", "pathlib._local.PureWindowsPath", "uuid.UUID",
    "decimal.Decimal", "fractions.Fraction", "builtins.complex", "builtins.slice",
    "builtins.range", "collections.Counter", "collections.deque",
  ]

  /// The error for a name that must not be used.
  package mutating func refusal(_ verb: String, _ name: String) -> DataError {
    refusedName = name
    return DataError(
      "it \(verb) \(Quote.name(name)); that is refused, since nothing in \(dialect.name) is ever "
        + "run")
  }

  /// Whether objects of this class are passed over.
  private static func isHarmless(_ name: String) -> Bool {
    harmless.contains(
      name.hasPrefix("__builtin__.") ? "builtins." + name.dropFirst("__builtin__.".count) : name)
  }

  /// What a call makes.
  package mutating func call(
    _ callee: PickleValue, _ arguments: PickleValue
  ) throws(DataError) -> PickleValue {
    guard case .global(let name) = callee else {
      throw DataError("something without a name is called, which is refused")
    }
    if dialect.records.contains(name) {
      let record = try makeDictionary([])
      if case .dictionary(let place) = record { heap.records.insert(place) }
      return record
    }
    guard let known = Callee(name: name), known != .storageInBytes || dialect == .graph else {
      guard PickleMachine.isHarmless(name) else { throw refusal("calls", name) }
      return .opaque(name)
    }
    guard case .tuple(let place) = arguments, let value = try make(known, heap.sequences[place])
    else { throw DataError("\(name) is called with arguments that it does not take") }
    return value
  }

  private mutating func make(
    _ callee: Callee, _ arguments: [PickleValue]
  ) throws(DataError) -> PickleValue? {
    switch callee {
    case .orderedDictionary: return try dictionary(arguments)
    case .defaultDictionary: return try makeDictionary([])
    case .tensor where arguments.count == 4: return try tensor(arguments)
    case .tensorWithGradient where arguments.count >= 6: return try tensor(arguments)
    case .parameter where arguments.count == 3, .parameterWithState where arguments.count == 4:
      return heap.tensor(arguments[0]) == nil ? nil : arguments[0]
    case .size where arguments.count == 1, .set where arguments.count == 1,
      .frozenSet where arguments.count == 1:
      guard let elements = heap.elements(arguments[0]) else { return nil }
      try pay(for: elements)
      return try makeSequence(elements, callee == .size ? PickleValue.tuple : PickleValue.set)
    case .set where arguments.isEmpty, .frozenSet where arguments.isEmpty:
      return try makeSequence([], PickleValue.set)
    case .device: return .global(callee.rawValue)
    case .bytes where arguments.isEmpty: return .bytes([])
    case .encode where arguments.count == 2:
      try pay(arguments[0].hashedBytes)
      return PickleMachine.latin1(arguments)
    case .numberType:
      guard case .text(let code) = arguments.first else { return nil }
      return .numberType(code)
    case .storageInBytes where arguments.count == 1:
      return try storage(in: arguments[0])
    case .oldScalar where arguments.count == 2, .scalar where arguments.count == 2:
      return PickleMachine.numpyScalar(arguments)
    default: return nil
    }
  }

  /// `OrderedDict()` or `OrderedDict([[key, value], …])`.
  private mutating func dictionary(
    _ arguments: [PickleValue]
  ) throws(DataError) -> PickleValue? {
    guard let list = arguments.first else { return try makeDictionary([]) }
    guard arguments.count == 1, let pairs = heap.elements(list) else { return nil }
    // A place in the dictionary and one in its index.
    try pay(for: pairs)
    try pay(for: pairs)
    var items: [PickleValue] = []
    for pair in pairs {
      guard let item = heap.elements(pair), item.count == 2 else { return nil }
      items += item
    }
    return try makeDictionary(items)
  }

  // MARK: - Tensors

  /// A storage that the pickle refers to: `("storage", class, key, place, count, …)`.
  package mutating func storage(_ identifier: PickleValue) throws(DataError) -> PickleValue {
    guard let parts = heap.elements(identifier), parts.count >= 5, parts[0] == .text("storage"),
      case .global(let className) = parts[1], case .text(let key) = parts[2],
      case .integer(let count) = parts[4], count >= 0, count < 1 << 48
    else {
      throw DataError("a reference to a storage is garbled, or is one to something else")
    }
    guard let type = Storage.NumberType(className: className) else {
      throw DataError(
        "a storage of class \(Quote.name(className)) cannot be read; possible are "
          + Storage.NumberType.allCases.map { "\($0.rawValue)Storage" }.joined(separator: ", "))
    }
    // Files of the older kind may name a part of another storage here.
    guard parts.count == 5 || parts[5] == .none else {
      throw DataError("a storage that is part of another one cannot be read")
    }
    try requireRoom()
    heap.storages.append(Storage(key: key, type: type, count: count))
    return .storage(heap.storages.count - 1)
  }

  /// A storage with its numbers in bytes, as `torch.save` wrote single tensors before version 1.6: pickles of a
  /// magic number, a version, the sizes of types, the storage and its key, then a length and the numbers.
  private mutating func storage(in value: PickleValue) throws(DataError) -> PickleValue? {
    guard case .bytes(let bytes) = value else { return nil }
    // Reading it takes longer than copying it.
    try pay(16 * bytes.count)
    var machine = PickleMachine(bytes, dialect: .checkpoint)
    _ = try machine.run()
    guard try machine.run() == .integer(1001) else {
      throw DataError("a tensor is stored in a way that is not known")
    }
    let sizes = try machine.run()
    guard machine.heap.dictionary(sizes)?["little_endian"] != .boolean(false) else {
      throw DataError("a tensor is stored with its most significant bytes first")
    }
    guard case .storage(let inner) = try machine.run() else {
      throw DataError("a tensor is stored in a way that is not known")
    }
    _ = try machine.run()
    var storage = machine.heap.storages[inner]
    let start = machine.position
    var count: UInt64 = 0
    for byte in bytes.dropFirst(start).prefix(8).reversed() { count = count << 8 | UInt64(byte) }
    guard bytes.count - start >= 8, count == UInt64(storage.count),
      storage.count == (bytes.count - start - 8) / storage.type.size
    else { throw DataError("a tensor is cut, or has another length than it says") }
    storage.key = "bytes \(heap.storages.count)"
    try requireRoom()
    heap.contents[storage.key] = bytes[(start + 8)...]
    heap.storages.append(storage)
    return .storage(heap.storages.count - 1)
  }

  /// `(storage, offset, shape, strides, …)`.
  private mutating func tensor(_ arguments: [PickleValue]) throws(DataError) -> PickleValue? {
    guard case .storage(let place) = arguments[0], case .integer(let offset) = arguments[1],
      let shape = wholeNumbers(arguments[2]), let strides = wholeNumbers(arguments[3])
    else { return nil }
    let storage = heap.storages[place]
    guard let tensor = StoredTensor(storage, offset: offset, shape: shape, strides: strides) else {
      throw DataError(
        "a tensor of shape \(shape) and strides \(strides) from number \(offset) on is not within "
          + "its storage of \(storage.count)")
    }
    try requireRoom()
    heap.tensors.append(tensor)
    return .tensor(heap.tensors.count - 1)
  }

  private func wholeNumbers(_ value: PickleValue) -> [Int]? {
    guard let elements = heap.elements(value), elements.count <= StoredTensor.mostDimensions else {
      return nil
    }
    var numbers: [Int] = []
    for element in elements {
      guard case .integer(let number) = element else { return nil }
      numbers.append(number)
    }
    return numbers
  }

  // MARK: - States

  /// Gives a value the state that was saved with it.
  package mutating func setState(
    _ value: PickleValue, _ state: PickleValue
  ) throws(DataError) -> PickleValue {
    switch value {
    case .opaque: return value
    case .dictionary(let place) where heap.records.contains(place):
      // A class with slots has a pair of them.
      var parts = [state]
      if case .tuple(let pair) = state { parts = heap.sequences[pair] }
      for part in parts where part != .none {
        guard let items = heap.dictionary(part)?.items else {
          throw DataError("an object is given a state that is no dictionary")
        }
        for item in items {
          try pay(item.key.hashedBytes)
          heap.dictionaries[place].set(item.key, item.value)
        }
      }
      return value
    case .dictionary:
      // Versions of modules, which a state_dict carries along, say nothing about its tensors.
      return value
    case .numberType(let code):
      guard let parts = heap.elements(state), parts.count >= 2, case .text(let order) = parts[1],
        ["<", "|", "="].contains(order)
      else { throw DataError("numbers of type \(Quote.name(code)) have the wrong byte order") }
      return value
    case .global(let name): throw refusal("changes", name)
    default: throw DataError("something is given a state that has none, which is refused")
    }
  }

  // MARK: - Numbers of numpy

  /// Bytes that protocol 2 writes as a text of as many characters.
  private static func latin1(_ arguments: [PickleValue]) -> PickleValue? {
    guard case .text(let text) = arguments[0],
      [.text("latin1"), .text("latin-1")].contains(arguments[1])
    else { return nil }
    var bytes: [UInt8] = []
    for scalar in text.unicodeScalars {
      guard let byte = UInt8(exactly: scalar.value) else { return nil }
      bytes.append(byte)
    }
    return .bytes(bytes)
  }

  private static func numpyScalar(_ arguments: [PickleValue]) -> PickleValue? {
    guard case .numberType(let code) = arguments[0] else { return nil }
    let bytes: [UInt8]
    switch arguments[1] {
    case .bytes(let all): bytes = all
    case .text(let text): bytes = Array(text.utf8)
    default: return nil
    }
    guard let last = code.last, let size = Int(String(last)), size == bytes.count, size <= 8 else {
      return nil
    }
    let bits = bytes.reversed().reduce(0 as UInt64) { $0 << 8 | UInt64($1) }
    switch code {
    case "f8": return .real(Double(bitPattern: bits))
    case "f4": return .real(Double(Float(bitPattern: UInt32(bits))))
    case "b1": return .boolean(bits != 0)
    case "i8", "i4", "i2", "i1":
      let unused = UInt64(64 - 8 * size)
      return .integer(Int(Int64(bitPattern: bits << unused) >> Int64(unused)))
    case "u4", "u2", "u1": return .integer(Int(bits))
    default: return nil
    }
  }
}
