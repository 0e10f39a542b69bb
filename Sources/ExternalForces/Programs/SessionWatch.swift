// SPDX-License-Identifier: MIT

/// The shell script that a program of ours is started through.
///
/// It leads a session of its own, leaves a watch behind and becomes the program. The watch waits for the end of
/// a pipe that only this process can write to: it comes when this process closes it, and when it dies,
/// however it dies. Then everything in the session is ended, other process groups too, since calculators
/// start programs that start programs, and what has left it but bears its mark: first politely, so that
/// `mpirun` takes its own with it, then at once.
/// A signal at the death of a parent would not do: it comes at the end of the thread that started the child.
enum SessionWatch {
  /// What the descriptors are in a program that is started.
  enum Descriptor {
    /// The link that the program talks to us over, if it has one.
    static let link: Int32 = 3
    /// The pipe whose end means that we want it to end, or are gone.
    static let life: Int32 = 4
    /// The pipe whose end tells us that the session is gone.
    static let rest: Int32 = 5
  }

  /// The variable that marks all programs of a session.
  static let mark = "RELAX_SESSION"

  /// Run by `/bin/sh`, with the program and its arguments behind.
  static let script = """
    (
      trap '' HUP INT TERM
      read -r line <&4
      leader=$$
      { read -r self line </proc/self/stat; } 2>/dev/null
      find_members() {
        # Whoever has left the session still has its mark, if it kept its variables.
        members=
        marked=$(env -u RELAX_SESSION grep -lF "RELAX_SESSION=$RELAX_SESSION" /proc/[0-9]*/environ)
        for file in $marked; do
          pid=${file#/proc/} pid=${pid%/environ}
          [ "$pid" = "$self" ] || members="$members $pid"
        done
        for file in /proc/[0-9]*/stat; do
          { read -r line <"$file"; } 2>/dev/null || continue
          pid=${line%% *}
          set -- ${line##*) }
          [ "$4" = "$leader" ] && [ "$1" != Z ] && [ "$pid" != "$self" ] || continue
          members="$members $pid"
        done
      }
      for signal in TERM KILL; do
        find_members
        [ -z "$members" ] || kill -s $signal $members
        [ -d /proc/self ] || kill -s TERM -- -$leader
        for wait in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
          find_members
          [ -n "$members" ] || break
          sleep 0.1
        done
      done
      [ -d /proc/self ] || kill -s KILL -- -$leader
    ) >/dev/null 2>&1 3<&- &
    exec "$@" 4<&- 5<&-
    """
}
