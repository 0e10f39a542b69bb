// SPDX-License-Identifier: MIT

import Files
import RelaxNumerics

/// What a command reads and what it writes: the one place that decides whether it may.
///
/// A command declares all of it and calls `begin` before it computes anything. No output may be
/// something that is read, or another output, whatever links lead to it; what exists is replaced only if
/// that was asked for; an output that another process is writing is refused.
struct OutputPlan {
  /// What a file is to the command that reads it.
  enum Role: String {
    case input = "an input"
    case model = "a model"
    case configuration = "a configuration"
  }

  /// What is done about an output that exists.
  enum Treatment {
    /// It is refused, or replaced with --overwrite.
    case replace
    /// The command itself decides: it continues it.
    case resume
  }

  private struct Output {
    var path: String
    var option: String
    var kind: OutputKind?
    var treatment: Treatment
    var place: FilePlace
  }

  /// Whether existing outputs may be replaced.
  var overwrite: Bool
  private var inputs: [(path: String, role: Role)] = []
  private var outputs: [Output] = []
  private var folders: [String] = []
  /// Files and folders that are named when all is written.
  private var named: [String] = []

  /// A plan of a command that replaces outputs if `overwrite`.
  init(overwrite: Bool) { self.overwrite = overwrite }

  /// Declares files that are read; `-` is standard input, which may be a file too.
  mutating func reads(_ paths: [String], as role: Role = .input) {
    inputs += paths.map { ($0 == "-" ? "/dev/stdin" : $0, role) }
  }

  /// Declares an output, if there is one; `-` is standard output.
  ///
  /// - Parameters:
  ///   - option: what it is called on the command line, such as `--json`.
  ///   - kind: what it holds, and so which endings its name may have; nil for names of our own.
  mutating func writes(
    _ path: String?, _ option: String, _ kind: OutputKind?, _ treatment: Treatment = .replace
  ) {
    guard let path else { return }
    let place = FilePlace(path)
    outputs.append(
      Output(path: path, option: option, kind: kind, treatment: treatment, place: place))
    // A pipe or device keeps nothing, and files of our own kind are no results.
    if kind != nil && place.kind != .stream { named.append(path) }
  }

  /// Declares a folder with files called `names`.
  mutating func writes(
    folder: String, names: [String], _ option: String, _ treatment: Treatment = .replace
  ) {
    // Several kinds of files may go into one folder, which is claimed once.
    let identity = FilePlace(folder).identity
    if !folders.contains(where: { $0 == folder || FilePlace($0).identity == identity }) {
      folders.append(folder)
      named.append(folder)
    }
    for name in names { writes("\(folder)/\(name)", option, nil, treatment) }
  }

  /// Whether standard output carries one of the outputs, so that no table may go there.
  var usesStandardOutput: Bool { outputs.contains { $0.place.ownDescriptor == 1 } }

  /// Checks everything and claims the outputs for this process.
  ///
  /// - Parameters:
  ///   - endsAtSignals: whether a signal ends the process; a command that hears signals itself says false.
  ///   - interruption: ends the wait for a process of another machine that may be dead.
  /// - Throws: 64 for a name that promises what is not written and for an output that is something else too; 74 for
  ///   one that exists, cannot be made or belongs to another process.
  func begin(
    endsAtSignals: Bool = true, unless interruption: Interruption? = nil
  ) throws -> Outputs {
    for output in outputs { try output.kind?.requireName(output.path) }
    try requireDistinct()
    for folder in folders {
      switch FilePlace(folder).kind {
      case .missing, .folder: continue
      case .file, .stream:
        throw CommandFailure(.cannotWrite, "\(folder): there is a file where a folder is to be")
      }
    }
    for output in outputs where output.place.kind == .folder {
      throw CommandFailure(.cannotWrite, "\(output.path): this is a folder, not a file")
    }
    if endsAtSignals { Interruption.endOrderly() }
    let claim = try claim(unless: interruption)
    for output in outputs where output.treatment == .replace && !overwrite {
      // Looked at anew: until now another process may have been writing it.
      if FilePlace(output.path).kind == .file { throw FileError.exists(output.path) }
    }
    return Outputs(
      claim: claim, overwrite: overwrite, usesStandardOutput: usesStandardOutput, named: named)
  }

