// SPDX-License-Identifier: MIT

// Fuzzes Training: compiled into it by fuzz.py, so that it can read from memory.

/// What libFuzzer calls with every text of YAML that it thinks of.
///
/// Whatever the text is, it is a configuration or is refused in one short line; no text takes long or
/// much memory. Reading it again gives the same.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzConfiguration(_ start: UnsafePointer<UInt8>?, _ count: Int) -> Int32 {
  let text = String(decoding: UnsafeBufferPointer(start: start, count: count), as: UTF8.self)
  let outcome = reading(text)
  guard outcome == reading(text) else { fatalError("read in two ways: \(outcome)") }
  guard !outcome.utf8.contains(10), outcome.utf8.count < 2000 else {
    fatalError("no line to show: \(outcome)")
  }
  return 0
}

/// What is said about `text`: nothing, or why it is refused.
private func reading(_ text: String) -> String {
  do throws(TrainingError) {
    _ = try TrainingConfiguration(yaml: text, file: "c.yaml", threads: 1)
    return ""
  } catch {
    return error.description
  }
}
