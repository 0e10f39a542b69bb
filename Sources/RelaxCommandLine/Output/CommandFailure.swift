// SPDX-License-Identifier: MIT

import Files
import Forces
import Networks
import Relaxation
import Scoring
import StructureFiles
import Training

/// What scripts are told about the end of a command.
enum ExitStatus: Int32 {
  case success = 0
  /// Finished, but some structure did not converge or failed.
  case incomplete = 3
  /// The command line was not understood, or asks for what must not be done.
  case usage = 64
  /// Bad input data.
  case badData = 65
  /// Input missing or unreadable.
  case noInput = 66
  /// The system gives too little memory or too few threads.
  case noResources = 71
  /// An output could not be written, or exists.
  case cannotWrite = 74
  /// Stopped by SIGTERM, SIGUSR1 or --time-limit, and can go on.
  case stopped = 75
  /// Stopped by Ctrl-C.
  case interrupted = 130
}

extension ExitStatus {
  /// The line of a command's help about its exit codes: `own` says what those mean that tell of results.
  static func help(_ own: String) -> String {
    "Exit codes: \(own); 64 to 74 as in `relax --help`."
  }
}

/// A command that ends with a message and a code.
struct CommandFailure: Error {
  var code: ExitStatus
  var message: String

  init(_ code: ExitStatus, _ message: String) { (self.code, self.message) = (code, message) }

  /// The failure that an error of one of the modules means, if it is one of theirs.
  init?(explaining error: any Error) {
    switch error {
    case let error as FileError:
      switch error.kind {
      case .unreadable: self.init(.noInput, error.description)
      case .framing, .content: self.init(.badData, error.description)
      case .unwritable, .exists, .inUse, .inconsistent:
        self.init(.cannotWrite, error.description)
      case .wrongName: self.init(.usage, error.description)
      }
    case let error as ModelFileError:
      switch error.kind {
      case .unreadable: self.init(.noInput, error.description)
      case .content: self.init(.badData, error.description)
      case .unwritable: self.init(.cannotWrite, error.description)
      }
    case let error as ShardSetError:
      self.init(error.kind == .none ? .noInput : .badData, error.description)
    case let error as DifferentSetting: self.init(.usage, error.description)
    case let error as SettingsError: self.init(.usage, error.description)
    case let error as ForceError: self.init(.usage, error.description)
    case let error as TrainingError:
      switch error {
      case .configuration, .data, .noGradient: self.init(.badData, error.description)
      case .exists, .noCheckpoint, .checkpoint: self.init(.cannotWrite, error.description)
      case .notFinite: self.init(.incomplete, error.description)
      }
    case let error as ScoringError: self.init(.badData, error.description)
    default: return nil
    }
  }
}
