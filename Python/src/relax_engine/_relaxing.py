# SPDX-License-Identifier: MIT
"""Many structures at once, by `relax run`."""

from __future__ import annotations

import json
import math
import os
import shutil
import tempfile
from typing import TYPE_CHECKING, Any, Iterable, Iterator, Sequence, TypedDict, overload

from ._engine import Engine, Path, RelaxError, provider_arguments
from ._engine import executable as engine_path

if TYPE_CHECKING:
    from ase import Atoms
    from typing_extensions import Literal, Unpack

__all__ = ["relax"]


class _Options(TypedDict, total=False):
    fmax: float
    steps: int
    scheme: str | None
    optimizer: str | None
    max_step: float | None
    memory: int | None
    damping: float | None
    curvature: float | None
    threads: int | None
    frames: str | None
    options: Sequence[str]
    executable: Path | None


@overload
def relax(
    atoms: Atoms, provider: str | Sequence[str], *, paths: Literal[False] = ..., **options: Unpack[_Options]
) -> Atoms: ...


@overload
def relax(
    atoms: Atoms, provider: str | Sequence[str], *, paths: Literal[True], **options: Unpack[_Options]
) -> tuple[Atoms, list[Atoms]]: ...


@overload
def relax(
    atoms: Sequence[Atoms],
    provider: str | Sequence[str],
    *,
    paths: Literal[False] = ...,
    **options: Unpack[_Options],
) -> list[Atoms]: ...


@overload
def relax(
    atoms: Sequence[Atoms], provider: str | Sequence[str], *, paths: Literal[True], **options: Unpack[_Options]
) -> tuple[list[Atoms], list[list[Atoms]]]: ...


def relax(
    atoms: Atoms | Iterable[Atoms],
    provider: str | Sequence[str],
    *,
    fmax: float = 0.01,
    steps: int = 200,
    scheme: str | None = None,
    optimizer: str | None = None,
    max_step: float | None = None,
    memory: int | None = None,
    damping: float | None = None,
    curvature: float | None = None,
    threads: int | None = None,
    frames: str | None = None,
    options: Sequence[str] = (),
    paths: bool = False,
    executable: Path | None = None,
) -> Any:
    """Relaxes structures, as many at once as keep all processors busy, and returns new ones in the same order.

    The new structures are copies of the given ones, with everything that belongs to these (arrays, constraints, info,
    whatever it is), at relaxed positions. Energy, forces (raw) and stress, where the provider has them, are attached
    (`get_potential_energy()` and so on), and `info` says how it went:

    - `relax_status`: converged, step_limit, stalled, diverged, invalid (never evaluated) or failed;
    - `relax_reason`: why, in words;
    - `relax_steps`, `relax_evaluations`: how many;
    - `relax_fmax`: the largest force on a free atom (eV/Å), nan if there is none;
    - `relax_seconds`: how long it took.

    What cannot be relaxed comes back as it was, with its status and reason and without results. The given structures
    are not changed. Positions, energies and forces are those of `relax run` to the last bit.

    Args:
        atoms: one structure, or any number of them. FixAtoms and FixCartesian are kept; a structure
            with other constraints is invalid.
        provider: where forces come from, as `relax run --provider` takes it; of several, they add.
        fmax: converged when every free atom feels less force than this (eV/Å).
        steps: most displacements of a structure; 0 evaluates it once.
        scheme: ase (the default), ocp2021, robust or fast, as far as the engine has it.
        optimizer: lbfgs (the default), bfgs or fire.
        max_step: longest move of an atom in one step (Å).
        memory: steps that L-BFGS remembers.
        damping: factor on every L-BFGS step.
        curvature: initial curvature of L-BFGS and BFGS (eV/Å²).
        threads: structures at work at once; None for as many as keep all processors busy.
        frames: what paths hold: "all" (the default), "ends" or "every:N".
        options: further options of `relax run`, as they are, such as ["--fix", "tags=0"].
        paths: whether the geometries on the way are wanted, too.
        executable: another engine than the one in this package (or in RELAX_EXECUTABLE).

    Returns:
        The new structures in a list, or the one new structure for one that was not in a list. With `paths`, a pair:
        these, and for each the list of geometries on its way, from the first to the last, with energies and forces.

    Raises:
        RelaxError: wrong usage (`exit_code` 64), a missing model (66) and so on, in the engine's words.
        KeyboardInterrupt: Ctrl-C ends the engine.
    """
    from ase import Atoms

    path = engine_path(executable)
    arguments = provider_arguments(provider)
    for name, value in [
        ("fmax", fmax),
        ("steps", steps),
        ("scheme", scheme),
        ("optimizer", optimizer),
        ("max-step", max_step),
        ("memory", memory),
        ("damping", damping),
        ("curvature", curvature),
        ("threads", threads),
    ]:
        if value is not None:
            arguments.append(f"--{name}={value}")
    if isinstance(options, str):
        raise RelaxError('options is a list such as ["--fix", "tags=0"], not a text', 64)
    arguments += options
    given = [atoms] if isinstance(atoms, Atoms) else list(atoms)
    for number, one in enumerate(given):
        if not isinstance(one, Atoms):
            raise RelaxError(f"structure {number} is no ase.Atoms, but {type(one).__name__}", 64)
    if frames is not None and not paths:
        raise RelaxError("frames says what paths hold: give paths=True, too", 64)
    if frames is not None:
        arguments.append(f"--frames={frames}")
    relaxed, ways = _relax(given, path, arguments, paths)
    if isinstance(atoms, Atoms):
        return (relaxed[0], ways[0]) if paths else relaxed[0]
    return (relaxed, ways) if paths else relaxed


