// SPDX-License-Identifier: MIT

import Files
import Forces
import Foundation
import RelaxNumerics
import Structures
import TestSupport
import Testing

@testable import ExternalForces

@Suite(
  "Forces by a Python process", .enabled(if: FakeDriver.isAvailable, "needs python3"))
struct ASEProviderTests {
  private let scratch: Scratch

  init() throws { scratch = try Scratch() }

  private func provider(
    setup: String = "pass", evaluation: String = "pass", options: String = ""
  ) throws -> any ForceProvider {
    let catalog = ProviderCatalog(ExternalProviders.kinds)
    return try catalog.provider(
      try FakeDriver.specification(
        in: scratch, setup: setup, evaluation: evaluation, options: options))
  }

  private func evaluate(
    _ provider: any ForceProvider, _ structure: Structure = FakeDriver.structure(),
    wanting: Quantities = [.energy, .forces, .stress], cancellation: Cancellation = .never
  ) throws -> Evaluation {
    try provider.evaluate(structure, wanting: wanting, cancellation: cancellation)
  }

  /// The reason why an evaluation failed.
  private func reason(
    _ provider: any ForceProvider, _ cancellation: Cancellation = .never
  ) -> String {
    do {
      _ = try evaluate(provider, cancellation: cancellation)
      return "it did not fail"
    } catch {
      return "\(error)"
    }
  }

  @Test("numbers come as the program gives them, from one process for all structures")
  func numbers() throws {
    let provider = try provider()
    for _ in 0..<3 {
      let found = try evaluate(provider)
      #expect(found.energy == 1.5 * (0.1 * 0.1 + 1))
      #expect(found.freeEnergy == 1.5 * (0.1 * 0.1 + 1) - 1)
      #expect(found.forces == [Vector3(-3 * 0.1, 0, 0), Vector3(0, -3, 0)])
      #expect(found.stress?.voigt == [1, 2, 3, 4, 5, 6])
      #expect(found.coverage == .all)
    }
    #expect(try FakeDriver.started(scratch).count == 1)
    #expect(provider.isExpensive && provider.files == [scratch.path("script.py")])
  }

  @Test("what was just answered is not asked again")
  func repeated() throws {
    let provider = try provider(
      evaluation:
        "values[2] = float(number)\nanswer = (b\"GAVE\", struct.pack(\"<%dd\" % len(values), *values))"
    )
    var evaluator = try provider.makeEvaluator(for: FakeDriver.structure())
    let geometry = Geometry(FakeDriver.structure())
    #expect(try evaluator.evaluate(geometry, wanting: .forces).energy == 1)
    #expect(try evaluator.evaluate(geometry, wanting: .energy).energy == 1)
    #expect(try evaluator.evaluate(geometry, wanting: .stress).energy == 1)
    var other = geometry
    other.positions[0].x += 0.1
    #expect(try evaluator.evaluate(other, wanting: .forces).energy == 2)
    evaluator.close()
  }

  @Test(
    "a process that misbehaves once is replaced, and nobody notices",
    arguments: [
      "if begun == 1: os._exit(3)", "if begun == 1: os.kill(os.getpid(), 9)",
      "if begun == 1: link.sendall(b'what is this? forces?')",
      "if begun == 1: answer = (b'GAVE', b'12345678')",
      "if begun == 1: answer = (b'FAIL', b'no licence')",
      "if begun == 1: answer = (b'DONE', b'')",
      // The answer to another question.
      "if begun == 1: values[1] -= 1; answer = (b'GAVE', struct.pack('<%dd' % len(values), *values))",
      "if begun == 1: link.sendall(b'GAVE'); os._exit(0)",
      "if begun == 1: time.sleep(1000)", "if begun == 1: os.kill(os.getpid(), 19)",
    ])
  func once(evaluation: String) throws {
    let provider = try provider(evaluation: evaluation, options: ",timeout=6")
    #expect(try evaluate(provider).forces[1] == Vector3(0, -3, 0))
    let pids = try FakeDriver.started(scratch)
    #expect(pids.count == 2)
    #expect(FakeDriver.areGone([pids[0]]))
  }

