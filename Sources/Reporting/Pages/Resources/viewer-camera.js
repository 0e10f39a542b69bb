// SPDX-License-Identifier: MIT
// Where the picture is seen from. A view is three rows of a matrix: what points right on the screen, what
// points up, and what points at whoever looks.

const dot = (a, b) => a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
const cross = (a, b) => [
  a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0],
];
const scaled = (a, factor) => a.map((value) => value * factor);
const unit = (a) => scaled(a, 1 / length(a));

/** A direction at right angles to `up`: that of the first lattice vector as far as it is. */
const sideways = (up, cell) => {
  const candidates = [...(cell ?? []), [1, 0, 0], [0, 1, 0]];
  for (const vector of candidates) {
    const size = length(vector);
    const flat = vector.map((value, k) => (value - dot(vector, up) * up[k]) / (size || 1));
    if (length(flat) > 0.1) return unit(flat);
  }
  return [1, 0, 0];
};

/** The view with `right` to the right and `up` up. */
const looking = (right, up) => [right, up, cross(right, up)];

/**
 * The four directions from which a surface is seen from its side, first that in which fewest atoms stand
 * before those of the anchor, then on round the surface.
 */
const sideViews = (shown, positions, cell) => {
  const up = shown.packed.up;
  const right = sideways(up, cell);
  const back = cross(up, right);
  const views = [right, back, scaled(right, -1), scaled(back, -1)].map((axis) => looking(axis, up));
  const anchor = (shown.packed.anchor ?? []).slice(0, 100);
  if (shown.count > 1000) anchor.length = Math.min(anchor.length, 10);
  const hidden = views.map((view) => {
    let count = 0;
    for (const atom of anchor) {
      for (let other = 0; other < shown.count; other++) {
        const way = [0, 1, 2].map((k) => positions[3 * other + k] - positions[3 * atom + k]);
        const reach = 0.6 * (shown.kinds[atom][2] + shown.kinds[other][2]);
        if (dot(way, view[2]) > 0.1 && Math.hypot(dot(way, view[0]), dot(way, view[1])) < reach) {
          count++;
        }
      }
    }
    return count;
  });
  const best = hidden.indexOf(Math.min(...hidden));
  return [...views.slice(best), ...views.slice(0, best)];
};

/** The view that one of the buttons asks for. */
const viewNamed = (name, shown, positions, cell) => {
  const views = sideViews(shown, positions, cell);
  if (name === "front") return views[1];
  if (name !== "top") return views[0];
  const up = shown.packed.up;
  const right = sideways(up, cell);
  return looking(right, cross(up, right));
};

/** A view turned by two angles about the axes of the screen. */
const turned = (view, across, along) => {
  const [c, s, d, t] = [Math.cos(across), Math.sin(across), Math.cos(along), Math.sin(along)];
  const mixed = (a, b, p, q) => a.map((value, k) => p * value + q * b[k]);
  let [right, up, near] = view;
  [right, near] = [mixed(right, near, c, s), mixed(near, right, c, -s)];
  [up, near] = [mixed(up, near, d, -t), mixed(near, up, d, t)];
  // Rounding must not add up while one turns on.
  right = unit(right);
  up = unit(mixed(up, right, 1, -dot(up, right)));
  return looking(right, up);
};

/** Directions in which the outermost atoms are looked for; enough to fit any picture by. */
const compass = (() => {
  const directions = [];
  const turn = Math.PI * (3 - Math.sqrt(5));
  for (let index = 0; index < 60; index++) {
    const z = 1 - (2 * index + 1) / 60;
    const r = Math.sqrt(1 - z * z);
    directions.push([r * Math.cos(turn * index), r * Math.sin(turn * index), z]);
  }
  return directions;
})();

/**
 * What a picture of these frames is to hold: a middle, and outermost points with their radii. Atoms that
 * left the others far behind are counted, not fitted: all would be specks.
 */
const extent = (shown, frames) => {
  const middle = [0, 1, 2].map((k) => {
    const values = [];
    const frame = frames[frames.length - 1];
    for (let atom = 0; atom < shown.count; atom++) values.push(frame[3 * atom + k]);
    values.sort((a, b) => a - b);
    return values[values.length >> 1];
  });
  const away = (frame, atom) => Math.hypot(
    frame[3 * atom] - middle[0], frame[3 * atom + 1] - middle[1], frame[3 * atom + 2] - middle[2]);
  const sizes = [];
  const last = frames[frames.length - 1];
  for (let atom = 0; atom < shown.count; atom++) sizes.push(away(last, atom));
  sizes.sort((a, b) => a - b);
  const limit = Math.max(8 * sizes[Math.floor(0.8 * (sizes.length - 1))], 50);
  const outermost = compass.map(() => ({ reach: -Infinity }));
  const lost = new Set();
  // Of many frames of many atoms some are enough.
  const every = Math.ceil(frames.length * shown.count / 100000);
  for (const frame of frames.filter((_, at) => at % every === 0 || at === frames.length - 1)) {
    for (let atom = 0; atom < shown.count; atom++) {
      if (away(frame, atom) > limit) {
        lost.add(atom);
        continue;
      }
      const point = [frame[3 * atom], frame[3 * atom + 1], frame[3 * atom + 2]];
      const radius = 0.6 * shown.kinds[atom][2];
      compass.forEach((direction, index) => {
        const reach = dot(point, direction) + radius;
        if (reach > outermost[index].reach) outermost[index] = { reach, point, radius };
      });
    }
  }
  return { points: outermost.filter((entry) => entry.point), lost: lost.size };
};

/** Pixels for an Å, and the middle in Å, with which the points fill a panel of `width` by `height`. */
const fitted = (view, points, width, height) => {
  const range = (axis) => {
    let [low, high] = [Infinity, -Infinity];
    for (const { point, radius } of points) {
      const place = dot(point, view[axis]);
      low = Math.min(low, place - radius);
      high = Math.max(high, place + radius);
    }
    return [low, high];
  };
  const [across, along, deep] = [range(0), range(1), range(2)];
  const scale = Math.min(
    (width - 24) / Math.max(across[1] - across[0], 2),
    (height - 24) / Math.max(along[1] - along[0], 2), 60);
  const middle = [0, 1, 2].map((k) => [across, along, deep]
    .reduce((sum, ends, axis) => sum + view[axis][k] * (ends[0] + ends[1]) / 2, 0));
  return { scale: Math.max(scale, 1e-6), middle };
};
