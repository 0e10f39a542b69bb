// SPDX-License-Identifier: MIT

import CLibrary
import Foundation
import RelaxNumerics
import TestSupport
import Testing

@testable import Files

@Suite("Locks of outputs, also where the system has none")
struct LockTests {
  /// As on a file system without locks, seen from `machine`.
  static func rules(_ machine: Machine = .own) -> LockRules {
    var rules = LockRules()
    rules.usesSystemLocks = false
    rules.machine = machine
    (rules.beat, rules.pause) = (.milliseconds(20), .milliseconds(10))
    (rules.watch, rules.settling) = (.zero, .milliseconds(50))
    return rules
  }

  /// As `rules`, of somebody who waits no longer than a moment.
  static func impatient(_ machine: Machine = .own) -> LockRules {
    var rules = rules(machine)
    rules.patience = .milliseconds(60)
    return rules
  }

  static let other = Machine(host: "node7", boot: "another", space: "")

  /// What a process that was killed leaves.
  private func leave(_ note: LockNote, in scratch: Scratch) throws {
    try scratch.write(note.text, to: ".x.lock")
  }

  private func refusal(_ scratch: Scratch, _ rules: LockRules) -> FileError? {
    do throws(FileError) {
      try OutputClaim(files: [scratch.path("x")], rules).release()
      return nil
    } catch {
      return error
    }
  }

