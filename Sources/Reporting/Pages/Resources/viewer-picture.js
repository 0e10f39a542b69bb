// SPDX-License-Identifier: MIT
// Draws atoms, bonds and cell on a canvas, the farthest first.

/** A colour as [red, green, blue], from `#rrggbb` or `rgb(r, g, b)`. */
const channels = (text) => {
  if (text[0] === "#") return [1, 3, 5].map((at) => parseInt(text.slice(at, at + 2), 16));
  return (text.match(/[\d.]+/g) ?? [0, 0, 0]).slice(0, 3).map(Number);
};
const blend = (a, b, share) => a.map((value, k) => Math.round(value + (b[k] - value) * share));
const css = (colour, alpha = 1) => `rgba(${colour.join(", ")}, ${alpha})`;

/** How bright a colour is to the eye, 0 to 1 (WCAG). */
const brightness = (colour) => {
  const [r, g, b] = colour.map((value) => {
    const share = value / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
};

/** The outline that sets a ball off against what is behind it. */
const outline = (colour, back) => {
  const contrast = (other) => {
    const [a, b] = [brightness(other), brightness(back)];
    return (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
  };
  const [dark, light] = [blend(colour, [0, 0, 0], 0.6), blend(colour, [255, 255, 255], 0.6)];
  return contrast(dark) >= contrast(light) ? dark : light;
};

/** Balls as small pictures, drawn once for each colour and size. */
class Balls {
  constructor() { this.pictures = new Map(); }

  picture(colour, radius, isHeld, isFaint, back) {
    const key = `${colour} ${radius} ${isHeld} ${isFaint} ${back}`;
    let picture = this.pictures.get(key);
    if (picture) return picture;
    if (this.pictures.size > 300) this.pictures.clear();
    picture = document.createElement("canvas");
    picture.width = picture.height = 2 * radius + 4;
    this.draw(picture.getContext("2d"), radius, channels(colour), isHeld, isFaint, back);
    this.pictures.set(key, picture);
    return picture;
  }

  draw(context, radius, own, isHeld, isFaint, back) {
    const middle = radius + 2;
    // Held atoms are paler and hatched: the one shows in colour, the other in black and white too.
    let colour = isHeld ? blend(own, [150, 150, 150], 0.5) : own;
    if (isFaint) colour = blend(colour, back, 0.6);
    const shade = context.createRadialGradient(
      middle - radius * 0.35, middle - radius * 0.4, radius * 0.05, middle, middle, radius);
    shade.addColorStop(0, css(blend(colour, [255, 255, 255], isHeld ? 0.3 : 0.65)));
    shade.addColorStop(0.45, css(colour));
    shade.addColorStop(1, css(blend(colour, [0, 0, 0], 0.3)));
    context.beginPath();
    context.arc(middle, middle, radius, 0, 2 * Math.PI);
    context.fillStyle = shade;
    context.fill();
    const line = outline(colour, back);
    if (isHeld && radius > 2) {
      context.save();
      context.clip();
      context.strokeStyle = css(line, 0.75);
      context.lineWidth = Math.max(1, radius / 12);
      const gap = Math.max(4, radius / 2.5);
      context.beginPath();
      for (let at = -2 * radius; at < 2 * radius; at += gap) {
        context.moveTo(middle + at, middle + radius);
        context.lineTo(middle + at + 2 * radius, middle - radius);
      }
      context.stroke();
      context.restore();
    }
    context.beginPath();
    context.arc(middle, middle, radius, 0, 2 * Math.PI);
    context.strokeStyle = css(isFaint ? blend(line, back, 0.5) : line);
    context.lineWidth = Math.max(1, Math.min(2.5, radius / 10));
    context.stroke();
  }
}

/** Pairs of atoms that are bonded, found by a grid. */
const bondsAmong = (positions, kinds) => {
  const count = positions.length / 3;
  if (count > 30000) return [];
  const largest = kinds.reduce((size, kind) => Math.max(size, kind[2]), 0);
  const box = 2 * largest + 0.3;
  const boxes = new Map();
  const place = (atom, k) => Math.floor(positions[3 * atom + k] / box);
  const bonds = [];
  for (let atom = 0; atom < count; atom++) {
    const [i, j, k] = [place(atom, 0), place(atom, 1), place(atom, 2)];
    for (let near = 0; near < 27; near++) {
      const key = `${i + near % 3 - 1} ${j + Math.floor(near / 3) % 3 - 1} ${k + Math.floor(near / 9) - 1}`;
      for (const other of boxes.get(key) ?? []) {
        const reach = kinds[atom % kinds.length][2] + kinds[other % kinds.length][2] + 0.3;
        const [x, y, z] = [0, 1, 2].map((m) => positions[3 * atom + m] - positions[3 * other + m]);
        if (x * x + y * y + z * z < reach * reach) bonds.push(other, atom);
      }
    }
    const own = `${i} ${j} ${k}`;
    if (boxes.has(own)) boxes.get(own).push(atom); else boxes.set(own, [atom]);
    if (bonds.length > 400000) return [];
  }
  return bonds;
};

/** What is drawn of one frame: atoms with their images, bonds, lines of the cell. */
class Scene {
  /** `copies` are translations in Å; the first is none. */
  constructor(shown, positions, copies, hasBonds) {
    Object.assign(this, { shown, count: shown.count * copies.length });
    this.positions = new Float64Array(3 * this.count);
    copies.forEach((copy, number) => {
      for (let index = 0; index < positions.length; index++) {
        this.positions[number * positions.length + index] = positions[index] + copy[index % 3];
      }
    });
    this.bonds = hasBonds ? bondsAmong(this.positions, shown.kinds) : [];
    this.lines = [];
    this.ghosts = [];
  }

  /** Lines of a cell that begins at `origin`, in pieces so that atoms can stand between them. */
  addCell(cell, origin) {
    const axes = cell.filter((vector) => length(vector) > 0);
    const pieces = this.count > 2000 ? 4 : 12;
    for (let axis = 0; axis < axes.length; axis++) {
      const others = axes.filter((_, other) => other !== axis);
      for (let corner = 0; corner < 1 << others.length; corner++) {
        const start = origin.map((value, k) => others
          .reduce((sum, vector, bit) => sum + (corner >> bit & 1) * vector[k], value));
        for (let piece = 0; piece < pieces; piece++) {
          const at = (share) => start.map((value, k) => value + axes[axis][k] * share);
          this.lines.push([at(piece / pieces), at((piece + 1) / pieces)]);
        }
      }
    }
  }

  /** Partners of atoms, drawn as rings with a line from each atom. */
  addGhost(atom, vector) { this.ghosts.push([atom, vector]); }
}

/** The canvas's context with what the drawing depends on. */
class Picture {
  constructor(canvas) {
    this.canvas = canvas;
    this.context = canvas.getContext("2d");
    this.balls = new Balls();
  }

  /**
   * Draws a scene into a panel {x, y, width, height} in pixels; `camera` is {view, scale, middle}.
   * What is under which pixel is kept for `atomAt`.
   */
  draw(scene, camera, panel, look) {
    const { context } = this;
    const { view, scale, middle } = camera;
    const ratio = look.ratio;
    const project = (x, y, z) => {
      const way = [x - middle[0], y - middle[1], z - middle[2]];
      return [
        panel.x + panel.width / 2 + dot(way, view[0]) * scale,
        panel.y + panel.height / 2 - dot(way, view[1]) * scale, dot(way, view[2]),
      ];
    };
    context.save();
    context.beginPath();
    context.rect(panel.x, panel.y, panel.width, panel.height);
    context.clip();
    const spots = new Float64Array(3 * scene.count);
    for (let atom = 0; atom < scene.count; atom++) {
      const spot = project(...scene.positions.subarray(3 * atom, 3 * atom + 3));
      spots.set(spot, 3 * atom);
    }
    // Every thing has a depth and a way to be drawn.
    const things = [];
    const { shown } = scene;
    const radii = shown.kinds.map((kind) => Math.max(1.5, 0.6 * kind[2] * scale));
    for (let atom = 0; atom < scene.count; atom++) things.push([spots[3 * atom + 2], 0, atom]);
    for (let bond = 0; bond < scene.bonds.length; bond += 2) {
      const [a, b] = [scene.bonds[bond], scene.bonds[bond + 1]];
      const [near, far] = [spots[3 * a + 2], spots[3 * b + 2]];
      things.push([near * 0.75 + far * 0.25, 1, bond], [near * 0.25 + far * 0.75, 2, bond]);
    }
    scene.lines.forEach(([from, to], index) => {
      const [a, b] = [project(...from), project(...to)];
      things.push([(a[2] + b[2]) / 2, 3, index, a, b]);
    });
    for (const [atom, vector] of scene.ghosts) {
      const at = [0, 1, 2].map((k) => scene.positions[3 * atom + k] + vector[k]);
      things.push([project(...at)[2] - 0.01, 4, atom, project(...at)]);
    }
    things.sort((a, b) => a[0] - b[0]);
    const stick = Math.max(1, 0.2 * scale);
    const isOut = (x, y, r) => x < panel.x - r || x > panel.x + panel.width + r
      || y < panel.y - r || y > panel.y + panel.height + r;
    context.lineCap = "butt";
    for (const [, kind, index, from, to] of things) {
      if (kind === 0) {
        const atom = index % shown.count;
        const [x, y] = [spots[3 * index], spots[3 * index + 1]];
        const radius = radii[atom];
        if (isOut(x, y, radius)) continue;
        const size = Math.min(600, Math.max(1, Math.round(radius * ratio)));
        const picture = this.balls.picture(
          shown.kinds[atom][1], size, shown.free?.[atom] === 0, index >= shown.count, look.back);
        const side = 2 * (size + 2) * radius / size;
        context.drawImage(picture, x - side / 2, y - side / 2, side, side);
      } else if (kind < 3) {
        const [a, b] = kind === 1
          ? [scene.bonds[index], scene.bonds[index + 1]] : [scene.bonds[index + 1], scene.bonds[index]];
        const atom = a % shown.count;
        let colour = channels(shown.kinds[atom][1]);
        if (shown.free?.[atom] === 0) colour = blend(colour, [150, 150, 150], 0.5);
        if (a >= shown.count) colour = blend(colour, look.back, 0.6);
        const [u, v] = [(spots[3 * a] + spots[3 * b]) / 2, (spots[3 * a + 1] + spots[3 * b + 1]) / 2];
        // From the surface of the ball on, so that it does not lie across the ball.
        const way = [0, 1, 2].map((k) => scene.positions[3 * b + k] - scene.positions[3 * a + k]);
        const share = Math.min(0.5, 0.55 * shown.kinds[atom][2] / (length(way) || 1));
        const x = spots[3 * a] + 2 * share * (u - spots[3 * a]);
        const y = spots[3 * a + 1] + 2 * share * (v - spots[3 * a + 1]);
        if (isOut(x, y, 400) && isOut(u, v, 400)) continue;
        context.beginPath();
        context.moveTo(x, y);
        context.lineTo(u, v);
        context.lineWidth = stick + Math.min(2, stick / 3);
        context.strokeStyle = css(outline(colour, look.back));
        context.stroke();
        context.lineWidth = stick;
        context.strokeStyle = css(blend(colour, [0, 0, 0], 0.08));
        context.stroke();
      } else if (kind === 3) {
        context.beginPath();
        context.moveTo(from[0], from[1]);
        context.lineTo(to[0], to[1]);
        context.lineWidth = 1;
        context.strokeStyle = css(look.faint);
        context.stroke();
      } else {
        this.ghost(shown, index, spots, from, radii[index], look);
      }
    }
    context.restore();
    return { spots, radii, panel, scene };
  }

  /** A translucent ring where an atom's partner is, and a line to it. */
  ghost(shown, atom, spots, at, radius, look) {
    const { context } = this;
    const colour = channels(shown.kinds[atom][1]);
    context.beginPath();
    context.moveTo(spots[3 * atom], spots[3 * atom + 1]);
    context.lineTo(at[0], at[1]);
    context.lineWidth = 2;
    context.strokeStyle = css(look.text);
    context.stroke();
    context.beginPath();
    context.arc(at[0], at[1], radius, 0, 2 * Math.PI);
    context.fillStyle = css(colour, 0.3);
    context.fill();
    context.setLineDash([4, 3]);
    context.lineWidth = 1.5;
    context.strokeStyle = css(look.text);
    context.stroke();
    context.setLineDash([]);
  }

  /** A ring around an atom, or a line between two with a word on it. */
  mark(drawn, atoms, words, look) {
    const { context } = this;
    context.save();
    context.strokeStyle = css(look.text);
    context.lineWidth = 2;
    const spot = (atom) => [drawn.spots[3 * atom], drawn.spots[3 * atom + 1]];
    for (const atom of atoms) {
      context.beginPath();
      context.arc(...spot(atom), drawn.radii[atom % drawn.radii.length] + 3, 0, 2 * Math.PI);
      context.stroke();
    }
    if (atoms.length === 2) {
      const [[x, y], [u, v]] = atoms.map(spot);
      context.setLineDash([5, 4]);
      context.beginPath();
      context.moveTo(x, y);
      context.lineTo(u, v);
      context.stroke();
      this.word(words, (x + u) / 2, (y + v) / 2 - 8, "center", look);
    }
    context.restore();
  }

  /** A word that can be read on anything. */
  word(text, x, y, align, look) {
    const { context } = this;
    context.setLineDash([]);
    context.font = "600 13px system-ui, sans-serif";
    context.textAlign = align;
    context.lineWidth = 4;
    context.lineJoin = "round";
    context.strokeStyle = css(look.back, 0.85);
    context.strokeText(text, x, y);
    context.fillStyle = css(look.text);
    context.fillText(text, x, y);
  }
}

/** The atom that is seen at a point, or null. */
const atomAt = (drawn, x, y) => {
  let [best, depth] = [null, -Infinity];
  for (let atom = 0; atom < drawn.scene.count; atom++) {
    const radius = Math.max(6, drawn.radii[atom % drawn.radii.length]);
    const away = Math.hypot(drawn.spots[3 * atom] - x, drawn.spots[3 * atom + 1] - y);
    if (away < radius && drawn.spots[3 * atom + 2] > depth) {
      [best, depth] = [atom, drawn.spots[3 * atom + 2]];
    }
  }
  return best;
};
