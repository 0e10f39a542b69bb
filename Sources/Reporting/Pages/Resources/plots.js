// SPDX-License-Identifier: MIT
// Shows what the nearest point of a plot is, by pointing or by the arrow keys. Without it, points have
// their titles. All text goes into the page as text.
"use strict";

(() => {
  const reach = 24; // How near a point must be, in pixels of the screen.

  // An axis from `linear 0 0.5 58 456`, with `whole` at its end if it is of whole numbers.
  const axisOf = (words) => {
    if (!words) return null;
    const [scale, ...rest] = words.split(" ");
    const [start, end, from, to] = rest.map(Number);
    const isWhole = rest.includes("whole");
    const digits = Math.max(0, 3 - Math.floor(Math.log10(Math.abs(end - start))));
    return (place) => {
      const share = (place - from) / (to - from);
      if (scale === "log") return Number((start * (end / start) ** share).toPrecision(3)).toString();
      const value = start + share * (end - start);
      return isWhole ? String(Math.round(value)) : String(Number(value.toFixed(Math.min(digits, 15))));
    };
  };

  // Points of a plot: those drawn as such, and the corners of curves.
  const pointsOf = (svg) => {
    const points = [];
    const x = axisOf(svg.dataset.x);
    const y = axisOf(svg.dataset.y);
    const labels = [...svg.querySelectorAll("text.label")].map((label) => label.textContent);
    for (const shape of svg.querySelectorAll(".point")) {
      const box = shape.getBBox();
      const title = shape.querySelector("title");
      points.push({
        x: box.x + box.width / 2, y: shape.localName === "rect" && svg.dataset.x && box.height > 12
          ? box.y : box.y + box.height / 2,
        box: shape.localName === "rect" ? box : null,
        text: title ? title.textContent : "", structure: shape.dataset.structure,
      });
      // One word is enough: the browser's own would stand over ours.
      if (title) title.remove();
    }
    for (const curve of svg.querySelectorAll("path.curve")) {
      const name = curve.dataset.name;
      for (const corner of curve.getAttribute("d").split(/[ML]/)) {
        const [px, py] = corner.trim().split(" ").map(Number);
        if (!Number.isFinite(px) || !Number.isFinite(py) || !x || !y) continue;
        const words = `${labels[0] ?? "x"}: ${x(px)}\n${labels[1] ?? "y"}: ${y(py)}`;
        points.push({ x: px, y: py, text: name ? `${name}\n${words}` : words });
      }
    }
    return points;
  };

  const begin = (figure) => {
    const svg = figure.querySelector("svg.plot");
    let points = null; // Found when somebody first points.
    let current = -1;
    const readout = document.createElement("p");
    readout.className = "readout";
    readout.setAttribute("role", "status");
    figure.append(readout);
    const ring = document.createElementNS(svg.namespaceURI, "circle");
    ring.setAttribute("class", "pointed");
    ring.setAttribute("r", "7");

    const hide = () => {
      current = -1;
      readout.textContent = "";
      ring.remove();
    };

    const show = (index) => {
      current = index;
      const point = points[index];
      readout.textContent = point.text;
      ring.setAttribute("cx", point.x);
      ring.setAttribute("cy", point.y);
      svg.append(ring);
      svg.style.cursor = point.structure === undefined ? "" : "pointer";
      // Beside the point, inside the figure.
      const scale = svg.clientWidth / svg.viewBox.baseVal.width;
      const [left, top] = [point.x * scale, point.y * scale];
      const isRight = left > figure.clientWidth / 2;
      readout.style.left = `${Math.max(0, isRight ? left - readout.offsetWidth - 12 : left + 12)}px`;
      readout.style.top = `${Math.max(0, top - readout.offsetHeight - 8)}px`;
    };

    const find = (event) => {
      points ??= pointsOf(svg);
      const frame = svg.getBoundingClientRect();
      const scale = frame.width / svg.viewBox.baseVal.width;
      const [x, y] = [(event.clientX - frame.left) / scale, (event.clientY - frame.top) / scale];
      let [best, least] = [-1, reach / scale];
      points.forEach((point, index) => {
        const box = point.box;
        const isInside = box && x >= box.x && x <= box.x + box.width && y >= box.y
          && y <= box.y + box.height;
        const distance = isInside ? 0 : Math.hypot(point.x - x, point.y - y);
        if (distance < least) [best, least] = [index, distance];
      });
      return best;
    };

    // The viewer listens to clicks on links to structures: this is one for a moment.
    const open = (structure) => {
      const link = document.createElement("a");
      link.className = "structure";
      link.href = "#structures";
      link.dataset.structure = structure;
      link.hidden = true;
      figure.append(link);
      link.click();
      link.remove();
    };

    svg.addEventListener("pointermove", (event) => {
      const index = find(event);
      if (index < 0) hide();
      else if (index !== current) show(index);
    });
    svg.addEventListener("pointerleave", hide);
    svg.addEventListener("click", (event) => {
      const index = find(event);
      if (index >= 0 && points[index].structure !== undefined) open(points[index].structure);
    });
    // By keys: along x, from curve to curve as they were drawn.
    svg.tabIndex = 0;
    svg.addEventListener("blur", hide);
    svg.addEventListener("keydown", (event) => {
      points ??= pointsOf(svg);
      if (points.length === 0) return;
      const last = points.length - 1;
      const next = {
        ArrowRight: Math.min(last, current + 1), ArrowLeft: Math.max(0, current - 1), Home: 0, End: last,
      }[event.key];
      if (next !== undefined) {
        event.preventDefault();
        show(next);
      } else if (event.key === "Escape") {
        hide();
      } else if (event.key === "Enter" && current >= 0 && points[current].structure !== undefined) {
        open(points[current].structure);
      }
    });
  };

  document.querySelectorAll(".plots figure").forEach(begin);
})();
