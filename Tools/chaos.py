#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Relaxes structures by an ASE calculator whose processes die, stop, hang, raise and answer nonsense at random,
while relax itself is killed again and again; then takes the failed ones up again until none is left.

Every structure must end as in a run that nobody disturbed, nothing that was answered may be computed twice but
for the evaluation in progress at each kill of relax, and no process may be left.

    python3 Tools/chaos.py RELAX PYTHON [STRUCTURES]   (PYTHON has ASE; 500 structures take about ten minutes)
"""
import collections, json, os, pathlib, random, signal, subprocess, sys, tempfile, time

CALCULATOR = '''
import hashlib, os, random, signal, sys, time
from ase.calculators.emt import EMT

chance = random.Random(int.from_bytes(os.urandom(8), "little"))
share = float(os.environ["CHAOS"])


class Fickle(EMT):
    def calculate(self, atoms=None, properties=["energy"], system_changes=[]):
        event = chance.choice(EVENTS) if chance.random() < share else None
        if event == "kill":
            os.kill(os.getpid(), signal.SIGKILL)
        elif event == "exit":
            print("the scheduler took our node")
            sys.stdout.flush()
            os._exit(1)
        elif event == "stop":
            os.kill(os.getpid(), signal.SIGSTOP)
        elif event == "hang":
            time.sleep(1e6)
        elif event == "slow":
            time.sleep(0.5)
        elif event == "raise":
            raise RuntimeError("no licence for %s" % atoms.info["sid"])
        elif event == "noise":
            # Its answer is lost behind this, and so is not written into the book.
            os.write(3, os.urandom(chance.randrange(1, 200)))
            fresh(atoms, self)
            return
        elif event == "shape":
            fresh(atoms, self)
            self.results["forces"] = self.results["forces"][:-1]
            return
        fresh(atoms, self)
        with open(os.environ["BOOK"], "a") as book:
            book.write("%s %s\\n" % (atoms.info["sid"], hashlib.sha1(atoms.positions.tobytes()).hexdigest()))


EVENTS = ["kill", "exit", "stop", "hang", "slow", "raise", "noise", "shape"]


def fresh(atoms, to):
    # No memory of other geometries: a process that begins again gives the same digits.
    single, copy = EMT(), atoms.copy()
    copy.calc = single
    copy.get_forces()
    to.atoms, to.results = atoms.copy(), dict(single.results)


def calculator():
    return Fickle()
'''


def structures(path, count):
    chance = random.Random(1)
    with open(path, "w") as file:
        for number in range(count):
            atoms = chance.randrange(3, 7)
            file.write('%d\nProperties=species:S:1:pos:R:3 pbc="F F F" sid=s%d\n' % (atoms, number))
            for atom in range(atoms):
                x, y, z = (chance.uniform(-0.25, 0.25) for _ in range(3))
                row, column = divmod(atom, 2)
                file.write(
                    "%s %r %r %r\n" % (chance.choice(["Cu", "Au", "Pd"]), 2.6 * row + x, 2.6 * column + y, z))


def words(process):
    try:
        return (process / "cmdline").read_bytes()
    except OSError:
        return b""


def main():
    relax, python = sys.argv[1:3]
    count = int(sys.argv[3]) if len(sys.argv) > 3 else 500
    chance = random.Random()
    folder = tempfile.mkdtemp(prefix="relax-chaos-")
    os.chdir(folder)
    pathlib.Path("fickle.py").write_text(CALCULATOR)
    structures("input.xyz", count)

    def command(name, *more):
        return [
            relax, "input.xyz", "-p", "ase:script=fickle.py,python=%s,timeout=2,retries=1" % python, "--threads", "3",
            "--fmax", "0.05", "--steps", "60", "-o", name + ".xyz", "--trajectory", name + ".path.xyz",
            "--summary", name + ".jsonl", "--quiet", *more]

    def environment(share, book):
        return dict(os.environ, CHAOS=str(share), BOOK=os.path.join(folder, book), OMP_NUM_THREADS="1")

    subprocess.run(command("straight"), env=environment(0, "straight.book"), stderr=subprocess.DEVNULL)
    kills = 0
    begin = time.time()
    failed = collections.Counter()
    while True:
        retry = ["--resume"] if os.path.exists("broken.xyz") else []
        if retry and chance.random() < 0.5:
            retry += ["--retry", "failed"]
        process = subprocess.Popen(
            command("broken", *retry), env=environment(0.02, "broken.book"), stderr=subprocess.DEVNULL)
        try:
            process.wait(chance.uniform(2, 25))
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGKILL)
            process.wait()
            kills += 1
            continue
        states = [json.loads(line) for line in open("broken.jsonl")]
        failed.update(line["reason"].split(" (")[0][:60] for line in states if line["status"] == "failed")
        if len(states) == count and not any(line["status"] == "failed" for line in states):
            break
    wrong = [
        name for name in (".xyz", ".path.xyz")
        if pathlib.Path("straight" + name).read_bytes() != pathlib.Path("broken" + name).read_bytes()]
    book = collections.Counter(open("broken.book").read().split("\n")[:-1])
    twice = sum(number - 1 for number in book.values())
    time.sleep(5)
    left = [path.name for path in pathlib.Path("/proc").glob("[0-9]*") if b"fickle.py" in words(path)]
    print("%d structures, %d evaluations, %d kills of relax, %.0f s" % (count, len(book), kills, time.time() - begin))
    for reason, number in failed.most_common():
        print("  failed %d times: %s" % (number, reason))
    print("computed twice: %d (up to %d were in progress at kills); files that differ: %s; processes left: %s; "
          "hidden files: %s" % (twice, 3 * kills, wrong or "none", left or "none",
                                [name for name in os.listdir(".") if name.startswith(".broken")]))
    sys.exit(bool(wrong or left or twice > 3 * kills))


main()
