// SPDX-License-Identifier: MIT

/// What a file is, where its first bytes tell it, and what helps.
public struct FileSignature: Hashable, Sendable {
  /// With its article: `a PDF document`.
  public let name: String
  /// What to do about it; nil if nothing is to be said.
  public let advice: String?

  /// Whether networks are in no such file.
  package var isForeignToModels: Bool { advice != FileSignature.models }

  /// Whether torch.save writes such files.
  package var isOfTorch: Bool { self == .zip || self == .pickle }

  package init(_ name: String, _ advice: String? = nil) {
    (self.name, self.advice) = (name, advice)
  }

  /// `this is a PDF document; …`, for messages.
  public var description: String { "this is \(name)" + (advice.map { "; " + $0 } ?? "") }

  /// The kind of file that begins with `start`, of which some hundred bytes are enough.
  public static func recognize(_ start: [UInt8]) -> FileSignature? {
    // Before the others, since the length that it begins with may look like anything.
    if start.count > 8, start[8] == UInt8(ascii: "{"), start[3..<8].allSatisfy({ $0 == 0 }) {
      return FileSignature("a safetensors file", models)
    }
    for (magic, offset, signature) in magics
    where start.count >= offset + magic.count && start[offset...].starts(with: magic) {
      return signature
    }
    return text(start)
  }

  /// What only looks like text.
  private static func text(_ start: [UInt8]) -> FileSignature? {
    let words = String(decoding: start.prefix(512), as: UTF8.self)
      .drop { $0.isWhitespace || $0 == "\u{FEFF}" }.lowercased()
    if words.hasPrefix("<!doctype html") || words.hasPrefix("<html") || words.contains("<html") {
      return FileSignature("a web page (HTML)", "a download may have ended at a page that explains")
    }
    if words.hasPrefix("<?xml") || words.hasPrefix("<svg") { return FileSignature("an XML file") }
    if words.hasPrefix("{") || words.hasPrefix("[") {
      let rest = words.dropFirst().drop { $0.isWhitespace }
      if let next = rest.first, "\"{[]}-0123456789".contains(next) {
        return FileSignature("a JSON file")
      }
    }
    return nil
  }

  private static let models = "models are named by --provider"
  private static let zip = FileSignature("a zip archive, such as torch.save writes", models)
  private static let pickle = FileSignature("a Python pickle", models)
  private static let decompress = "uncompressed, gzip and xz files can be read"

  /// First bytes, where they stand, and what they mean.
  private static let magics: [([UInt8], Int, FileSignature)] = [
    (
      Array("version https://git-lfs.github.com/".utf8), 0,
      FileSignature(
        "a Git LFS pointer, not the file itself", "`git lfs pull` in its repository fetches it")
    ),
    ([0x28, 0xB5, 0x2F, 0xFD], 0, FileSignature("zstd-compressed data", decompress)),
    (Array("BZh".utf8), 0, FileSignature("bzip2-compressed data", decompress)),
    ([0x5D, 0, 0], 0, FileSignature("lzma-compressed data", decompress)),
    ([0x04, 0x22, 0x4D, 0x18], 0, FileSignature("lz4-compressed data", decompress)),
    ([0x1F, 0x9D], 0, FileSignature("data compressed by `compress`", decompress)),
    ([0x37, 0x7A, 0xBC, 0xAF, 0x27, 0x1C], 0, FileSignature("a 7z archive", "unpack it first")),
    (Array("Rar!".utf8), 0, FileSignature("a RAR archive", "unpack it first")),
    (Array("ustar".utf8), 257, FileSignature("a tar archive", "unpack it first")),
    ([0x50, 0x4B, 3, 4], 0, zip),
    (
      Array("SQLite format 3\0".utf8), 0, FileSignature("an SQLite database")
    ),
    ([0x89] + Array("HDF\r\n\u{1A}\n".utf8), 0, FileSignature("an HDF5 file")),
    (Array("CDF".utf8), 0, FileSignature("a NetCDF file")),
    ([0x93] + Array("NUMPY".utf8), 0, FileSignature("a NumPy array")),
    (Array("%PDF".utf8), 0, FileSignature("a PDF document")),
    ([0x89] + Array("PNG\r\n".utf8), 0, FileSignature("a PNG image")),
    ([0xFF, 0xD8, 0xFF], 0, FileSignature("a JPEG image")),
    (Array("GIF8".utf8), 0, FileSignature("a GIF image")),
    ([0x7F] + Array("ELF".utf8), 0, FileSignature("a program")),
    ([0xFF, 0xFE], 0, FileSignature("text in UTF-16", "save it as UTF-8")),
    ([0xFE, 0xFF], 0, FileSignature("text in UTF-16", "save it as UTF-8")),
    ([0x80, 2], 0, pickle),
    ([0x80, 3], 0, pickle),
    ([0x80, 4], 0, pickle),
    ([0x80, 5], 0, pickle),
  ]
}
