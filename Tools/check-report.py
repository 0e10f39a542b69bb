#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Open a page of `relax report` in a headless browser, and say what is wrong with it.

    pip install playwright
    python3 Tools/check-report.py study.html [screenshot.png] [--browser /usr/bin/chromium]

Fails on an error on the console, on anything asked of the network, on an explorer that does not load,
and on a play button that the keyboard does not reach. Says how long loading and a frame take.
"""

import argparse
import pathlib
import sys
import time

from playwright.sync_api import sync_playwright

FIND = """(selector) => {
  const find = (root) => {
    for (const element of root.querySelectorAll("*")) {
      if (element.matches(selector)) return element;
      const inside = element.shadowRoot && find(element.shadowRoot);
      if (inside) return inside;
    }
  };
  return find(document.querySelector(".explorer"));
}"""


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("page", type=pathlib.Path)
    parser.add_argument("screenshot", nargs="?")
    parser.add_argument("--browser", default="/usr/bin/chromium")
    options = parser.parse_args()
    complaints = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=options.browser,
            args=["--no-sandbox", "--use-gl=swiftshader", "--enable-unsafe-swiftshader"])
        page = browser.new_page(viewport={"width": 1200, "height": 900})
        page.on("console", lambda message: message.type == "error"
                and complaints.append(f"console: {message.text}"))
        page.on("pageerror", lambda error: complaints.append(f"error: {error}"))
        page.on("request", lambda request: not request.url.startswith(("file:", "data:", "blob:"))
                and complaints.append(f"asks the network for {request.url}"))
        began = time.time()
        page.goto(options.page.resolve().as_uri(), wait_until="load", timeout=300_000)
        if page.query_selector(".explorer"):
            page.wait_for_function(f"({FIND})('.chsp-play-button')", timeout=300_000)
            print(f"loaded in {time.time() - began:.1f} s")
            explore(page, complaints)
        if options.screenshot:
            page.screenshot(path=options.screenshot)
        browser.close()
    for complaint in complaints:
        print(complaint, file=sys.stderr)
    sys.exit(1 if complaints else 0)


def explore(page, complaints):
    slider = f"({FIND})('input[type=range]')"
    page.evaluate("document.querySelector('#structures').scrollIntoView()")
    began = time.time()
    page.evaluate(f"""() => {{
      const slider = {slider};
      slider.value = slider.max / 2;
      slider.dispatchEvent(new Event("input", {{ bubbles: true }}));
      slider.dispatchEvent(new Event("change", {{ bubbles: true }}));
      return new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
    }}""")
    print(f"another frame in {time.time() - began:.1f} s")
    before = page.evaluate(f"{slider}.value")
    page.evaluate(f"({FIND})('.chsp-play-button').focus()")
    page.keyboard.press("Enter")
    time.sleep(5)
    if page.evaluate(f"{slider}.value") == before:
        complaints.append("Enter on the play button does not play")


if __name__ == "__main__":
    main()