  private func hidden(_ scratch: Scratch) throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: scratch.folder).sorted()
  }

  @Test("one has an output at a time without locks of the system", arguments: [true, false])
  func exclusive(hasLocks: Bool) throws {
    let scratch = try Scratch()
    var rules = LockTests.rules()
    rules.usesSystemLocks = hasLocks
    let claim = try OutputClaim(files: [scratch.path("x")], rules)
    let error = refusal(scratch, rules)
    #expect(error?.kind == .inUse)
    #expect(
      error?.message
        == "another process (\(getpid())) is writing this file; wait for its end, or choose another name"
    )
    let folder = refusal(scratch, LockTests.rules())
    #expect(folder?.kind == .inUse)
    #expect(throws: FileError.self) {
      try OutputClaim(files: [], folders: [scratch.folder], rules).release()
    }
    try claim.requireHeld()
    claim.release()
    #expect(refusal(scratch, rules) == nil)
    #expect(try hidden(scratch) == [])
  }

  @Test("the lock of a dead process of this machine does not block", arguments: [true, false])
  func dead(hasLocks: Bool) throws {
    let scratch = try Scratch()
    var rules = LockTests.rules()
    rules.usesSystemLocks = hasLocks
    // Its number may have been given again since.
    var again = LockNote(of: .own)
    try #require(again.started > 0)
    again.started -= 1
    // No system has as many.
    var gone = LockNote(of: .own)
    gone.process = Int(Int32.max)
    for note in [again, gone] {
      try leave(note, in: scratch)
      #expect(OutputClaim.owner(of: scratch.path("x"), rules) == .nobody)
      #expect(refusal(scratch, rules) == nil, "\(note)")
      #expect(try hidden(scratch) == [])
    }
  }

  @Test("a copy of a lock file locks nothing")
  func copies() throws {
    let scratch = try Scratch()
    let claim = try OutputClaim(files: [scratch.path("y")], LockTests.rules())
    try FileManager.default.copyItem(
      atPath: scratch.path(".y.lock"), toPath: scratch.path(".x.lock"))
    #expect(OutputClaim.owner(of: scratch.path("x"), LockTests.rules()) == .nobody)
    #expect(refusal(scratch, LockTests.rules()) == nil)
    claim.release()
  }

  @Test(
    "a silent process of another machine is dead, whatever the clocks", arguments: [-3e4, 0, 3e4])
  func silent(hours: Double) throws {
    let scratch = try Scratch()
    for hasLocks in [true, false] {
      var rules = LockTests.impatient()
      rules.usesSystemLocks = hasLocks
      try leave(LockNote(of: LockTests.other), in: scratch)
      try FileManager.default.setAttributes(
        [.modificationDate: Date(timeIntervalSinceNow: hours)],
        ofItemAtPath: scratch.path(".x.lock"))
      let claim = try OutputClaim(files: [scratch.path("x")], rules)
      #expect(LockNote(try scratch.text(".x.lock"))?.silent.machine == .own)
      try claim.requireHeld()
      claim.release()
      #expect(try hidden(scratch) == [])
    }
  }

  @Test("a living process of another machine is waited for until it gives a sign, and is named")
  func living() throws {
    let scratch = try Scratch()
    let claim = try OutputClaim(files: [scratch.path("x")], LockTests.rules(LockTests.other))
    for hasLocks in [true, false] {
      // Where the system has locks, they may not reach other machines: no lock of its is held here.
      var rules = LockTests.rules()
      rules.usesSystemLocks = hasLocks
      rules.watch = .seconds(60)
      let error = refusal(scratch, rules)
      #expect(error?.kind == .inUse)
      #expect(error?.message.hasPrefix("another process (\(getpid()) on node7) is writing") == true)
    }
    try claim.requireHeld()
    claim.release()
  }

  @Test("waiting for another machine can be given up")
  func givingUp() throws {
    let scratch = try Scratch()
    try leave(LockNote(of: LockTests.other), in: scratch)
    var rules = LockTests.rules()
    let asked = Guarded<[OutputHolder]>([])
    rules.whileWaiting = { holder in
      asked.withLock { $0.append(holder) }
      return false
    }
    #expect(refusal(scratch, rules)?.kind == .inUse)
    #expect(asked.withLock { $0.map(\.host) } == ["node7"])
  }

  @Test(
    "a lock file without a word, as a kill leaves it, does not block", arguments: [true, false])
  func empty(hasLocks: Bool) throws {
    let scratch = try Scratch()
    var rules = LockTests.rules()
    rules.usesSystemLocks = hasLocks
    try scratch.write("", to: ".x.lock")
    #expect(refusal(scratch, rules) == nil)
    #expect(try hidden(scratch) == [])
  }

  @Test("what an older relax has left does not block where the system has locks")
  func older() throws {
    let scratch = try Scratch()
    try scratch.write("relax process 12\n", to: ".x.lock")
    #expect(refusal(scratch, LockRules()) == nil)
  }

  @Test("a process that was halted learns that its outputs were taken over, and leaves them")
  func halted() throws {
    let scratch = try Scratch()
    var rules = LockTests.impatient(LockTests.other)
    // It gives no sign.
    rules.beat = .seconds(3600)
    let halted = try OutputClaim(files: [scratch.path("x")], rules)
    try halted.requireHeld()
    // Its first look may have been a sign.
    let next = try OutputClaim(files: [scratch.path("x")], LockTests.impatient())
    let error = #expect(throws: FileError.self) { try halted.requireHeld() }
    #expect(error?.kind == .inUse)
    halted.release()
    try next.requireHeld()
    #expect(try hidden(scratch) == [".x.lock"])
    next.release()
    #expect(try hidden(scratch) == [])
  }

  @Test("of many that take over the lock of a dead process one has it")
  func many() throws {
    let scratch = try Scratch()
    try leave(LockNote(of: LockTests.other), in: scratch)
    let claims = Guarded<[OutputClaim]>([])
    WorkerThreads.run(8) { [path = scratch.path("x")] in
      var rules = LockTests.impatient()
      rules.settling = .seconds(1)
      if let claim = try? OutputClaim(files: [path], rules) { claims.withLock { $0.append(claim) } }
    }
    #expect(claims.withLock { $0.count } == 1)
    claims.withLock { claims in for claim in claims { claim.release() } }
    #expect(try hidden(scratch) == [])
  }

  @Test("looking who writes an output says what is known, and makes and changes nothing")
  func looking() throws {
    let scratch = try Scratch()
    let path = scratch.path("x")
    let rules = LockTests.rules()
    #expect(OutputClaim.owner(of: path) == .nobody)
    #expect(OutputClaim.owner(of: scratch.path("none/x")) == .nobody)
    for rules in [rules, LockRules()] {
      let claim = try OutputClaim(files: [path], rules)
      guard case .process(let holder?) = OutputClaim.owner(of: path, rules) else {
        Issue.record("the owner is known")
        return
      }
      #expect(holder.process == Int(getpid()) && holder.host == nil)
      #expect(try hidden(scratch) == [".x.lock"])
      claim.release()
      #expect(OutputClaim.owner(of: path, rules) == .nobody)
    }
    try leave(LockNote(of: LockTests.other), in: scratch)
    guard case .unknown(let holder?) = OutputClaim.owner(of: path, rules) else {
      Issue.record("nobody knows")
      return
    }
    #expect(holder.host == "node7" && holder.beat == 0)
    try scratch.write("", to: ".x.lock")
    #expect(OutputClaim.owner(of: path, rules) == .unknown(nil))
    #expect(OutputClaim.owner(of: "/dev/null") == .nobody)
    #expect(try hidden(scratch) == [".x.lock"])
  }

  @Test("looking for a while tells living processes of other machines from dead ones")
  func lookingLonger() throws {
    let scratch = try Scratch()
    let claim = try OutputClaim(files: [scratch.path("living")], LockTests.rules(LockTests.other))
    try leave(LockNote(of: LockTests.other), in: scratch)
    let paths = ["living", "x", "none"].map(scratch.path)
    let stopped = OutputClaim.owners(
      of: paths, watching: .seconds(60), LockTests.rules(), { true })
    guard case .unknown = stopped[0], case .unknown = stopped[1] else {
      Issue.record("one look cannot tell")
      return
    }
    // The living one shows sooner or later.
    let owners = OutputClaim.owners(of: [paths[0]], watching: .seconds(60), LockTests.rules()) {
      false
    }
    guard case .process(let holder?) = owners[0] else {
      Issue.record("it lives")
      return
    }
    #expect(holder.host == "node7" && holder.process == Int(getpid()))
    let others = OutputClaim.owners(
      of: Array(paths[1...]), watching: .milliseconds(50), LockTests.rules(), { false })
    #expect(others == [.nobody, .nobody])
    claim.release()
  }

  @Test("who looks at a lock does not keep others from taking it")
  func undisturbed() throws {
    let scratch = try Scratch()
    var note = LockNote(of: .own)
    note.process = Int(Int32.max)
    try leave(note, in: scratch)
    let looking = FileSystem.open(scratch.path(".x.lock"), O_RDONLY)
    #expect(flock(looking, LOCK_SH | LOCK_NB) == 0)
    WorkerThreads.runAside {
      usleep(20_000)
      close(looking)
    }
    var rules = LockRules()
    rules.insisting = .seconds(60)
    #expect(refusal(scratch, rules) == nil)
  }

  @Test("notes are read as they were written, whatever else stands there")
  func notes() {
    var note = LockNote(of: .own)
    (note.file, note.beat) = (17, 3)
    #expect(LockNote(note.text) == note)
    #expect(note.text.utf8.count == note.silent.text.utf8.count)
    #expect(LockNote("relax process 12\nnews of later versions 1\n")?.process == 12)
    for text in ["", "relax", "relax process ", "relax process x\n", "mine"] {
      #expect(LockNote(text) == nil, "\(text)")
    }
  }
}