  @Test(
    "what goes on misbehaving fails for now, with its last words",
    arguments: [
      (
        "print('out of memory', file=sys.stderr, flush=True); os._exit(3)", "", 3,
        "ase: it died (exit code 3); its last words: out of memory (after 3 tries)"
      ),
      (
        "print('a\\n\\n  b\\x1b[2J'); sys.stdout.flush(); os.kill(os.getpid(), 11)", ",retries=0",
        1,
        "ase: it died (signal 11); its last words: a / b [2J"
      ),
      (
        "answer = (b'FAIL', b'KeyError: \\n Xe')", ",retries=1", 2,
        "ase: KeyError: Xe (after 2 tries)"
      ),
      (
        "print('working'); sys.stdout.flush(); time.sleep(1000)", ",retries=0,timeout=5", 1,
        "ase: no answer within 5 s; its last words: working"
      ),
    ] as [(String, String, Int, String)])
  func always(evaluation: String, options: String, starts: Int, expected: String) throws {
    let provider = try provider(evaluation: evaluation, options: options)
    let hope = expected.contains("KeyError") ? "" : " (another try may succeed)"
    #expect(reason(provider) == expected + hope)
    let pids = try FakeDriver.started(scratch)
    #expect(pids.count == starts)
    #expect(FakeDriver.areGone(pids))
  }

  @Test("a wish to stop is heard during an evaluation, and the process is ended")
  func cancelled() throws {
    let provider = try provider(evaluation: "time.sleep(1000)")
    let end = ContinuousClock.now + .milliseconds(200)
    #expect(
      reason(provider, Cancellation { ContinuousClock.now > end })
        == "\(ForceError.cancelled)")
    #expect(FakeDriver.areGone(try FakeDriver.started(scratch)))
  }

  @Test("much that is printed neither stops it nor is kept")
  func printing() throws {
    let provider = try provider(
      setup: "sys.stdout.write('x' * 300000)", evaluation: "sys.stderr.write('y\\n' * 300000)")
    for _ in 0..<3 { #expect(try evaluate(provider).energy != nil) }
  }

  @Test("programs that a calculator has started end with it, those in groups of their own too")
  func descendants() throws {
    let pids: [Int32]
    do {
      let provider = try provider(
        setup: """
          import subprocess
          for own in (False, True):
              child = subprocess.Popen(
                  ["/bin/sh", "-c", "trap '' TERM HUP; while :; do sleep 1; done"],
                  preexec_fn=os.setpgrp if own else None)
              open(\"\(scratch.path("starts"))\", "a").write("%d\\n" % child.pid)
          """)
      #expect(try evaluate(provider).energy != nil)
      pids = try FakeDriver.started(scratch)
      #expect(pids.count == 3 && pids.allSatisfy(FakeDriver.isAlive))
    }
    #expect(FakeDriver.areGone(pids))
  }

  @Test("what is wrong at the start is said at once")
  func start() throws {
    func refusal(_ specification: String) -> String {
      do {
        _ = try ProviderCatalog(ExternalProviders.kinds).provider(specification)
        return "none"
      } catch { return "\(error)" }
    }
    let script = try scratch.write(Array("".utf8), to: "script.py")
    #expect(refusal("ase").contains("script is missing"))
    #expect(refusal("ase:script=\(scratch.path("none.py"))").contains("there is no such file"))
    #expect(
      refusal("ase:script=\(script),python=/nowhere/python").contains("there is no such program"))
    #expect(
      refusal("ase:script=\(script),python=\(script)").contains(
        "it is no program that can be started"))
    #expect(refusal("ase:script=\(script),timeout=-1").contains("timeout must be"))
    #expect(refusal("ase:script=\(script),workers=0").contains("workers must be"))
    #expect(refusal("ase:script=\(script),retries=x").contains("retries must be"))
    #expect(throws: ForceError.self) { try provider(setup: "os._exit(1)") }
    #expect(throws: ForceError.self) {
      try provider(setup: "time.sleep(99)", options: ",start=0.5")
    }
    #expect(FakeDriver.areGone(try FakeDriver.started(scratch)))
  }

  @Test("workers share as many processes as there may be, each with a number of its own")
  func workers() throws {
    let provider = try provider(
      setup: """
        open(\"\(scratch.path("workers"))\", "a").write(os.environ["RELAX_WORKER"] + " ")
        """,
      evaluation: "time.sleep(0.05)", options: ",workers=2")
    let done = Guarded(0)
    WorkerThreads.run(6) {
      for _ in 0..<3 where (try? provider.evaluate(FakeDriver.structure(), wanting: .forces)) != nil
      {
        done.withLock { $0 += 1 }
      }
    }
    #expect(done.withLock { $0 } == 18)
    #expect(try FakeDriver.started(scratch).count == 2)
    // Other tests have processes, too, and no two the same number.
    #expect(try Set(scratch.text("workers").split(separator: " ")).count == 2)
  }

  @Test("the specification says what is set, and parses to itself")
  func specification() throws {
    let text = try FakeDriver.specification(
      in: scratch, options: ",workers=3,start=60,timeout=1.5,retries=0")
    let provider = try ProviderCatalog(ExternalProviders.kinds).provider(text)
    #expect(provider.specification == text)
    // Another script is another calculator.
    let before = provider.identity
    try scratch.write("# changed", to: "script.py")
    let after = try ProviderCatalog(ExternalProviders.kinds).provider(text).identity
    #expect(before != after)
  }
}

