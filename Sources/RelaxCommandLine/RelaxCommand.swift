// SPDX-License-Identifier: MIT

import ArgumentParser
import Forces
import RelaxNumerics

/// The command `relax`.
public struct RelaxCommand: ParsableCommand {
  static let version = "0.1.0"

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

      The shell completes commands and options when it has read a script (bash, zsh or fish):
      relax --generate-completion-script bash > relax-completion.sh
      source relax-completion.sh
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
      Environment.retireThreads()
      let arguments = Arguments.ofProcess
      do {
        try Environment.requireKernels()
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

  /// The command that `arguments` ask for.
  private static func parse(_ arguments: [String]) throws -> any ParsableCommand {
    do { return try parseAsRoot(Arguments.prepared(arguments)) } catch {
      throw Misunderstanding(arguments: arguments).failure(behind: error) ?? error
    }
  }
}