def _relax(
    given: Sequence[Atoms], path: str, arguments: Sequence[str], wants_paths: bool
) -> tuple[list[Atoms], list[list[Atoms]]]:
    if not given:
        return [], []
    folder = tempfile.mkdtemp(prefix="relax-")
    try:
        run = _Run(folder, given, wants_paths)
        try:
            run.perform(path, arguments)
        except _Unreadable as error:
            if len(given) > 1:
                # It tells of the first only where it can read none.
                alone = [_relax([one], path, arguments, wants_paths) for one in given]
                return [one for new, _ in alone for one in new], [way for _, new in alone for way in new]
            outcome = {"status": "invalid", "reason": error.message, "steps": 0, "evaluations": 0}
            return [_told(_copied(given[0]), outcome)], [[]]
        return run.relaxed(), run.paths() if wants_paths else []
    finally:
        shutil.rmtree(folder, ignore_errors=True)


class _Unreadable(RelaxError):
    """No structure could be read, the first for this reason."""


class _Run:
    """Files of a run in a folder of its own: ASE's trajectories, which keep every bit and all constraints."""

    def __init__(self, folder: str, given: Sequence[Atoms], wants_paths: bool) -> None:
        self._given = given
        self._input = os.path.join(folder, "input.traj")
        self._output = os.path.join(folder, "relaxed.traj")
        self._trajectory = os.path.join(folder, "paths.traj") if wants_paths else None
        self._summary = os.path.join(folder, "summary.jsonl")

    def perform(self, path: str, arguments: Sequence[str]) -> None:
        """Runs the engine, and waits for it."""
        self._write()
        command = ["run", self._input, "--quiet", f"--output={self._output}", f"--summary={self._summary}"]
        if self._trajectory is not None:
            command.append(f"--trajectory={self._trajectory}")
        engine = Engine([*command, *arguments], path)
        try:
            code = engine.wait()
            # 3: some did not converge, 65: some could not even be read, which each of them says itself.
            if code not in (0, 3) and not (code == 65 and len(self._outcomes()) == len(self._given)):
                raise self._explained(engine.error())
        except BaseException:
            # Ctrl-C: nothing of it is wanted any more.
            engine.kill()
            raise
        finally:
            engine.close()

    def _explained(self, error: RelaxError) -> RelaxError:
        """The same, in terms of what the caller knows."""
        first = f"{self._input}: frame 1: "
        if error.exit_code == 65 and error.message.startswith(first):
            return _Unreadable(error.message[len(first) :], 65)
        return RelaxError(error.message.replace(self._input, "the structures"), error.exit_code)

    def _write(self) -> None:
        from ase.io.jsonio import encode
        from ase.io.trajectory import TrajectoryWriter

        with TrajectoryWriter(self._input) as writer:
            for one in self._given:
                copy = one.copy()
                copy.calc = None
                copy.info = {}
                for key, value in one.info.items():
                    try:
                        encode({key: value})
                    except Exception:
                        # No file can hold it; it is kept here.
                        continue
                    copy.info[key] = value
                writer.write(copy)

    def relaxed(self) -> list[Atoms]:
        """The new structures."""
        lines = self._outcomes()
        # What is invalid stays as it was given, whether the engine wrote it or could not even read it.
        frames = iter(
            [frame for frame in _frames(self._output) if frame.info["relax_status"] != "invalid"]
        )
        if len(lines) != len(self._given):
            raise RelaxError(
                f"the engine tells of {len(lines)} structures, not of {len(self._given)}; options must not leave any out"
            )
        result = []
        for number, (one, line) in enumerate(zip(self._given, lines)):
            new = _copied(one) if line["status"] == "invalid" else _moved(one, next(frames))
            line["reason"] = str(line["reason"]).replace(f"{self._input}: frame {number + 1}: ", "")
            result.append(_told(new, line))
        return result

    def _outcomes(self) -> list[dict[str, Any]]:
        """What became of each structure, in their order."""
        if not os.path.exists(self._summary):
            return []
        with open(self._summary, encoding="utf-8") as file:
            lines = [json.loads(line) for line in file]
        return sorted(lines, key=lambda line: int(line["index"]))

    def paths(self) -> list[list[Atoms]]:
        """The geometries on the way of each structure; none of those that were never evaluated."""
        ways: list[list[Atoms]] = [[] for _ in self._given]
        if self._trajectory is None or not os.path.exists(self._trajectory):
            return ways
        # What is invalid was never evaluated.
        evaluated = [line["evaluations"] > 0 for line in self._outcomes()]
        place = -1
        for frame in _frames(self._trajectory):
            if frame.info["fid"] == 0:
                # The path of the next structure that it can be of: others have none.
                place += 1
                while place < len(ways) and not (evaluated[place] and _is_begin(self._given[place], frame)):
                    place += 1
            if not 0 <= place < len(ways):
                raise RelaxError("the engine gave paths of other structures")
            new = _moved(self._given[place], frame)
            new.info["relax_step"] = int(frame.info["fid"])
            ways[place].append(new)
        return ways


