#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Copies the library's tested example to where it stands too: the first page of its documentation, the
package examples/library, and its provider to the package examples/custom-provider."""
import re
from pathlib import Path

package = Path(__file__).resolve().parent.parent
example = (package / "Tests/RelaxationEngineTests/Example.swift").read_text()
licence, code = example.split("\n\n", 1)

page = package / "Sources/RelaxationEngine/RelaxationEngine.docc/RelaxationEngine.md"
text, count = re.subn(
    r"```swift\nimport RelaxationEngine\n.*?```", lambda _: f"```swift\n{code}```", page.read_text(),
    flags=re.DOTALL)
assert count == 1, f"{count} examples on the page"
page.write_text(text)

(package / "examples/library/Sources/relax-held/Example.swift").write_text(example)

provider = code[: code.index("\n/// Relaxes each structure")]
(package / "examples/custom-provider/Sources/relax-with-tether/Tether.swift").write_text(
    f"{licence}\n\n{provider}")
