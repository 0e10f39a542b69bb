// SPDX-License-Identifier: MIT

import Files
import RelaxNumerics
import StructureFiles
import TestSupport
import Testing

@Suite("Zip archives")
struct ZipArchiveTests {
  private static let members: [(name: String, bytes: [UInt8])] = [
    ("a/data.pkl", Array("some bytes".utf8)), ("a/empty", []),
    ("a/data/0", (0..<3000).map { UInt8(truncatingIfNeeded: $0 * 7) }),
  ]

  private func contents(_ bytes: [UInt8], _ scratch: Scratch) throws -> [String: [UInt8]] {
    let file = try RandomAccessFile(path: scratch.write(bytes, to: "a.zip"))
    let archive = try ZipArchive(file)
    var contents: [String: [UInt8]] = [:]
    for member in archive.members {
      contents[member.name] = try file.bytes(try archive.range(of: member))
    }
    return contents
  }

  @Test("members come out whole, however sizes are written", arguments: StoredZip.Form.allCases)
  func forms(form: StoredZip.Form) throws {
    var zip = StoredZip(ZipArchiveTests.members, form: form)
    zip.comment = "PK\u{5}\u{6} a comment that looks like the end"
    let found = try contents(zip.bytes, Scratch())
    #expect(found == Dictionary(uniqueKeysWithValues: ZipArchiveTests.members.map { ($0, $1) }))
  }

  @Test("an archive that cannot be trusted is refused with the reason")
  func refusals() throws {
    let scratch = try Scratch()
    func refusal(_ change: (inout StoredZip) -> Void, _ edit: (inout [UInt8]) -> Void = { _ in })
      -> String?
    {
      var zip = StoredZip(ZipArchiveTests.members)
      change(&zip)
      var bytes = zip.bytes
      edit(&bytes)
      do {
        _ = try contents(bytes, scratch)
        return nil
      } catch let error as FileError {
        let start = "the zip archive cannot be read: "
        guard error.message.hasPrefix(start) else { return error.message }
        return String(error.message.dropFirst(start.count))
      } catch { return "\(error)" }
    }
    let unchanged: (inout StoredZip) -> Void = { _ in }
    #expect(
      refusal { $0.method = 8 }
        == "its member 'a/data.pkl' is compressed; only archives stored as they are can be read")
    #expect(refusal { $0.flags = 1 } == "its member 'a/data.pkl' is encrypted")
    #expect(
      refusal { $0.members.append(("a/empty", [1])) } == "it has two members called 'a/empty'")
    #expect(
      refusal(unchanged) { $0[50] ^= 1 }
        == "its member 'a/data.pkl' is damaged: its checksum is wrong")
    #expect(
      refusal(unchanged) { $0[31] ^= 1 }
        == "its member 'a/data.pkl' has another name in its own header")
    #expect(
      refusal(unchanged) { $0[0] = 0 }
        == "its member 'a/data.pkl' has no header of its own where the directory says")
    #expect(
      refusal(unchanged) { $0.removeLast() }
        == "there is no directory at its end; is the file complete?")
    #expect(
      refusal(unchanged) { $0.removeFirst(100) } == "its directory lies outside the file")
    #expect(
      refusal(unchanged) { $0[$0.count - 14] = 9 } == "it is one of several parts")
    #expect(
      refusal(unchanged) { $0 = [] } == "there is no directory at its end; is the file complete?")
  }

  @Test("damaged archives are read or refused, and never trap")
  func mutations() throws {
    let scratch = try Scratch()
    var generator = SeededGenerator(seed: 3)
    for form in StoredZip.Form.allCases {
      let good = StoredZip(
        ZipArchiveTests.members.map { ($0.name, Array($0.bytes.prefix(20))) }, form: form
      ).bytes
      for _ in 0..<400 {
        var bytes = good
        for _ in 0..<Int.random(in: 1...4, using: &generator) {
          bytes[Int.random(in: 0..<bytes.count, using: &generator)] =
            [0, 1, 0x7F, 0xFF, UInt8.random(in: 0...255, using: &generator)]
            .randomElement(using: &generator) ?? 0
        }
        if Int.random(in: 0..<4, using: &generator) == 0 {
          bytes.removeLast(Int.random(in: 0..<bytes.count, using: &generator))
        }
        do { _ = try contents(bytes, scratch) } catch is FileError {}
      }
    }
  }
}
