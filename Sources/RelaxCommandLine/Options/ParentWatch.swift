// SPDX-License-Identifier: MIT

import CLibrary
import Files
import RelaxNumerics

/// Ends this process in order when the program that started it is gone, however that ended.
///
/// `RELAX_PARENT_FD` is the number of a descriptor that this process inherits, the reading end of a pipe that nobody
/// but that program can write to. Its end is taken as SIGTERM is. A signal at the death of a parent would not do: it
/// comes at the end of the thread that started the child.
enum ParentWatch {
  /// The variable with the descriptor's number.
  static let variable = "RELAX_PARENT_FD"

  /// Time to end after SIGTERM, which every command promises within 5 s.
  private static let patience = Duration.seconds(6)

  /// Starts to watch if the variable says so, on a thread that takes no signals: commands still choose theirs.
  static func begin() throws {
    guard let text = Environment.value(variable) else { return }
    // It means nothing to programs that this one starts.
    unsetenv(variable)
    guard let descriptor = Int32(text), descriptor >= 0,
      fcntl(descriptor, F_SETFD, FD_CLOEXEC) == 0
    else {
      throw CommandFailure(
        .usage,
        "\(variable)=\(text): the number of an open descriptor is needed, the reading end of a pipe from "
          + "the program that starts relax")
    }
    var all = sigset_t(), before = sigset_t()
    sigfillset(&all)
    pthread_sigmask(SIG_BLOCK, &all, &before)
    defer { pthread_sigmask(SIG_SETMASK, &before, nil) }
    guard WorkerThreads.runAside({ watch(descriptor) }) else {
      throw CommandFailure(.noResources, "\(variable): the system gives no thread for it")
    }
  }

  private static func watch(_ descriptor: Int32) {
    var byte: UInt8 = 0
    while true {
      let count = read(descriptor, &byte, 1)
      if count == 0 { break }
      guard count < 0, errno != EINTR else { continue }
      guard errno == EAGAIN else { break }
      var request = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
      poll(&request, 1, -1)
    }
    kill(getpid(), SIGTERM)
    usleep(UInt32(patience / .microseconds(1)))
    UnfinishedFiles.removeAll { _exit(ExitStatus.stopped.rawValue) }
  }
}
