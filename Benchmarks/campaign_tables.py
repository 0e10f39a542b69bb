# SPDX-License-Identifier: MIT
"""Tables of a campaign from the lines that `campaign.py measure` has written.

What is measured and what is arithmetic stand in tables of their own.
"""

import json

# Table 8 of the ForceNet paper: hours of one V100 for 100,000 relaxations of at most 200 steps.
PAPER = {
    "SchNet 1024×5": 54.1, "GNS 768×5": 74.3, "ForceNet 512×5": 75.1, "ForceNet-large 768×7": 186.9,
    "DimeNet++ 192×3": 407.6, "DimeNet++-large 512×3": 814.6}
CAMPAIGN = 100_000
CORES = 64
# Evaluations of a relaxation that uses up the paper's 200 steps.
FULL_LENGTH = 201


def text(figures):
    """Markdown with all tables."""
    lines = joined(json.loads(line) for line in figures.read_text().splitlines())
    slabs = [line for line in lines if line["name"].startswith("slabs ")]
    disk = [line for line in lines if line["name"].startswith("disk ")]
    small = [line for line in lines if line["name"].startswith("small ")]
    return "\n".join([
        "# Tables of the campaign", "", "By `python3 Benchmarks/campaign.py tables`; "
        "[README](README.md) says what they mean.", "",
        "## Slabs, measured", "", *measured(slabs), "",
        f"## {CAMPAIGN:,} slabs, arithmetic", "", *extrapolated(slabs), "",
        "## Trajectories, measured", "", *trajectories(disk), "",
        "## Many small structures, measured", "", *growth(small), ""])


def joined(lines):
    """Lines of a run that was stopped and went on are one: what it took is added, what it left is
    the last."""
    whole = []
    for line in lines:
        if line.get("part") and whole and whole[-1]["name"] == line["name"]:
            first = whole.pop()
            line |= {key: first[key] + line[key] for key in ("cpu", "system", "seconds")}
            line["memory"] = max(first["memory"], line["memory"])
            line["files"] = first["files"] | line["files"]
        whole.append(line)
    return whole


def measured(lines):
    rows = []
    for line in lines:
        n = line["structures"]
        rows.append([
            line["name"].removeprefix("slabs "), f"{n:,}", share(line), f"{line['steps'] / n:.1f}",
            f"{line['cpu']:,.0f}", f"{1000 * line['cpu'] / line['evaluations']:.2f}",
            f"{3600 * n / line['cpu']:,.0f}", megabytes(line["memory"]),
            each(line, relaxed), each(line, trajectory), each(line, summary), each(line, journal),
            line["commit"]])
    return table(
        "network and steps|slabs|converged|steps a slab|CPU s|ms an evaluation|slabs a core hour|memory, MB"
        "|relaxed, bytes a slab|trajectory (ends)|summary|journal|commit", rows)


def extrapolated(lines):
    rows = []
    for line in lines:
        n = line["structures"]
        disk = sum(line["files"].values()) - line["files"].get("run.json", 0)
        row = [line["name"].removeprefix("slabs ")]
        second = line["cpu"] / n
        row += [
            f"as measured, {line['steps'] / n:.0f} steps", *hours(second),
            f"{CAMPAIGN * disk / n / 1e9:.1f}"]
        rows.append(row)
        if line["evaluations"] / n < FULL_LENGTH - 1:
            rows.append([
                row[0], "200 steps each", *hours(FULL_LENGTH * line["cpu"] / line["evaluations"]), ""])
    paper = [[name, f"{hours:.1f}", f"{3600 * hours / CAMPAIGN:.2f}"] for name, hours in PAPER.items()]
    return [
        *table(f"network|steps|core hours|hours of {CORES} cores|disk, GB", rows), "",
        "The paper's Table 8, on V100 graphics processors:", "",
        *table("network|GPU hours|GPU s a structure", paper)]


def hours(second):
    """Core hours of the campaign and hours of a node, from CPU seconds a structure."""
    core = CAMPAIGN * second / 3600
    return f"{core:,.1f}", f"{core / CORES:.2f}"


def trajectories(lines):
    plain = next((line["cpu"] for line in lines if line["name"] == "disk none"), None)
    rows = []
    for line in lines:
        n = line["structures"]
        rows.append([
            line["name"].removeprefix("disk "), each(line, trajectory), each(line, relaxed),
            f"{CAMPAIGN * size(line, trajectory) / n / 1e9:.1f}",
            f"{1000 * (line['cpu'] - plain) / n:+.1f}" if plain else "", megabytes(line["memory"])])
    return table(
        "trajectory|bytes a slab|relaxed, bytes a slab|GB for 100,000 (arithmetic)"
        "|CPU ms a slab over none|memory, MB", rows)


def growth(lines):
    """A row for what was done, a column for how many structures."""
    counts = sorted({line["structures"] for line in lines})
    rows = []
    for key in dict.fromkeys((line["name"], line["commit"]) for line in lines):
        found = {
            line["structures"]: line for line in lines if (line["name"], line["commit"]) == key}
        cells = [
            f"{found[n]['cpu']:,.2f} s, {megabytes(found[n]['memory'])} MB" if n in found else ""
            for n in counts]
        last = found[max(found)]
        files = ", ".join(
            f"{name} {each(last, kind)}" for name, kind in [
                ("relaxed", relaxed), ("journal", journal), ("summary", summary), ("JSON", report)]
            if size(last, kind) > 10 * last["structures"])
        rows.append([key[0].removeprefix("small "), key[1], *cells, files])
    return table(
        "what|commit|" + "|".join(f"{n:,}" for n in counts) + "|bytes a structure, most structures",
        rows)


# MARK: - Files of a line


def relaxed(name):
    return "relaxed" in name and "journal" not in name


def trajectory(name):
    return name.startswith("t.")


def journal(name):
    return name.endswith(".journal")


def summary(name):
    return name.startswith("summary") and name.endswith(".jsonl")


def report(name):
    return name.endswith(".json") and not relaxed(name)


def size(line, kind):
    return sum(size for name, size in line["files"].items() if kind(name))


def each(line, kind):
    return f"{size(line, kind) / line['structures']:,.0f}"


def share(line):
    return f"{100 * line['statuses']['converged'] / line['structures']:.1f} %"


def megabytes(count):
    return f"{count / 1e6:,.0f}"


def table(heads, rows):
    heads = heads.split("|")
    return [
        "| " + " | ".join(heads) + " |", "| " + " | ".join("---" for _ in heads) + " |",
        *("| " + " | ".join(row) + " |" for row in rows)]