  private func claim(unless interruption: Interruption?) throws -> OutputClaim {
    let hasTold = Guarded(false)
    do throws(FileError) {
      return try OutputClaim(files: files.map(\.path), folders: folders) { holder in
        let isFirst = hasTold.withLock { told in
          defer { told = true }
          return !told
        }
        if isFirst {
          Console.error(
            "relax: waiting for a sign of life of \(holder.words), which has claimed an output and may be "
              + "dead; at most a minute")
        }
        return !(interruption?.isRequested ?? false)
      }
    } catch {
      guard error.kind == .inUse, let cause = interruption?.cause else { throw error }
      throw CommandFailure(cause.status, "\(cause.words) before anything was written")
    }
  }

  /// The outputs that do not lie in folders which are claimed as a whole.
  private var files: [Output] {
    outputs.filter { output in !folders.contains { output.path.hasPrefix($0 + "/") } }
  }

  private func requireDistinct() throws {
    var seen: [String: Output] = [:]
    for output in outputs {
      guard let identity = output.place.identity else { continue }
      if let other = seen.updateValue(output, forKey: identity) {
        let names = output.path == other.path ? output.path : "\(other.path) and \(output.path)"
        throw CommandFailure(
          .usage,
          "\(names): two outputs, \(other.option) and \(output.option), would go to the same file")
      }
    }
    for output in outputs where output.kind != nil {
      if let other = outputs.first(where: { HiddenFile.isName(output.path, of: $0.path) }) {
        throw CommandFailure(
          .usage,
          "\(output.path): this name is one that files of relax's own have beside \(other.path); choose "
            + "another for \(output.option)")
      }
    }
    for (path, role) in inputs {
      if let output = outputs.first(where: { HiddenFile.isName(path, of: $0.path) }) {
        throw CommandFailure(
          .usage,
          "\(path) is \(role.rawValue) of this command, but its name is one that files of relax's own "
            + "have beside \(output.path); copy it to another name first")
      }
      guard let identity = FilePlace(path).identity, let output = seen[identity] else { continue }
      let name = output.path == path ? path : "\(output.path), which is \(path),"
      throw CommandFailure(
        .usage,
        "\(name) is \(role.rawValue) of this command and would be overwritten by \(output.option)")
    }
  }
}

/// Outputs that a command may write now, until `end`.
struct Outputs {
  /// The right to write them.
  let claim: OutputClaim
  /// Whether those that exist are replaced.
  let overwrite: Bool
  /// Whether standard output carries one of them, so that no table may go there.
  let usesStandardOutput: Bool
  /// Files and folders that results go to, as the user called them.
  fileprivate let named: [String]

  /// Gives the right back: to be called in a `defer`, since nothing else keeps a value to the end.
  func end() { claim.release() }

  /// Writes a text output, if it was asked for.
  ///
  /// - Parameter replacing: whether it is our own earlier output that is there.
  func write(
    _ text: @autoclosure () -> String, to path: String?, replacing: Bool = false
  ) throws {
    guard let path else { return }
    guard path != "-" else { return try Console.result(text()) }
    try TextFile.write(text(), to: path, overwrite: overwrite || replacing)
  }

  /// Says on standard error which files and folders were written; every command ends with it.
  func announce(quiet: Bool = false) {
    let written = named.filter { [.file, .folder].contains(FilePlace($0).kind) }
    guard !quiet, !written.isEmpty else { return }
    Console.error("written: " + written.map(PathText.shown).joined(separator: ", "))
  }
}
