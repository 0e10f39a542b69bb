// SPDX-License-Identifier: MIT

import RelaxNumerics
import TestSupport
import Testing

@testable import Files

@Suite("Pickles")
struct PickleMachineTests {
  /// The value of a pickle without its end, as JSON on one line.
  private func value(_ instructions: [UInt8]) throws -> String {
    var machine = PickleMachine(instructions + [UInt8(ascii: ".")])
    let value = try machine.run()
    return try machine.heap.json(value).text(.oneLine)
  }

  private func value(_ text: String) throws -> String { try value(Array(text.utf8)) }

  private func refusal(_ instructions: [UInt8]) throws -> String {
    var machine = PickleMachine(instructions + [UInt8(ascii: ".")])
    let error = try #require(throws: DataError.self) { try machine.run() }
    return error.reason
  }

  private func refusal(_ text: String) throws -> String { try refusal(Array(text.utf8)) }

  @Test("scalars of every protocol")
  func scalars() throws {
    #expect(try value("N") == "null")
    #expect(try value("I01\n") == "true")
    #expect(try value("I00\n") == "false")
    #expect(try value("I-12\n") == "-12")
    #expect(try value("L34L\n") == "34")
    #expect(try value("F2.5\n") == "2.5")
    #expect(try value("S'text'\n") == "\"text\"")
    #expect(try value("Vtext\n") == "\"text\"")
    #expect(try value([0x88]) == "true")
    #expect(try value([0x89]) == "false")
    #expect(try value([UInt8(ascii: "K"), 200]) == "200")
    #expect(try value([UInt8(ascii: "M"), 1, 2]) == "513")
    #expect(try value([UInt8(ascii: "J"), 0xFE, 0xFF, 0xFF, 0xFF]) == "-2")
    #expect(try value([0x8A, 0]) == "0")
    #expect(try value([0x8A, 2, 0, 0xFF]) == "-256")
    #expect(try value([0x8A, 8, 0, 0, 0, 0, 0, 0, 0, 0x80]) == "\(Int.min)")
    #expect(try value([0x8B, 1, 0, 0, 0, 7]) == "7")
    #expect(try value([UInt8(ascii: "G"), 0xBF, 0xE0, 0, 0, 0, 0, 0, 0]) == "-0.5")
    #expect(try value([0x8C, 2, 0xC3, 0xA5]) == "\"å\"")
    #expect(try value([UInt8(ascii: "U"), 1, UInt8(ascii: "x")]) == "\"x\"")
    #expect(try value([UInt8(ascii: "T"), 1, 0, 0, 0, UInt8(ascii: "x")]) == "\"x\"")
    #expect(try value([0x8D, 1, 0, 0, 0, 0, 0, 0, 0, UInt8(ascii: "x")]) == "\"x\"")
    #expect(try value([UInt8(ascii: "C"), 1, 9]) == "\"bytes\"")
    #expect(try value([UInt8(ascii: "U"), 1, 0xFF]) == "\"bytes\"")
  }

