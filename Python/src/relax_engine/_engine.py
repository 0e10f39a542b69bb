# SPDX-License-Identifier: MIT
"""Where the engine is, and how it is started so that it never outlives this process."""

from __future__ import annotations

import os
import signal
import subprocess
import tempfile
import threading
import weakref
from typing import Sequence, Union

Path = Union[str, "os.PathLike[str]"]

#: Names another engine than the one in this package.
EXECUTABLE_VARIABLE = "RELAX_EXECUTABLE"

#: How the engine is told the pipe whose end means that this process is gone.
_PARENT_VARIABLE = "RELAX_PARENT_FD"

#: Seconds for an engine to end by itself.
_PATIENCE = 8.0


class RelaxError(Exception):
    """What the engine says when it cannot do what it was asked for.

    Attributes:
        message: the engine's own words, a line or a few.
        exit_code: the code that the engine ended with (64 wrong usage, 65 bad data, 66 missing input, 70 and 71 no
            resources, 74 cannot write, 75 stopped, 130 interrupted; negative: the signal that ended it); None where
            it goes on, such as for one structure that cannot be evaluated.
    """

    def __init__(self, message: str, exit_code: int | None = None) -> None:
        super().__init__(message, exit_code)
        self.message = message
        self.exit_code = exit_code

    def __str__(self) -> str:
        return self.message


class RelaxWarning(UserWarning):
    """What someone who relies on a provider's forces should know, in the engine's words."""


def executable(path: Path | None = None) -> str:
    """Path of the engine: `path` if given, else that in the variable RELAX_EXECUTABLE, else the one in this package.

    Raises:
        RelaxError: there is none, or it cannot be run.
    """
    named = path if path is not None else os.environ.get(EXECUTABLE_VARIABLE) or None
    if named is None:
        found = os.path.join(os.path.dirname(os.path.abspath(__file__)), "bin", "relax")
        if not os.path.exists(found):
            raise RelaxError(
                f"this package was installed without the engine ({found} is missing); install a wheel of "
                f"relax-engine, or name a program by {EXECUTABLE_VARIABLE}",
                66,
            )
    else:
        found = os.path.abspath(os.path.expanduser(os.fspath(named)))
        if not os.path.exists(found):
            raise RelaxError(f"{os.fspath(named)}: there is no such program", 66)
    if not os.access(found, os.X_OK) or os.path.isdir(found):
        raise RelaxError(f"{found}: this is no program that may be run", 66)
    return found


class Engine:
    """A running engine.

    It ends when this process does, however that ends: it watches a pipe that only this process can write to. Children
    of this process inherit that pipe without wanting to, so they close it at once.
    """

    def __init__(self, arguments: Sequence[str], path: str) -> None:
        self._log = tempfile.TemporaryFile(prefix="relax-")
        environment = dict(os.environ)
        with _forks:
            watched, self._life = os.pipe()
            try:
                environment[_PARENT_VARIABLE] = str(watched)
                self._process = subprocess.Popen(
                    [path, *arguments],
                    stdin=subprocess.DEVNULL,
                    stdout=subprocess.DEVNULL,
                    stderr=self._log,
                    pass_fds=(watched,),
                    # Ctrl-C is for Python, which decides what it means.
                    start_new_session=True,
                    env=environment,
                )
            except OSError as error:
                os.close(self._life)
                self._log.close()
                raise RelaxError(f"{path}: cannot be started: {error.strerror}", 71) from error
            finally:
                os.close(watched)
            _engines.add(self)

    @property
    def pid(self) -> int:
        """The number of the process."""
        return self._process.pid

    def is_running(self) -> bool:
        """Whether it has not ended by itself."""
        return self._process.poll() is None

    def wait(self) -> int:
        """Waits for its end.

        Returns:
            its exit code; negative: the signal that ended it.
        """
        return self._process.wait()

    def settle(self, seconds: float) -> bool:
        """Waits a while for its end, and returns whether it came."""
        try:
            self._process.wait(seconds)
        except subprocess.TimeoutExpired:
            return False
        return True

    def interrupt(self) -> None:
        """Ends it in order, as Ctrl-C does."""
        if self._life >= 0 and self.is_running():
            self._process.send_signal(signal.SIGINT)

    def end(self) -> int:
        """Ends it, if it still runs, and gives back what belongs to it.

        Returns:
            its exit code.
        """
        if self._life >= 0:
            life, self._life = self._life, -1
            os.close(life)
        try:
            code = self._process.wait(_PATIENCE)
        except subprocess.TimeoutExpired:
            self._process.kill()
            code = self._process.wait()
        return code

    def kill(self) -> None:
        """Ends it at once."""
        if self._life >= 0:
            self._process.kill()

    def said(self) -> str:
        """What it has written to standard error."""
        if self._log.closed:
            return ""
        size = os.fstat(self._log.fileno()).st_size
        return os.pread(self._log.fileno(), size, 0).decode("utf-8", "replace")

    def error(self) -> RelaxError:
        """What it ended with, as an exception; it must have ended."""
        code = self._process.returncode
        text = message_of(self.said())
        if not text:
            text = f"the engine ended with {_ending(code)} and without a word"
        elif code < 0:
            text = f"the engine ended with {_ending(code)}; its last words: {text}"
        return RelaxError(text, code)

    def close(self) -> None:
        """Ends it and forgets what it said."""
        self.end()
        self._log.close()

    def _disown(self) -> None:
        """In a child of this process, which has no right to it."""
        if self._life >= 0:
            os.close(self._life)
        self._life = -1
        # Else its object would ask the system about a process that is no child of this one.
        self._process.returncode = 0


def _ending(code: int) -> str:
    if code >= 0:
        return f"exit code {code}"
    try:
        return signal.Signals(-code).name
    except ValueError:
        return f"signal {-code}"


_WARNING = "relax: warning: "


def message_of(text: str) -> str:
    """The error in what the engine wrote to standard error, without warnings, prefix and usage."""
    lines = [line for line in text.splitlines() if not line.startswith(_WARNING)]
    for number, line in enumerate(lines):
        if line.startswith("Usage: "):
            del lines[number:]
            break
    for prefix in ("relax: ", "Error: "):
        if lines and lines[0].startswith(prefix):
            lines[0] = lines[0][len(prefix) :]
    return "\n".join(lines).strip()


def warnings_of(text: str) -> list[str]:
    """The warnings in what the engine wrote to standard error."""
    return [line[len(_WARNING) :] for line in text.splitlines() if line.startswith(_WARNING)]


def provider_arguments(provider: str | Sequence[str]) -> list[str]:
    """Providers as the command line takes them."""
    given = list(provider) if isinstance(provider, (list, tuple)) else [provider]
    if not given:
        raise RelaxError('no provider is given; "emt" is one', 64)
    arguments = []
    for one in given:
        if not isinstance(one, str):
            raise RelaxError(f"a provider is a text such as 'emt', or a list of them, not {one!r}", 64)
        arguments.append(f"--provider={one}")
    return arguments


# Held while pipes and processes are made, and over a fork: no child inherits what it does not know of.
_forks = threading.RLock()
_engines: weakref.WeakSet[Engine] = weakref.WeakSet()


def _after_fork() -> None:
    for engine in list(_engines):
        engine._disown()
    _engines.clear()
    _forks.release()


os.register_at_fork(before=_forks.acquire, after_in_parent=_forks.release, after_in_child=_after_fork)
