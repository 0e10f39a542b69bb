// SPDX-License-Identifier: MIT

import Forces
import Foundation
import RelaxNumerics
import Structures
import TestSupport

/// A program in the place of Python with ASE, in Python without it: springs that pull atoms to the origin, and
/// any misbehaviour.
enum FakeDriver {
  /// What a skipped test says.
  static let skipMessage = "needs python3"

  /// Where it is found.
  static let python: String? = {
    let places = ProcessInfo.processInfo.environment["PATH"] ?? ""
    return places.split(separator: ":").map { "\($0)/python3" }
      .first { FileManager.default.isExecutableFile(atPath: $0) }
  }()

  /// Whether it can be run.
  static var isAvailable: Bool { python != nil }

  /// The program in the place of Python, which runs the file `python` beside the script.
  ///
  /// One for all tests, and tried before it is used: a file that was just written cannot be started while another
  /// thread's new process still has it open.
  private static let program: String = {
    let path = NSTemporaryDirectory() + "/relax-fake-python-\(getpid())"
    let text = """
      #!\(python ?? "")
      import os, sys
      if sys.argv[1] != "try":
          exec(open(os.path.dirname(sys.argv[3]) + "/python").read())

      """
    try? Data(text.utf8).write(to: URL(fileURLWithPath: path))
    try? FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: path)
    atexit { unlink(NSTemporaryDirectory() + "/relax-fake-python-\(getpid())") }
    for _ in 0..<500 {
      let process = Process()
      process.executableURL = URL(fileURLWithPath: path)
      process.arguments = ["try"]
      if (try? process.run()) != nil {
        process.waitUntilExit()
        if process.terminationStatus == 0 { break }
      }
      usleep(10_000)
    }
    return path
  }()

  /// Makes it, and a script for it.
  ///
  /// - Parameters:
  ///   - setup: Python that is run before it says that it is ready; `begun` counts processes from 1.
  ///   - evaluation: Python that is run before each answer: `number` counts them in this process from 1, `n` is the
  ///     number of atoms, `sid` the structure's, and `answer` what is sent.
  /// - Returns: a specification.
  static func specification(
    in scratch: Scratch, setup: String = "pass", evaluation: String = "pass", options: String = ""
  ) throws -> String {
    try scratch.write(setup, to: "setup")
    try scratch.write(evaluation, to: "evaluation")
    try scratch.write(
      """
      import os, re, socket, struct, sys, time
      link = socket.socket(fileno=3)
      log = open(\"\(scratch.path("starts"))\", "a")
      log.write("%d\\n" % os.getpid())
      log.close()
      begun = len(open(\"\(scratch.path("starts"))\").readlines())
      def receive(count):
          data = b""
          while len(data) < count:
              piece = link.recv(count - len(data))
              if not piece:
                  sys.exit(0)
              data += piece
          return data
      def send(kind, data):
          link.sendall(kind + struct.pack("<I", len(data)) + data)
      number = 0
      setup, evaluation = [
          open(\"\(scratch.path(""))\" + name).read() for name in ("setup", "evaluation")]
      exec(setup)
      send(b"HELO", b'{"ase": "0", "properties": ["energy", "forces", "stress"]}')
      while True:
          kind, size = receive(4), struct.unpack("<I", receive(4))[0]
          data = receive(size)
          if kind == b"STRU":
              text = data[4:].decode()
              sid = (re.search(r'"sid": "(.*?)"', text) or ["", ""])[1]
              send(b"DONE", b"")
              continue
          number += 1
          numbers = struct.unpack("<%dd" % (size // 8), data)
          x = numbers[11:]
          n = len(x) // 3
          forces = [-3 * v for v in x]
          energy = 1.5 * sum(v * v for v in x)
          values = [3.0, numbers[1], energy, energy - 1, 1, 6, 5, 6, 2, 4, 5, 4, 3] + forces
          answer = (b"GAVE", struct.pack("<%dd" % len(values), *values))
          exec(evaluation)
          send(*answer)

      """, to: "python")
    try scratch.write("", to: "script.py")
    return "ase:script=\(scratch.path("script.py")),python=\(program)\(options)"
  }

  /// Numbers of the processes that were started.
  static func started(_ scratch: Scratch) throws -> [Int32] {
    try scratch.text("starts").split(separator: "\n").compactMap { Int32($0) }
  }

  /// Whether a process still runs; those that were ended but not yet collected do not.
  static func isAlive(_ pid: Int32) -> Bool {
    guard kill(pid, 0) == 0 else { return false }
    let text = (try? String(contentsOfFile: "/proc/\(pid)/stat", encoding: .utf8)) ?? ""
    return !text.contains(") Z ")
  }

  /// Waits until none of them runs.
  static func areGone(_ pids: [Int32]) -> Bool {
    for _ in 0..<1000 {
      if !pids.contains(where: isAlive) { return true }
      usleep(10_000)
    }
    return false
  }

  /// Two atoms off the origin.
  static func structure(_ sid: String = "a") -> Structure {
    Structure(
      elements: [1, 8].compactMap(Element.init(atomicNumber:)),
      positions: [Vector3(0.1, 0, 0), Vector3(0, 1, 0)],
      cell: Cell(Vector3(9, 0, 0), Vector3(0, 9, 0), Vector3(0, 0, 9), periodicity: .all),
      attributes: [Attribute(name: "sid", text: sid)])
  }
}
