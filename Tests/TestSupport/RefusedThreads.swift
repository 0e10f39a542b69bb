// SPDX-License-Identifier: MIT

import RelaxNumerics

extension ThreadStarter {
  /// The system's threads, but no more than `count` in all.
  public static func refusing(after count: Int) -> ThreadStarter {
    let left = Guarded(count)
    return ThreadStarter { body in
      let isLeft = left.withLock { left in
        left -= 1
        return left >= 0
      }
      return isLeft ? system.start(1, body).first : nil
    }
  }
}
