// SPDX-License-Identifier: MIT

/// One of several equal parts of a work on many structures: every `count`-th of them, from `number` on.
///
/// Structure `index` of the input, from 0, belongs to the shard with number 1 + `index` mod `count`. So
/// structures that lie together, and often take about as long, are spread over all shards.
public struct Shard: Hashable, Sendable, CustomStringConvertible {
  /// Which part it is, from 1.
  public let number: Int
  /// How many parts there are.
  public let count: Int

  /// More parts than this are not made.
  public static let most = 1_000_000

  /// Part `number` of `count`; nil if there is no such part.
  public init?(_ number: Int, of count: Int) {
    guard (1...Shard.most).contains(count), (1...count).contains(number) else { return nil }
    (self.number, self.count) = (number, count)
  }

  /// From `I/N`, as on the command line.
  public init?(_ text: String) {
    let parts = text.split(separator: "/", omittingEmptySubsequences: false)
    guard parts.count == 2, let number = Shard.digits(parts[0]), let count = Shard.digits(parts[1])
    else { return nil }
    self.init(number, of: count)
  }

  /// As on the command line: `I/N`.
  public var description: String { "\(number)/\(count)" }

  /// Whether the structure at place `index` of the input is in it.
  public func contains(_ index: Int) -> Bool { index % count == number - 1 }

  /// Structures of the shard before that at place `index` of the input.
  public func position(of index: Int) -> Int { index / count }

  /// Place in the input of the structure with `position` others of the shard before it.
  public func index(at position: Int) -> Int { position * count + number - 1 }

  /// Structures that it has of an input with `total`.
  public func size(of total: Int) -> Int { (total + count - number) / count }

  // MARK: - Names of outputs

  /// The name of an output that this shard writes: `t.extxyz.gz` becomes `t.1-of-3.extxyz.gz`.
  ///
  /// Pipes, devices and `-` keep theirs.
  public func path(of output: String) -> String {
    guard output != "-", FilePlace(output).kind != .stream else { return output }
    // Of a folder the name counts, not the slash behind it.
    let output = output.utf8.count > 1 && output.hasSuffix("/") ? String(output.dropLast()) : output
    // Bytes: what looks like one letter may reach across a dot.
    let endings = FileName(output).endings
    return "\(Substring(output.utf8.dropLast(endings.utf8.count))).\(number)-of-\(count)\(endings)"
  }

  /// Which shard of `output`, a name without folder, writes the file called `name`; nil if none does.
  public init?(of output: String, writing name: String) {
    let whole = FileName(output)
    let (start, end) = (Array("\(whole.stem).".utf8), Array(whole.endings.utf8))
    let bytes = Array(name.utf8)
    guard bytes.count > start.count + end.count, bytes.starts(with: start),
      bytes.suffix(end.count).elementsEqual(end)
    else { return nil }
    let middle = String(decoding: bytes[start.count..<bytes.count - end.count], as: UTF8.self)
    let parts = middle.split(separator: "-", omittingEmptySubsequences: false)
    guard parts.count == 3, parts[1] == "of", let number = Shard.digits(parts[0]),
      let count = Shard.digits(parts[2])
    else { return nil }
    self.init(number, of: count)
  }

  /// A number as it is written by itself: without a sign or zeros in front.
  private static func digits(_ text: Substring) -> Int? {
    guard let value = Int(text), "\(value)" == text else { return nil }
    return value
  }
}
