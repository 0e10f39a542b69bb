// SPDX-License-Identifier: MIT

/// A value made by a pickle.
///
/// Collections are named by their place in a ``PickleHeap``, since a pickle may put one into itself.
package enum PickleValue: Hashable {
  case none
  case boolean(Bool)
  case integer(Int)
  /// A whole number of more than 64 bits, its least significant byte first.
  case largeInteger([UInt8])
  case real(Double)
  case text(String)
  case bytes([UInt8])
  case list(Int)
  case tuple(Int)
  case set(Int)
  case dictionary(Int)
  case tensor(Int)
  case storage(Int)
  /// Something with a name, such as a class or a function, which is never called.
  case global(String)
  /// A numpy number type such as `f8`.
  case numberType(String)
  /// An object of a class that does no harm and says nothing about a network, such as a date: its name
  /// alone.
  case opaque(String)
}

extension PickleValue {
  /// Bytes that are gone through to hash it as a key.
  var hashedBytes: Int {
    switch self {
    case .text(let text), .global(let text), .numberType(let text), .opaque(let text):
      text.utf8.count
    case .bytes(let bytes), .largeInteger(let bytes): bytes.count
    default: 8
    }
  }
}

/// The collections and tensors of a pickle.
package struct PickleHeap {
  /// Keys with their values, in the order in which the keys came first.
  package struct Dictionary {
    package private(set) var items: [(key: PickleValue, value: PickleValue)] = []
    private var places: [PickleValue: Int] = [:]

    mutating func set(_ key: PickleValue, _ value: PickleValue) {
      if let place = places[key] {
        items[place].value = value
      } else {
        places[key] = items.count
        items.append((key, value))
      }
    }

    package subscript(key: String) -> PickleValue? { places[.text(key)].map { items[$0].value } }
  }

  /// Elements of lists, tuples and sets.
  package var sequences: [[PickleValue]] = []
  package var dictionaries: [Dictionary] = []
  package var tensors: [StoredTensor] = []
  package var storages: [Storage] = []
  /// The numbers of storages that came with the pickle, by their keys.
  package var contents: [String: ArraySlice<UInt8>] = [:]
  /// Places of dictionaries that stand for objects of a class.
  package var records: Set<Int> = []

  /// Collections made so far.
  package var count: Int { sequences.count + dictionaries.count + tensors.count + storages.count }

  /// The dictionary that `value` is, if it is one.
  package func dictionary(_ value: PickleValue?) -> Dictionary? {
    guard case .dictionary(let place) = value else { return nil }
    return dictionaries[place]
  }

  /// The elements of the list, tuple or set that `value` is, if it is one.
  package func elements(_ value: PickleValue?) -> [PickleValue]? {
    switch value {
    case .list(let place), .tuple(let place), .set(let place): sequences[place]
    default: nil
    }
  }

  /// The tensor that `value` is, if it is one.
  package func tensor(_ value: PickleValue?) -> StoredTensor? {
    guard case .tensor(let place) = value else { return nil }
    return tensors[place]
  }

  /// `value` as JSON; what JSON lacks is named in a string.
  ///
  /// - Throws: if collections lie too deep in each other, or there are too many values.
  package func json(_ value: PickleValue) throws(DataError) -> JSONText {
    var budget = 100_000
    return try json(value, depth: 0, &budget)
  }

  private func json(
    _ value: PickleValue, depth: Int, _ budget: inout Int
  ) throws(DataError) -> JSONText {
    budget -= 1
    if case .text(let text) = value { budget -= text.utf8.count / 64 }
    guard depth < JSONText.deepestNesting, budget > 0 else {
      throw DataError("its configuration has too many values or is nested too deep")
    }
    switch value {
    case .none: return nil
    case .boolean(let value): return .boolean(value)
    case .integer(let value): return .integer(value)
    case .real(let value): return .number(value)
    case .text(let value): return .string(value)
    case .list(let place), .tuple(let place), .set(let place):
      var values: [JSONText] = []
      for element in sequences[place] {
        values.append(try json(element, depth: depth + 1, &budget))
      }
      return .array(values)
    case .dictionary(let place):
      var members: [JSONText.Member] = []
      for item in dictionaries[place].items {
        let key: String
        switch item.key {
        case .text(let text):
          budget -= text.utf8.count / 64
          key = text
        case .integer(let number): key = "\(number)"
        default: throw DataError("its configuration has a key that is no text")
        }
        members.append(
          JSONText.Member(key, try json(item.value, depth: depth + 1, &budget)))
      }
      return .object(members)
    case .global(let name), .numberType(let name), .opaque(let name): return .string(name)
    case .largeInteger: return .string("a large whole number")
    case .bytes: return .string("bytes")
    case .tensor: return .string("a tensor")
    case .storage: return .string("a storage")
    }
  }
}
