// SPDX-License-Identifier: MIT

// Fuzzes Files: compiled into it by fuzz.py.

/// What libFuzzer calls with every text of JSON that it thinks of.
///
/// Whatever the bytes are, they are JSON or refused in one line; JSON that is written and read again
/// is the same, on one line and on many.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzJSON(_ start: UnsafePointer<UInt8>?, _ count: Int) -> Int32 {
  let bytes = Array(UnsafeBufferPointer(start: start, count: count))
  do {
    let value = try JSONText(parsing: bytes)
    let line = value.text(.oneLine)
    guard let again = try? JSONText(parsing: Array(line.utf8)), again.text(.oneLine) == line,
      let pretty = try? JSONText(parsing: Array(value.text(.pretty).utf8)),
      pretty.text(.oneLine) == line
    else { fatalError("written and read as something else: \(line)") }
  } catch {
    guard !"\(error)".utf8.contains(10) else { fatalError("no line to show: \(error)") }
  }
  return 0
}