  @Test("collections, marks and the memo")
  func collections() throws {
    #expect(try value("(I1\nI2\nl") == "[1, 2]")
    #expect(try value("(I1\nI2\nt") == "[1, 2]")
    #expect(try value("(Vk\nI2\nd") == "{\"k\": 2}")
    #expect(try value("](I1\nI2\ne") == "[1, 2]")
    #expect(try value("]I1\na") == "[1]")
    #expect(try value("}Vk\nI1\ns(Vk\nI2\nVl\nN" + "u") == "{\"k\": 2, \"l\": null}")
    #expect(try value(Array("I1\nI2\nI3\n".utf8) + [0x87]) == "[1, 2, 3]")
    #expect(try value(Array("I1\n".utf8) + [0x85, 0x85]) == "[[1]]")
    #expect(try value([0x8F] + Array("(I1\n".utf8) + [0x90]) == "[1]")
    #expect(try value(Array("(I1\n".utf8) + [0x91]) == "[1]")
    #expect(try value("(I1\n2t") == "[1, 1]")
    #expect(try value("I1\n(I2\nI3\n1") == "1")
    #expect(try value("I1\nI2\n0") == "1")
    #expect(try value("I7\np3\n0g3\n") == "7")
    #expect(try value("I7\nq\u{3}0h\u{3}") == "7")
    #expect(try value(Array("I7\n".utf8) + [0x94] + Array("0h\u{0}".utf8)) == "7")
    #expect(
      try value("ccollections\nOrderedDict\n(((Va\nI1\ntltR") == "{\"a\": 1}")
  }

  @Test("a list that holds itself is a value, but no configuration")
  func cycle() throws {
    var machine = PickleMachine(Array("]q\u{1}h\u{1}a.".utf8))
    let list = try machine.run()
    #expect(machine.heap.elements(list) == [list])
    let heap = machine.heap
    #expect(throws: DataError.self) { try heap.json(list) }
  }

  @Test("numbers of numpy, in the spelling of every protocol and version")
  func numpy() throws {
    let double = "cnumpy.core.multiarray\nscalar\n(cnumpy\ndtype\n(Vf8\nI0\nI1\ntR"
    let state = "(I3\nV<\nNNNI-1\nI-1\nI0\ntb"
    let half = [0, 0, 0, 0, 0, 0, 0xE0, 0x3F] as [UInt8]
    #expect(
      try value(Array((double + state).utf8) + [UInt8(ascii: "C"), 8] + half + Array("tR".utf8))
        == "0.5")
    let latin = "c_codecs\nencode\n(X\u{9}\0\0\0\0\0\0\0\0\0à?Vlatin1\ntR"
    #expect(try value(double.replacing("core", with: "_core") + state + latin + "tR") == "0.5")
    let integer = double.replacing("f8", with: "i2")
    #expect(
      try value(
        Array((integer + state).utf8) + [UInt8(ascii: "C"), 2, 0xFE, 0xFF]
          + Array("tR".utf8)) == "-2")
    #expect(
      try refusal(double + state.replacing("<", with: ">")).hasSuffix(
        "numbers of type `f8` have the wrong byte order"))
    #expect(
      try refusal(Array((double + state).utf8) + [UInt8(ascii: "C"), 1, 0] + Array("tR".utf8))
        .hasSuffix("numpy.core.multiarray.scalar is called with arguments that it does not take"))
  }

  @Test(
    "whatever would run something is refused by its full name, at its byte",
    arguments: [
      ("cposix\nsystem\n(Vtrue\ntR", "pickle, byte 22: it calls `posix.system`"),
      ("cos\nsystem\n(Vtrue\ntR", "pickle, byte 19: it calls `os.system`"),
      ("(Vtrue\niposix\nsystem\n", "pickle, byte 7: it calls `posix.system`"),
      ("(cposix\nsystem\nVtrue\no", "pickle, byte 21: it calls `posix.system`"),
      ("cposix\nsystem\n)\u{81}", "pickle, byte 15: it calls `posix.system`"),
      ("cposix\nsystem\n)}\u{92}", "pickle, byte 16: it calls `posix.system`"),
      ("Vposix\nVsystem\n\u{93})R", "pickle, byte 17: it calls `posix.system`"),
      ("Vbuiltins\nVeval\n\u{93})\u{81}", "pickle, byte 18: it calls `builtins.eval`"),
      ("c__builtin__\neval\n(V1\ntR", "pickle, byte 23: it calls `__builtin__.eval`"),
      ("cbuiltins\ngetattr\n(NVx\ntR", "pickle, byte 24: it calls `builtins.getattr`"),
      ("cargparse\nNamespace\n}b", "pickle, byte 21: it changes `argparse.Namespace`"),
      (
        "ccollections\nOrderedDict\n0ctorch.storage\n_load_from_bytes\n)R",
        "pickle, byte 59: it calls `torch.storage._load_from_bytes`"
      ),
      (
        "ctorch._utils\n_rebuild_tensor_v3\n)R",
        "pickle, byte 34: it calls `torch._utils._rebuild_tensor_v3`"
      ),
      ("csubprocess\nPopen\u{1B}[2J\n)R", "pickle, byte 23: it calls `subprocess.Popen\\u{1b}[2J`"),
    ])
  func calls(text: String, message: String) throws {
    // Characters stand for single bytes.
    let bytes = text.unicodeScalars.map { UInt8($0.value) }
    #expect(
      try refusal(bytes)
        == message + "; that is refused, since nothing in a checkpoint is ever run")
  }

  @Test("Python's own pickle of an object that calls os.system is refused by name")
  func madeByPython() throws {
    // pickle.dumps(object whose __reduce__ gives (os.system, ("true",)), protocol 2 and 4)
    let second: [UInt8] =
      [0x80, 2] + Array("cposix\nsystem\nq\u{0}X\u{4}\0\0\0trueq\u{1}".utf8) + [0x85]
      + Array("q\u{2}Rq\u{3}".utf8)
    let fourth: [UInt8] =
      [0x80, 4, 0x95, 31, 0, 0, 0, 0, 0, 0, 0, 0x8C, 5] + Array("posix".utf8) + [0x94, 0x8C, 6]
      + Array("system".utf8) + [0x94, 0x93, 0x94, 0x8C, 4] + Array("true".utf8)
      + [0x94, 0x85, 0x94, UInt8(ascii: "R"), 0x94]
    for pickle in [second, fourth] {
      #expect(try refusal(pickle).contains("`posix.system`"))
      let path = try Scratch()
      let file = try path.write(pickle + [UInt8(ascii: ".")], to: "evil.pt")
      let error = try #require(throws: DataError.self) {
        try TorchFile(RandomAccessFile(path: file))
      }
      #expect(error.description.contains("`posix.system`"))
    }
  }

  @Test("names that are only mentioned do no harm")
  func mentioned() throws {
    #expect(
      try value("(Vhandler\nclogging\nStreamHandler\nd") == #"{"handler": "logging.StreamHandler"}"#
    )
  }

  @Test("objects that do no harm are passed over, whatever they are made of")
  func harmless() throws {
    let namespace = "cargparse\nNamespace\n)\u{81}}(Vlr\nF0.1\nub"
    let path = "cpathlib\nPosixPath\n(V/data\nVrun\ntR"
    let date = "cdatetime\ndatetime\n(V\u{7}xx\ntR"
    let queue = "ccollections\ndeque\n(](I1\netR(I2\ne"
    for (text, name) in [
      (namespace, "argparse.Namespace"), (path, "pathlib.PosixPath"), (date, "datetime.datetime"),
      (queue, "collections.deque"),
    ] {
      let bytes = text.unicodeScalars.map { UInt8($0.value) }
      #expect(try value(bytes) == "\"\(name)\"")
    }
    #expect(throws: DataError.self) { try value("cargparse\nNamespace\n(cos\nsystem\n)R" + "tR") }
  }

  @Test(
    "copies without end are refused before they fill the memory",
    arguments: [
      "ccollections\nOrderedDict\n", "ctorch\nSize\n", "cbuiltins\nset\n", "c_codecs\nencode\n",
    ])
  func copies(callee: String) throws {
    // One long list, or text, and calls that copy it again and again: five bytes each.
    var pickle: [UInt8]
    if callee.contains("encode") {
      pickle = Array("V\(String(repeating: "x", count: 262_144))\nVlatin1\n".utf8) + [0x86]
    } else {
      let item = callee.contains("Ordered") ? "h\u{1}" : "h\u{2}"
      pickle = Array("I1\nq\u{2}h\u{2}".utf8) + [0x86] + Array("q\u{1}0](".utf8)
      for _ in 0..<262_144 { pickle += Array(item.utf8) }
      pickle += Array("e".utf8) + [0x85]
    }
    pickle += Array("q\u{3}0".utf8) + Array(callee.utf8) + Array("q\u{4}0(".utf8)
    for _ in 0..<20_000 { pickle += Array("h\u{4}h\u{3}R".utf8) }
    pickle += Array("l".utf8)
    #expect(
      try refusal(pickle).hasSuffix(
        "it copies its values so often that they would fill the memory"))
  }

  @Test("a long key that is used again and again takes no time without end")
  func longKeys() throws {
    var pickle = Array("V\(String(repeating: "k", count: 1 << 20))\nq\u{1}0}(".utf8)
    for _ in 0..<200_000 { pickle += Array("h\u{1}N".utf8) }
    #expect(try refusal(pickle + Array("u".utf8)).contains("it copies its values so often"))
  }

  @Test(
    "damage is refused with its place",
    arguments: [
      ("", "byte 0: an instruction has nothing to work on"),
      ("0", "byte 0: an instruction has nothing to work on"),
      ("t", "byte 0: a mark is missing"),
      ("I1\n(R", "byte 4: an instruction has nothing to work on"),
      ("(0", "byte 2: an instruction has nothing to work on"),
      ("Ix\n", "byte 0: a whole number is garbled or too large"),
      ("I99999999999999999999\n", "byte 0: a whole number is garbled or too large"),
      ("Fx\n", "byte 0: a number is garbled"),
      ("Sx\n", "byte 0: a text is garbled"),
      ("S'a\\x41'\n", "byte 0: escapes in text are not known"),
      ("g1\n", "byte 0: value 1 is recalled, but was never remembered"),
      ("I1\np-1\n", "byte 3: a place in the memo is garbled"),
      ("I1\nI2\na", "byte 6: something is appended to what is no list"),
      ("]I2\nI3\ns", "byte 7: items are put into what is no dictionary"),
      ("}(I3\nu", "byte 5: items are put into what is no dictionary"),
      ("I1\n)R", "byte 4: something without a name is called, which is refused"),
      ("I1\n}b", "byte 4: something is given a state that has none, which is refused"),
      ("V0\nP", "byte 3: storages named by text are not known"),
      ("z", "byte 0: there is no instruction 122"),
      (
        "(Vmodule\nN" + "tQ",
        "byte 11: a reference to a storage is garbled, or is one to something else"
      ),
      ("X\u{FF}\u{FF}\u{FF}\u{7F}a", "byte 0: it ends in the middle"),
      ("\u{8E}\u{FF}\u{FF}\u{FF}\u{FF}\u{FF}\u{FF}\u{FF}\u{FF}", "byte 0: it ends in the middle"),
      ("\u{80}\u{6}", "byte 0: protocol 6 is not known"),
      ("\u{82}\u{1}", "byte 0: names by number (extensions) are refused"),
      ("\u{97}", "byte 0: buffers outside the pickle are refused"),
      ("X\u{1}\0\0\0\u{FF}", "byte 0: a text is not UTF-8"),
    ])
  func damage(text: String, message: String) throws {
    let bytes = text.unicodeScalars.map { UInt8($0.value) }
    #expect(try refusal(bytes) == "pickle, " + message)
  }

  @Test("a stack without end is refused before it fills the memory")
  func endless() throws {
    for instruction in ["(", "N", "]"] {
      let reason = try refusal(String(repeating: instruction, count: 3 << 20))
      let limit =
        instruction == "]"
        ? "it makes more than 1048576 collections" : "more than 1048576 values wait on the stack"
      #expect(reason == "pickle, byte 1048576: \(limit)")
    }
  }

  @Test("views must lie within their storage")
  func views() throws {
    let storage = Storage(key: "0", type: .float32, count: 12)
    func isView(_ offset: Int, _ shape: [Int], _ strides: [Int]) -> Bool {
      StoredTensor(storage, offset: offset, shape: shape, strides: strides) != nil
    }
    #expect(isView(0, [3, 4], [4, 1]))
    #expect(isView(0, [4, 3], [1, 4]))
    #expect(isView(11, [], []))
    #expect(isView(2, [10], [1]))
    #expect(isView(0, [12], [0]), "repeated numbers, no more than there are")
    #expect(isView(12, [0, 5], [5, 1]), "nothing lies nowhere")
    #expect(!isView(12, [], []))
    #expect(!isView(3, [10], [1]))
    #expect(!isView(-1, [1], [1]))
    #expect(!isView(0, [3, 4], [4]))
    #expect(!isView(0, [-3], [1]))
    #expect(!isView(11, [3], [-1]))
    #expect(!isView(0, [13], [0]))
    #expect(!isView(0, [1 << 62, 1 << 62], [0, 0]))
    #expect(!isView(.max, [2], [.max]))
    #expect(!isView(0, [2], [.max]))
    #expect(!isView(0, Array(repeating: 1, count: 33), Array(repeating: 1, count: 33)))
  }

  @Test("random instructions are carried out or refused, and never trap")
  func random() throws {
    var generator = SeededGenerator(seed: 41)
    let known =
      Array(".(012NKMJGXUTVSIFLBC]})ltdaesuqrphgjcRibQP".utf8)
      + [
        0x80, 0x81, 0x85, 0x86, 0x87, 0x88, 0x89, 0x8A, 0x8B, 0x8C, 0x8F, 0x90, 0x91, 0x92, 0x93,
        0x94,
      ]
    let names = [
      "ccollections\nOrderedDict\n", "ctorch._utils\n_rebuild_tensor_v2\n", "ctorch\nSize\n",
    ]
    var finished = 0
    for _ in 0..<5000 {
      var bytes: [UInt8] = []
      for _ in 0..<Int.random(in: 1...60, using: &generator) {
        if Int.random(in: 0..<12, using: &generator) == 0 {
          bytes += Array((names.randomElement(using: &generator) ?? "").utf8)
        }
        bytes.append(known.randomElement(using: &generator) ?? 0)
        if Int.random(in: 0..<3, using: &generator) == 0 {
          bytes += [UInt8.random(in: 0..<4, using: &generator), 0, 0, 0]
        }
      }
      var machine = PickleMachine(bytes + [UInt8(ascii: ".")])
      do {
        let value = try machine.run()
        finished += 1
        _ = try machine.heap.json(value)
      } catch {}
    }
    #expect(finished > 20)
  }
}
