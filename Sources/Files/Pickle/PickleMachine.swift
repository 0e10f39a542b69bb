// SPDX-License-Identifier: MIT

import RelaxNumerics

/// Carries out the instructions of a pickle, of which none can do more than make values.
///
/// A pickle is a program: it may name any function and have it called. This machine knows a handful
/// of names that make tensors, collections and numbers (`PickleMachine+Calls.swift`) and makes the
/// values itself; anything else that is to be called, made or given a state is refused by its full
/// name. Protocols 0 to 5 are understood.
///
/// Memory and time are bounded by the length of the pickle: what an instruction copies or hashes beyond
/// its own bytes is paid for from an allowance that grows with that length.
package struct PickleMachine {
  /// Collections and tensors made so far.
  package var heap = PickleHeap()
  /// What the pickle would have had called, if it was refused for that.
  package var refusedName: String?

  /// What the names in it may be.
  package let dialect: PickleDialect

  private var input: PickleInput
  private var stack: [PickleValue] = []
  /// Heights of the stack at the marks that are open.
  private var marks: [Int] = []
  private var memo: [Int: PickleValue] = [:]

  private static let limits = (stack: 1 << 20, memo: 1 << 20, collections: 1 << 20)
  /// Bytes that may still be copied or hashed.
  private var allowance: Int

  /// A machine for the pickle that begins at `start`.
  package init(_ bytes: [UInt8], at start: Int = 0, dialect: PickleDialect = .checkpoint) {
    self.dialect = dialect
    input = PickleInput(bytes, at: start)
    // Python remembers keys and repeats them by two bytes each; copies of whole lists are rare.
    allowance = (1 << 20) + 64 * (bytes.count - start)
  }

  /// Index of the byte after what has been carried out.
  package var position: Int { input.position }

  /// Carries out one pickle.
  ///
  /// - Returns: the value it makes.
  package mutating func run() throws(DataError) -> PickleValue {
    (stack, marks, memo) = ([], [], [:])
    while true {
      let start = input.position
      do throws(DataError) {
        if let result = try step() { return result }
      } catch {
        throw DataError("pickle, byte \(start): \(error.reason)")
      }
    }
  }

  // MARK: - Instructions

  /// Carries out one instruction.
  ///
  /// - Returns: the value of the whole pickle, if this was its end.
  private mutating func step() throws(DataError) -> PickleValue? {
    let code = UInt8(try input.number(1))
    switch code {
    case UInt8(ascii: "."): return try pop()
    case 0x80:
      let version = try input.number(1)
      guard version <= 5 else { throw DataError("protocol \(version) is not known") }
    case 0x95: _ = try input.number(8)
    case UInt8(ascii: "("): try mark()
    case UInt8(ascii: "0"): try drop()
    case UInt8(ascii: "1"): _ = try popToMark()
    case UInt8(ascii: "2"): try push(try top())
    case UInt8(ascii: "N"): try push(.none)
    case 0x88: try push(.boolean(true))
    case 0x89: try push(.boolean(false))
    case UInt8(ascii: "c"):
      let module = try input.line()
      try push(.global("\(module).\(try input.line())"))
    case 0x93: try pushStackGlobal()
    case UInt8(ascii: "R"), 0x81:
      let arguments = try pop()
      try push(try call(try pop(), arguments))
    case UInt8(ascii: "i"):
      let module = try input.line()
      let callee = PickleValue.global("\(module).\(try input.line())")
      try push(try call(callee, makeSequence(try popToMark(), PickleValue.tuple)))
    case UInt8(ascii: "o"):
      let parts = try popToMark()
      guard let callee = parts.first else { throw DataError("nothing is named to be made") }
      try push(try call(callee, makeSequence(Array(parts.dropFirst()), PickleValue.tuple)))
    case 0x92:
      _ = try pop()
      let arguments = try pop()
      try push(try call(try pop(), arguments))
    case UInt8(ascii: "b"):
      let state = try pop()
      try push(try setState(try pop(), state))
    case UInt8(ascii: "Q"): try push(try storage(try pop()))
    case UInt8(ascii: "P"): throw DataError("storages named by text are not known")
    case 0x82, 0x83, 0x84: throw DataError("names by number (extensions) are refused")
    case 0x97, 0x98: throw DataError("buffers outside the pickle are refused")
    default:
      if try !stepNumber(code), try !stepText(code), try !stepCollection(code),
        try !stepMemo(code)
      {
        throw DataError("there is no instruction \(code)")
      }
    }
    return nil
  }

  private mutating func stepNumber(_ code: UInt8) throws(DataError) -> Bool {
    switch code {
    case UInt8(ascii: "K"): try push(.integer(Int(try input.number(1))))
    case UInt8(ascii: "M"): try push(.integer(Int(try input.number(2))))
    case UInt8(ascii: "J"): try push(.integer(Int(Int32(truncatingIfNeeded: try input.number(4)))))
    case 0x8A: try push(PickleInput.wholeNumber(try input.bytes(try input.number(1))))
    case 0x8B: try push(PickleInput.wholeNumber(try input.bytes(try input.number(4))))
    case UInt8(ascii: "G"):
      // The only numbers in a pickle whose most significant byte comes first.
      try push(.real(Double(bitPattern: try input.number(8).byteSwapped)))
    case UInt8(ascii: "F"):
      let text = Array(try input.line().utf8)
      guard let value = try? NumberText.double(in: text, 0..<text.count) else {
        throw DataError("a number is garbled")
      }
      try push(.real(value))
    case UInt8(ascii: "I"), UInt8(ascii: "L"):
      let text = try input.line()
      if code == UInt8(ascii: "I"), text == "00" || text == "01" {
        try push(.boolean(text == "01"))
        return true
      }
      guard let value = Int(text.hasSuffix("L") ? String(text.dropLast()) : text) else {
        throw DataError("a whole number is garbled or too large")
      }
      try push(.integer(value))
    default: return false
    }
    return true
  }

  private mutating func stepText(_ code: UInt8) throws(DataError) -> Bool {
    switch code {
    case UInt8(ascii: "X"): try push(try input.text(try input.number(4)))
    case 0x8C: try push(try input.text(try input.number(1)))
    case 0x8D: try push(try input.text(try input.number(8)))
    case UInt8(ascii: "U"): try push(PickleInput.textOrBytes(try input.bytes(try input.number(1))))
    case UInt8(ascii: "T"): try push(PickleInput.textOrBytes(try input.bytes(try input.number(4))))
    case UInt8(ascii: "C"): try push(.bytes(Array(try input.bytes(try input.number(1)))))
    case UInt8(ascii: "B"): try push(.bytes(Array(try input.bytes(try input.number(4)))))
    case 0x8E, 0x96: try push(.bytes(Array(try input.bytes(try input.number(8)))))
    case UInt8(ascii: "V"), UInt8(ascii: "S"):
      var text = try input.line()
      guard !text.contains("\\") else { throw DataError("escapes in text are not known") }
      if code == UInt8(ascii: "S") {
        guard text.count >= 2, let quote = text.first, text.last == quote, "'\"".contains(quote)
        else { throw DataError("a text is garbled") }
        text = String(text.dropFirst().dropLast())
      }
      try push(.text(text))
    default: return false
    }
    return true
  }

  private mutating func stepCollection(_ code: UInt8) throws(DataError) -> Bool {
    switch code {
    case UInt8(ascii: "]"): try push(try makeSequence([], PickleValue.list))
    case UInt8(ascii: ")"): try push(try makeSequence([], PickleValue.tuple))
    case 0x8F: try push(try makeSequence([], PickleValue.set))
    case UInt8(ascii: "}"): try push(try makeDictionary([]))
    case UInt8(ascii: "l"): try push(try makeSequence(try popToMark(), PickleValue.list))
    case UInt8(ascii: "t"): try push(try makeSequence(try popToMark(), PickleValue.tuple))
    case 0x91: try push(try makeSequence(try popToMark(), PickleValue.set))
    case UInt8(ascii: "d"): try push(try makeDictionary(try popToMark()))
    case 0x85, 0x86, 0x87:
      let count = Int(code) - 0x84
      guard stack.count - (marks.last ?? 0) >= count else { throw PickleMachine.empty }
      let values = Array(stack.suffix(count))
      stack.removeLast(count)
      try push(try makeSequence(values, PickleValue.tuple))
    case UInt8(ascii: "a"):
      let value = try pop()
      try append([value])
    case UInt8(ascii: "e"), 0x90: try append(try popToMark())
    case UInt8(ascii: "s"):
      let value = try pop()
      try setItems([try pop(), value])
    case UInt8(ascii: "u"): try setItems(try popToMark())
    default: return false
    }
    return true
  }

  private mutating func stepMemo(_ code: UInt8) throws(DataError) -> Bool {
    switch code {
    case 0x94: try remember(memo.count)
    case UInt8(ascii: "q"): try remember(Int(try input.number(1)))
    case UInt8(ascii: "r"): try remember(Int(try input.number(4)))
    case UInt8(ascii: "p"): try remember(try place(try input.line()))
    case UInt8(ascii: "h"): try recall(Int(try input.number(1)))
    case UInt8(ascii: "j"): try recall(Int(try input.number(4)))
    case UInt8(ascii: "g"): try recall(try place(try input.line()))
    default: return false
    }
    return true
  }

  private mutating func pushStackGlobal() throws(DataError) {
    guard case .text(let name) = try pop(), case .text(let module) = try pop() else {
      throw DataError("a name is no text")
    }
    let full = "\(module).\(name)"
    try push(.global(full))
  }

  // MARK: - Stack

  private static let empty = DataError("an instruction has nothing to work on")

  private mutating func push(_ value: PickleValue) throws(DataError) {
    try requireStack()
    stack.append(value)
  }

  private mutating func mark() throws(DataError) {
    try requireStack()
    marks.append(stack.count)
  }

  private func requireStack() throws(DataError) {
    guard stack.count + marks.count < PickleMachine.limits.stack else {
      throw DataError("more than \(PickleMachine.limits.stack) values wait on the stack")
    }
  }

  private func top() throws(DataError) -> PickleValue {
    guard stack.count > marks.last ?? 0, let value = stack.last else { throw PickleMachine.empty }
    return value
  }

  private mutating func pop() throws(DataError) -> PickleValue {
    let value = try top()
    stack.removeLast()
    return value
  }

  /// Removes the last value, or the last mark if nothing lies above it.
  private mutating func drop() throws(DataError) {
    if let mark = marks.last, mark == stack.count {
      marks.removeLast()
    } else {
      _ = try pop()
    }
  }

  private mutating func popToMark() throws(DataError) -> [PickleValue] {
    guard let mark = marks.popLast() else { throw DataError("a mark is missing") }
    let values = Array(stack[mark...])
    stack.removeSubrange(mark...)
    return values
  }

  // MARK: - Memo

  private mutating func remember(_ place: Int) throws(DataError) {
    guard memo.count < PickleMachine.limits.memo else {
      throw DataError("more than \(PickleMachine.limits.memo) values are remembered")
    }
    memo[place] = try top()
  }

  private mutating func recall(_ place: Int) throws(DataError) {
    guard let value = memo[place] else {
      throw DataError("value \(place) is recalled, but was never remembered")
    }
    try push(value)
  }

  private func place(_ text: String) throws(DataError) -> Int {
    guard let place = Int(text), place >= 0 else {
      throw DataError("a place in the memo is garbled")
    }
    return place
  }

  // MARK: - Collections

  package mutating func makeSequence(
    _ values: [PickleValue], _ kind: (Int) -> PickleValue
  ) throws(DataError) -> PickleValue {
    try requireRoom()
    heap.sequences.append(values)
    return kind(heap.sequences.count - 1)
  }

  package mutating func makeDictionary(_ items: [PickleValue]) throws(DataError) -> PickleValue {
    try requireRoom()
    heap.dictionaries.append(PickleHeap.Dictionary())
    let value = PickleValue.dictionary(heap.dictionaries.count - 1)
    try setItems(items, of: value)
    return value
  }

  /// Pays for copying or hashing `count` bytes.
  mutating func pay(_ count: Int) throws(DataError) {
    allowance -= count
    guard allowance >= 0 else {
      throw DataError("it copies its values so often that they would fill the memory")
    }
  }

  /// Pays for copies of `values`.
  mutating func pay(for values: [PickleValue]) throws(DataError) {
    try pay(values.count * MemoryLayout<PickleValue>.stride)
  }

  package func requireRoom() throws(DataError) {
    guard heap.count < PickleMachine.limits.collections else {
      throw DataError("it makes more than \(PickleMachine.limits.collections) collections")
    }
  }

  private mutating func append(_ values: [PickleValue]) throws(DataError) {
    switch try top() {
    case .list(let place), .set(let place): heap.sequences[place] += values
    case .opaque: break
    default: throw DataError("something is appended to what is no list")
    }
  }

  private mutating func setItems(_ items: [PickleValue]) throws(DataError) {
    try setItems(items, of: try top())
  }

  private mutating func setItems(
    _ items: [PickleValue], of value: PickleValue
  ) throws(DataError) {
    if case .opaque = value { return }
    guard case .dictionary(let place) = value, items.count % 2 == 0 else {
      throw DataError("items are put into what is no dictionary")
    }
    for index in stride(from: 0, to: items.count, by: 2) {
      try pay(items[index].hashedBytes)
      heap.dictionaries[place].set(items[index], items[index + 1])
    }
  }
}
