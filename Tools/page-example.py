#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Puts the library's tested example on the first page of its documentation, where it stands twice."""
import re
from pathlib import Path

package = Path(__file__).resolve().parent.parent
example = (package / "Tests/RelaxationEngineTests/Example.swift").read_text()
code = example.split("\n\n", 1)[1]
page = package / "Sources/RelaxationEngine/RelaxationEngine.docc/RelaxationEngine.md"
text, count = re.subn(
    r"```swift\nimport RelaxationEngine\n.*?```", lambda _: f"```swift\n{code}```", page.read_text(),
    flags=re.DOTALL)
assert count == 1, f"{count} examples on the page"
page.write_text(text)
