// SPDX-License-Identifier: MIT

/// The Python program that evaluates structures by an ASE calculator; it needs ASE and nothing else.
///
/// It talks over descriptor 3, so that whatever the calculator prints is not in the way. A message is four
/// letters, the number of bytes that follow (`<I`) and those bytes; numbers are `<d`, in ASE's units:
///
/// | we send | with | it answers |
/// | --- | --- | --- |
/// | | | `HELO` and JSON: versions and the calculator's properties, once it has called `calculator()` |
/// | `STRU` | one frame of extended XYZ | `DONE` |
/// | `EVAL` | 1 for a stress or 0, cell (9), positions (3 an atom) | `GAVE` and flags (1: free energy, 2: stress), \
/// energy, free energy, stress (9), forces (3 an atom) |
///
/// or `FAIL` and why not. At the end of the link it ends.
enum ASEDriver {
  /// Run as `python -c SOURCE SCRIPT`.
  static let source = #"""
    import io, json, os, runpy, socket, struct, sys

    link = socket.socket(fileno=3)
    link.set_inheritable(False)


    def receive(count):
        data = bytearray()
        while len(data) < count:
            piece = link.recv(count - len(data))
            if not piece:
                sys.exit(0)
            data += piece
        return bytes(data)


    def send(kind, data):
        link.sendall(kind + struct.pack("<I", len(data)) + data)


    def fail(error):
        import traceback

        text = str(error).strip()
        name = type(error).__name__
        place = ""
        for frame in traceback.extract_tb(error.__traceback__):
            if frame.filename == script:
                place = " (line %d of %s)" % (frame.lineno, os.path.basename(script))
        if isinstance(error, SystemExit):
            text = "it called sys.exit(%s)" % text
        send(b"FAIL", ((name + ": " + text if text else name) + place).encode())


    script = sys.argv[1]
    try:
        try:
            import ase, numpy
            from ase.io.extxyz import read_xyz
        except ImportError as error:
            error.msg = "the Python package ase cannot be imported by %s: %s" % (sys.executable, error)
            raise
        sys.argv = [script]
        sys.path.insert(0, os.path.dirname(script) or ".")
        names = runpy.run_path(script, run_name="relax")
        if not callable(names.get("calculator")):
            raise NameError("it defines no function calculator()")
        calculator = names["calculator"]()
        if not hasattr(calculator, "get_potential_energy"):
            raise TypeError("calculator() returned %r, which is no calculator" % (calculator,))
    except BaseException as error:
        fail(error)
        sys.exit(1)
    properties = getattr(calculator, "implemented_properties", None) or ["energy", "forces"]
    send(b"HELO", json.dumps({"ase": ase.__version__, "properties": list(properties)}).encode())

    atoms = None
    while True:
        kind, size = receive(4), struct.unpack("<I", receive(4))[0]
        data = receive(size)
        try:
            if kind == b"STRU":
                atoms = next(read_xyz(io.StringIO(data.decode()), slice(0, 1)))
                # Equal atoms of another charge may look the same to it: nothing is to be remembered.
                if hasattr(calculator, "reset"):
                    calculator.reset()
                atoms.calc = calculator
                send(b"DONE", b"")
                continue
            numbers = numpy.frombuffer(data, "<d")
            cell, positions = numbers[1:10].reshape(3, 3), numbers[10:].reshape(-1, 3)
            # What is as it was keeps the results that the calculator has for it.
            if (atoms.cell.array != cell).any():
                atoms.set_cell(cell)
            if (atoms.positions != positions).any():
                atoms.set_positions(positions, apply_constraint=False)
            energy = atoms.get_potential_energy()
            forces = numpy.asarray(atoms.get_forces(apply_constraint=False), dtype="<d")
            free = getattr(calculator, "results", {}).get("free_energy")
            stress = None
            if numbers[0]:
                try:
                    stress = atoms.get_stress(voigt=False, apply_constraint=False)
                except NotImplementedError:
                    pass
            flags = (free is not None) + 2 * (stress is not None)
            if forces.shape != positions.shape:
                raise ValueError("forces of shape %s for %d atoms" % (forces.shape, len(atoms)))
            parts = [
                numpy.asarray([flags, energy, 0.0 if free is None else free], dtype="<d"),
                numpy.zeros(9) if stress is None else numpy.asarray(stress, dtype="<d"),
                forces,
            ]
            send(b"GAVE", b"".join(part.tobytes() for part in parts))
        except BaseException as error:
            fail(error)
    """#
}
