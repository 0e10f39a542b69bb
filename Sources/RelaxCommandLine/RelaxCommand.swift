// SPDX-License-Identifier: MIT

import ArgumentParser
import Forces
import RelaxNumerics

/// The command `relax`.
public struct RelaxCommand: ParsableCommand {
  static let version = "0.2.0"
  /// When this version was made.
  static let released = "2026-11-30"

  /// Its help, and its subcommands.
  public static let configuration = CommandConfiguration(
    commandName: "relax",
    abstract: "Relax adsorbate+slab structures until the forces vanish, and judge the result.",
    discussion: """
      relax slabs.extxyz --provider emt-morse -o relaxed.extxyz \\
        --trajectory path.extxyz
      relax score relaxed.extxyz --reference dft.extxyz

      `relax INPUT…` is short for `relax run INPUT…`. Structures are extended XYZ files (plain, .gz \
      or .xz); the column move_mask says which atoms may move (T = free). Lengths are in Å, energies \
      in eV, forces in eV/Å. `relax help run` lists every option.

      Exit codes: 0 all well; 3 finished, but some structure did not converge or failed; 64 wrong \
      usage; 65 bad input data; 66 input missing; 71 too little memory; 74 output could not be \
      written or exists; 75 stopped by SIGTERM, SIGUSR1 or --time-limit (--resume goes on); 130 \
      interrupted.

      The shell completes commands and options when it has read a script (bash, zsh or fish), which \
      installing puts in its place:
      source <(relax --generate-completion-script bash)
      """,
    version: version,
    subcommands: [
      Run.self, Check.self, Score.self, Compare.self, Report.self, View.self, Predict.self,
      Evaluate.self,
      Sample.self, Train.self, Convert.self, Info.self,
      Plan.self, Status.self, Merge.self, Serve.self, Model.self, Doctor.self,
    ],
    defaultSubcommand: Run.self)

  /// A command without arguments, as the parser needs it.
  public init() {}

  /// Parses the process's arguments and runs; everything that goes wrong ends here, as a line or two
  /// and an exit code.
  ///
  /// - Parameter kinds: providers that `--provider` can name beside those of this package.
  public static func main(adding kinds: [ProviderCatalog.Kind]) {
    ProviderCatalog.$offered.withValue(ProviderCatalog.offered.adding(kinds)) {
      _ = Environment.begin
      Console.prepare()
      let arguments = Arguments.ofProcess
      do {
        if let text = try textAboutItself(arguments) { return try Console.result(text) }
        Environment.retireThreads()
        try Environment.requireKernels()
        try ParentWatch.begin()
        var command = try parse(arguments)
        try command.run()
      } catch let failure as CommandFailure {
        Console.error("relax: \(failure.message)")
        Self.exit(withError: ExitCode(failure.code.rawValue))
      } catch {
        if let failure = CommandFailure(explaining: error) {
          Console.error("relax: \(failure.message)")
          Self.exit(withError: ExitCode(failure.code.rawValue))
        }
        Self.exit(withError: error)
      }
    }
  }

  /// What needs neither parsing nor computing: the version, asked for by scripts that look whether there is a
  /// `relax`, and what packages are made of.
  private static func textAboutItself(_ arguments: [String]) throws -> String? {
    if arguments == ["--version"] { return version + "\n" }
    return try CompletionScript.requested(by: arguments) ?? ManualPage.requested(by: arguments)
  }

  /// How the command of these words, the first of which is `relax`, is called.
  static func usage(of words: [String]) -> String {
    var command: any ParsableCommand.Type = Self.self
    for word in words.dropFirst() {
      guard
        let next = command.configuration.subcommands.first(where: { Arguments.name(of: $0) == word }
        )
      else { break }
      command = next
    }
    return usageString(for: command)
  }

  /// The command that `arguments` ask for.
  private static func parse(_ arguments: [String]) throws -> any ParsableCommand {
    do { return try parseAsRoot(Arguments.prepared(arguments)) } catch {
      throw Misunderstanding(arguments: arguments).failure(behind: error) ?? error
    }
  }
}
