// SPDX-License-Identifier: MIT

// Fuzzes Files: compiled into it by fuzz.py, so that the machine can be run by itself.

/// What libFuzzer calls with every pickle that it thinks of.
///
/// Whatever its instructions are, they are carried out or refused in one line, without much memory, and
/// what they make can be shown.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzPickle(_ start: UnsafePointer<UInt8>?, _ count: Int) -> Int32 {
  let bytes = Array(UnsafeBufferPointer(start: start, count: count))
  let outcome = carriedOut(bytes)
  guard outcome == carriedOut(bytes) else { fatalError("carried out in two ways: \(outcome)") }
  guard !outcome.utf8.contains(10) else { fatalError("no line to show: \(outcome)") }
  return 0
}

/// What a pickle makes, as JSON, or why it is refused.
private func carriedOut(_ bytes: [UInt8]) -> String {
  do throws(DataError) {
    var machine = PickleMachine(bytes)
    let value = try machine.run()
    return try machine.heap.json(value).text(.oneLine)
  } catch {
    return error.reason
  }
}
