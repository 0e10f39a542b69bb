# SPDX-License-Identifier: MIT
"""A conversation with `relax serve --takes-structures --exact`: the messages of i-PI in Å and eV."""

from __future__ import annotations

import json
import os
import select
import shutil
import socket
import struct
import tempfile
import time
import warnings
import weakref
from dataclasses import dataclass
from typing import Sequence

from ._engine import Engine, RelaxError, RelaxWarning, provider_arguments, warnings_of

#: Bytes that the path of a UNIX socket may have.
_LONGEST_PATH = 107

_sessions: weakref.WeakSet[Session] = weakref.WeakSet()


@dataclass
class Answer:
    """What a provider says about a structure; numbers are `<d`."""

    #: eV; None if there is none.
    energy: float | None
    #: eV, if the provider has one beside the energy.
    free_energy: float | None
    #: eV/Å, three an atom.
    forces: bytes
    #: eV/Å³, nine, row by row; None if there is none.
    stress: bytes | None


class Session:
    """One process of the engine, which evaluates one structure after another."""

    def __init__(
        self, provider: str | Sequence[str], path: str, threads: int | None, timeout: float | None
    ) -> None:
        self._owner = os.getpid()
        self._timeout = timeout
        self._told: bytes | None = None
        self._socket: socket.socket | None = None
        arguments = ["serve", "--takes-structures", "--exact", *provider_arguments(provider)]
        if threads is not None:
            arguments.append(f"--threads={threads}")
        folder = _private_folder()
        try:
            place = os.path.join(folder, "s")
            with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as listener:
                listener.bind(place)
                listener.listen(1)
                self._engine = Engine([*arguments, "--unix", place], path)
                try:
                    self._socket = self._connection(listener)
                    self._socket.settimeout(timeout)
                    _sessions.add(self)
                except BaseException:
                    self._engine.close()
                    raise
        finally:
            shutil.rmtree(folder, ignore_errors=True)
        for warning in warnings_of(self._engine.said()):
            warnings.warn(warning, RelaxWarning, stacklevel=2)

    @property
    def pid(self) -> int:
        """The number of the engine's process."""
        return self._engine.pid

    @property
    def is_ours(self) -> bool:
        """Whether this process has started it, and not a parent of this process."""
        return self._owner == os.getpid()

    def _connection(self, listener: socket.socket) -> socket.socket:
        """Waits for the engine, which reads its models first."""
        while True:
            if select.select([listener], [], [], 0.02)[0]:
                return listener.accept()[0]
            if not self._engine.is_running():
                raise self._engine.error()

    def evaluate(self, structure: bytes, cell: bytes, positions: bytes) -> Answer:
        """What the provider says.

        Args:
            structure: the JSON that tells which atoms there are; told again only where it is another one.
            cell: nine numbers (Å), a lattice vector in each column.
            positions: three numbers an atom (Å).

        Raises:
            RelaxError: in the engine's words; the session may go on if `is_usable`.
        """
        # All at once: each waiting for the other's answer would cost as much as a small evaluation.
        message = b""
        if structure != self._told:
            message = b"INIT        " + struct.pack("<II", 0, len(structure)) + structure
        count = len(positions) // 24
        message += b"POSDATA     " + cell + bytes(72) + struct.pack("<I", count) + positions
        message += b"GETFORCE    "
        self._told = None
        deadline = None if self._timeout is None else time.monotonic() + self._timeout
        self._send(message)
        if self._receive(12, deadline) != b"FORCEREADY  ":
            raise self._lost("its answer cannot be understood")
        energy, atoms = struct.unpack("<dI", self._receive(12, deadline))
        forces = self._receive(24 * atoms, deadline)
        stress = self._receive(72, deadline)
        extras = self._receive(struct.unpack("<I", self._receive(4, deadline))[0], deadline)
        try:
            said = json.loads(extras)["relax"]
        except (ValueError, KeyError) as error:
            raise self._lost("it does not know --exact") from error
        self._told = structure
        if "error" in said:
            raise RelaxError(said["error"])
        if atoms != count:
            raise self._lost("its answer is for other atoms")
        return Answer(
            energy if said["energy"] else None,
            said.get("free_energy"),
            forces,
            stress if said["stress"] else None,
        )

    @property
    def is_usable(self) -> bool:
        """Whether it can be asked again."""
        return self._socket is not None and self._told is not None and self._engine.is_running()

    def _send(self, message: bytes) -> None:
        if self._socket is None:
            raise RelaxError("the engine was ended")
        try:
            self._socket.sendall(message)
        except socket.timeout as error:
            raise self._late() from error
        except OSError as error:
            raise self._lost("it takes nothing more") from error

    def _receive(self, count: int, deadline: float | None) -> bytes:
        data = bytearray(count)
        view = memoryview(data)
        taken = 0
        while taken < count:
            assert self._socket is not None
            if deadline is not None:
                self._socket.settimeout(max(1e-3, deadline - time.monotonic()))
            try:
                size = self._socket.recv_into(view[taken:])
            except socket.timeout as error:
                raise self._late() from error
            except OSError:
                size = 0
            if size == 0:
                raise self._lost("it closed the connection")
            taken += size
        if deadline is not None and self._socket is not None:
            self._socket.settimeout(self._timeout)
        return bytes(data)

    def _late(self) -> RelaxError:
        self.close()
        return RelaxError(f"the engine gave no answer within {self._timeout:g} s and was ended")

    def _lost(self, reason: str) -> RelaxError:
        """The engine's last words, if it has ended by itself, else `reason`."""
        self._hang_up()
        # What ends by itself says why.
        ended = self._engine.settle(2)
        code = self._engine.end()
        error = self._engine.error()
        self._engine.close()
        return error if ended and code != 0 else RelaxError(f"the engine: {reason}")

    def _hang_up(self) -> None:
        if self._socket is not None:
            self._socket.close()
        self._socket = None

    def close(self) -> None:
        """Ends the process."""
        self._hang_up()
        if self.is_ours:
            self._engine.close()


def _private_folder() -> str:
    """A new folder that nobody else can look into, with a path that is short enough for a socket."""
    folder = tempfile.mkdtemp(prefix="relax-")
    if len(os.fsencode(os.path.join(folder, "s"))) <= _LONGEST_PATH:
        return folder
    os.rmdir(folder)
    return tempfile.mkdtemp(prefix="relax-", dir="/tmp")


def _after_fork() -> None:
    for session in list(_sessions):
        session._hang_up()
    _sessions.clear()


os.register_at_fork(after_in_child=_after_fork)