@Suite(
  "Forces by ASE itself",
  .enabled(if: RealASE.isAvailable, "needs a python3 that has ASE, first on the PATH"))
struct RealASETests {
  @Test("entries reach the calculator as what they are")
  func info() throws {
    let scratch = try Scratch()
    try scratch.write(
      """
      import json
      from ase.calculators.emt import EMT
      class Told(EMT):
          def calculate(self, atoms=None, *arguments):
              if atoms is not None:
                  told = {key: [type(value).__name__, str(value)] for key, value in atoms.info.items()}
                  told["moments"] = atoms.get_initial_magnetic_moments().tolist()
                  told["fixed"] = [int(i) for c in atoms.constraints for i in c.index]
                  told["tags"] = atoms.get_tags().tolist()
                  open("\(scratch.path("told"))", "w").write(json.dumps(told))
              super().calculate(atoms, *arguments)
      def calculator():
          return Told()
      """, to: "script.py")
    let provider = try ProviderCatalog(ExternalProviders.kinds).provider(
      "ase:script=\(scratch.path("script.py"))")
    let copper = try #require(Element(symbol: "Cu"))
    let structure = Structure(
      elements: [copper, copper], positions: [.zero, Vector3(0, 0, 2.5)],
      moveMask: MoveMask(free: [false, true]), tags: [1, 2],
      columns: [Column(name: "initial_magmoms", width: 1, values: .reals([0.5, -0.5]))],
      attributes: [
        Attribute(name: "empty", text: "\"\""), Attribute(name: "charge", text: "-1"),
        Attribute(name: "spin", text: "2"), Attribute(name: "name", text: "\"007\""),
        Attribute(name: "kpts", text: "\"2 4 1\""),
      ])
    let found = try provider.evaluate(structure, wanting: [.energy, .forces, .stress])
    #expect(found.stress == nil && found.forces.count == 2)
    let told = try JSONText(parsing: try scratch.text("told"))
    #expect(told["empty"] == ["str", ""])
    #expect(told["charge"] == ["int", "-1"] && told["spin"] == ["int", "2"])
    #expect(told["name"] == ["str", "007"])
    #expect(told["kpts"] == ["ndarray", "[2 4 1]"])
    #expect(told["moments"] == [0.5, -0.5] && told["tags"] == [1, 2] && told["fixed"] == [0])
    // The same energy as the provider of that name.
    let native = try ProviderCatalog.analytic.provider("emt")
      .evaluate(structure, wanting: [.energy, .forces])
    #expect(abs((found.energy ?? 0) - (native.energy ?? 1)) < 1e-12)
  }
}

/// Python with ASE on this machine.
private enum RealASE {
  static let isAvailable: Bool = {
    guard let python = FakeDriver.python else { return false }
    let process = Process()
    process.executableURL = URL(fileURLWithPath: python)
    process.arguments = ["-c", "import ase"]
    process.standardError = FileHandle.nullDevice
    guard (try? process.run()) != nil else { return false }
    process.waitUntilExit()
    return process.terminationStatus == 0
  }()
}
