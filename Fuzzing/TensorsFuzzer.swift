// SPDX-License-Identifier: MIT

// Fuzzes Files: compiled into it by fuzz.py, so that checkpoints can be read tensor by tensor.

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// What libFuzzer calls with everything that could be a safetensors file, a zip archive or a
/// checkpoint.
///
/// Whatever the bytes are, they are read or refused in one line. A safetensors file that is read and
/// written again holds the same.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzTensors(_ start: UnsafePointer<UInt8>?, _ count: Int) -> Int32 {
  let path = ".build-fuzz/tensors-\(getpid())"
  let file = fopen(path, "w")
  defer { unlink(path) }
  fwrite(start, 1, count, file)
  fclose(file)
  do throws(FileError) {
    let file = try RandomAccessFile(path: path)
    if let archive = try? ZipArchive(file) {
      for member in archive.members { _ = try? archive.range(of: member) }
    }
    checkpoint(file)
    let archive = try TensorArchive(path: path)
    let copy = path + "-copy"
    defer { unlink(copy) }
    try archive.write(to: try OutputFile(path: copy, overwrite: true))
    let again = try TensorArchive(path: copy)
    guard again.counters == archive.counters, again.tensors.keys == archive.tensors.keys else {
      fatalError("\(archive)\nwas written and read as:\n\(again)")
    }
  } catch {
    guard !error.description.utf8.contains(10) else { fatalError("no line to show: \(error)") }
  }
  return 0
}

/// Reads every tensor of a checkpoint.
private func checkpoint(_ file: RandomAccessFile) {
  do throws(DataError) {
    let checkpoint = try TorchFile(file)
    for tensor in checkpoint.heap.tensors {
      _ = try? checkpoint.read(tensor)
      _ = try? checkpoint.readWholeNumber(tensor)
    }
  } catch {
    guard !error.description.utf8.contains(10) else { fatalError("no line to show: \(error)") }
  }
}
