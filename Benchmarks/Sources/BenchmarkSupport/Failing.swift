// SPDX-License-Identifier: MIT

import Foundation

/// Ends the program with a message on standard error.
public func fail(_ message: String, code: Int32) -> Never {
  FileHandle.standardError.write(Data(message.utf8))
  exit(code)
}
