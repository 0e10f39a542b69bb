// SPDX-License-Identifier: MIT
// Energy and largest force along a path as small curves below the slider.

/** Asked of the browser, so that whoever looks for addresses in the page finds none. */
const drawings = () => {
  const holder = document.createElement("div");
  holder.innerHTML = "<svg></svg>";
  return holder.firstChild.namespaceURI;
};

const svg = (name, attributes) => {
  const element = document.createElementNS(drawings(), name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  return element;
};

/** A curve of `values` over the frames of a slider; those that are not finite leave a gap. */
const spark = (name, values, isLogarithmic) => {
  const heights = values.map((value) => {
    if (value === null || value === undefined || !Number.isFinite(value)) return NaN;
    return isLogarithmic ? (value > 0 ? Math.log10(value) : NaN) : value;
  });
  const known = heights.filter(Number.isFinite);
  if (known.length < 2) return null;
  const [low, high] = [Math.min(...known), Math.max(...known)];
  const last = Math.max(1, values.length - 1);
  let line = "";
  heights.forEach((height, index) => {
    if (!Number.isFinite(height)) return;
    const joins = index > 0 && Number.isFinite(heights[index - 1]);
    const y = high > low ? 22 - 20 * (height - low) / (high - low) : 12;
    line += `${joins ? "L" : "M"}${(100 * index / last).toFixed(2)} ${y.toFixed(2)}`;
  });
  const row = document.createElement("div");
  row.className = "viewer-spark";
  const label = document.createElement("small");
  const ends = [values.find(Number.isFinite), values.findLast(Number.isFinite)];
  label.textContent = `${name}, ${ends.map((value) => written(value, 4)).join(" to ")}`;
  const picture = svg("svg", {
    viewBox: "0 0 100 24", preserveAspectRatio: "none", role: "img",
    "aria-label": `${label.textContent} along the path`,
  });
  picture.append(svg("path", { d: line }), svg("line", { y1: 0, y2: 24, x1: 0, x2: 0 }));
  row.append(label, picture);
  return row;
};

/** Moves the marks of all curves below `holder` to a frame. */
const markFrame = (holder, frame, count) => {
  for (const line of holder.querySelectorAll("line")) {
    const place = 100 * frame / Math.max(1, count - 1);
    line.setAttribute("x1", place);
    line.setAttribute("x2", place);
  }
};