def _frames(path: str) -> Iterator[Atoms]:
    from ase.io.trajectory import TrajectoryReader

    with TrajectoryReader(path) as reader:
        yield from reader


def _is_begin(given: Atoms, frame: Atoms) -> bool:
    return len(given) == len(frame) and bool(
        (given.numbers == frame.numbers).all() and (given.positions == frame.positions).all()
    )


def _copied(given: Atoms) -> Atoms:
    new: Atoms = given.copy()
    new.calc = None
    return new


def _told(new: Atoms, outcome: dict[str, Any]) -> Atoms:
    """The same structure with what became of it in its `info`."""
    for key in ("status", "reason", "steps", "evaluations", "fmax", "seconds"):
        if key in outcome:
            new.info[f"relax_{key}"] = outcome[key]
    if outcome.get("fmax") is None:
        new.info["relax_fmax"] = math.nan
    return new


def _moved(given: Atoms, frame: Atoms) -> Atoms:
    """A copy of `given` at the positions of `frame`, with its results."""
    from ase.calculators.singlepoint import SinglePointCalculator

    new = _copied(given)
    # Not `positions = …` of an object with constraints, which would take part.
    new.arrays["positions"][:] = frame.positions
    if frame.calc is not None:
        new.calc = SinglePointCalculator(new, **frame.calc.results)
    return new
