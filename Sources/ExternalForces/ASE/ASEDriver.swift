// SPDX-License-Identifier: MIT

/// The Python program that evaluates structures by an ASE calculator; it needs ASE and nothing else.
///
/// It talks over descriptor 3, so that whatever the calculator prints is not in the way. A message is four
/// letters, the number of bytes that follow (`<I`) and those bytes; numbers are `<d`, in ASE's units:
///
/// - at first it says `HELO` and JSON: versions and the calculator's properties, once it has called
///   `calculator()`;
/// - to `STRU`, with the length of `info` as JSON (`<I`), `info`, and a frame of extended XYZ without entries, it
///   answers `DONE`;
/// - to `EVAL`, with 1 for a stress or 0, a number that the answer has too, cell (9) and positions (3 an atom), it
///   answers `GAVE` and flags (1: free energy, 2: stress), that number, energy, free energy, stress (9), forces (3 an
///   atom);
/// - or `FAIL` and why not. At the end of the link it ends.
enum ASEDriver {
  /// Run as `python -c SOURCE SCRIPT`.
  static let source = #"""
    import importlib.machinery, importlib.util, io, json, os, socket, struct, sys

    link = socket.socket(fileno=3)
    link.set_inheritable(False)
    process = os.getpid()


    def receive(count):
        data = bytearray()
        while len(data) < count:
            piece = link.recv(count - len(data))
            if not piece:
                sys.exit(0)
            data += piece
        return bytes(data)


    def send(kind, data):
        # A child of the calculator that came back here has nothing to say.
        if os.getpid() != process:
            os._exit(0)
        link.sendall(kind + struct.pack("<I", len(data)) + data)


    def fail(error):
        import traceback

        try:
            text = str(error).strip()
        except BaseException:
            text = "(its text cannot be had)"
        name = type(error).__name__
        place = ""
        for frame in traceback.extract_tb(error.__traceback__):
            if frame.filename == script:
                place = " (line %d of %s)" % (frame.lineno, os.path.basename(script))
        if isinstance(error, SystemExit):
            text = "it called sys.exit(%s)" % text
        text = name + ": " + text[:2000] if text else name
        send(b"FAIL", (text + place).encode("utf-8", "replace"))


    def numbers_of(value, what, shape):
        if isinstance(value, numpy.ma.MaskedArray):
            value = value.filled(numpy.nan)
        array = numpy.asarray(value)
        if array.dtype.kind not in "fiu":
            raise TypeError("%s are no real numbers but %s" % (what, array.dtype))
        if not shape and array.size == 1:
            array = array.reshape(())
        if array.shape != shape:
            raise ValueError("%s have the shape %s in place of %s" % (what, array.shape, shape))
        return array.astype("<d")


    def info_of(value):
        if isinstance(value, dict):
            if set(value) == {"__ndarray__"}:
                shape, kind, values = value["__ndarray__"]
                return numpy.array(values, dtype=kind).reshape(shape)
            return {key: info_of(entry) for key, entry in value.items()}
        if isinstance(value, list) and value and all(type(entry) in (int, float) for entry in value):
            return numpy.array(value)
        return value


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
        # A module that can be found by its name: calculators may pickle what is in it.
        loader = importlib.machinery.SourceFileLoader("relax_script", script)
        module = importlib.util.module_from_spec(importlib.util.spec_from_loader("relax_script", loader))
        sys.modules["relax_script"] = module
        loader.exec_module(module)
        if not callable(getattr(module, "calculator", None)):
            raise NameError("it defines no function calculator()")
        calculator = module.calculator()
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
                length = struct.unpack("<I", data[:4])[0]
                atoms = next(read_xyz(io.StringIO(data[4 + length:].decode()), slice(0, 1)))
                info = json.loads(data[4:4 + length].decode())
                atoms.info = {key: info_of(value) for key, value in info.items()}
                # Equal atoms of another charge may look the same to it: nothing is to be remembered.
                if hasattr(calculator, "reset"):
                    calculator.reset()
                atoms.calc = calculator
                send(b"DONE", b"")
                continue
            numbers = numpy.frombuffer(data, "<d")
            cell, positions = numbers[2:11].reshape(3, 3), numbers[11:].reshape(-1, 3)
            # What is as it was keeps the results that the calculator has for it.
            if (atoms.cell.array != cell).any():
                atoms.set_cell(cell)
            if (atoms.positions != positions).any():
                atoms.set_positions(positions, apply_constraint=False)
            energy = numbers_of(atoms.get_potential_energy(), "energies", ())
            forces = numbers_of(atoms.get_forces(apply_constraint=False), "forces", positions.shape)
            free = getattr(calculator, "results", {}).get("free_energy")
            stress = None
            if numbers[0]:
                try:
                    stress = atoms.get_stress(voigt=False, apply_constraint=False)
                    stress = numbers_of(stress, "stresses", (3, 3))
                except Exception:
                    # Energy and forces are good without; not all calculators say politely that they have none.
                    stress = None
            flags = (free is not None) + 2 * (stress is not None)
            parts = [
                numpy.asarray([flags, numbers[1], energy, 0.0 if free is None else free], dtype="<d"),
                numpy.zeros(9) if stress is None else stress,
                forces,
            ]
            send(b"GAVE", b"".join(part.tobytes() for part in parts))
        except BaseException as error:
            fail(error)
    """#
}
