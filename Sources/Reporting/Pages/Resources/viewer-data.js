// SPDX-License-Identifier: MIT
// What the page holds about structures, unpacked: see PackedStructure.swift for how it is packed.

/** Numbers of a text in base64: groups of seven bits, the lowest first. */
const unpacked = (text) => {
  const bytes = atob(text);
  const numbers = [];
  let [value, scale] = [0, 1];
  for (let index = 0; index < bytes.length; index++) {
    const byte = bytes.charCodeAt(index);
    // Not by shifts, which end at 32 bits.
    value += (byte & 127) * scale;
    if (byte > 127) {
      scale *= 128;
    } else {
      numbers.push(value);
      [value, scale] = [0, 1];
    }
  }
  return numbers;
};

/** The number that 0, 1, 2, 3 … stand for where signs are kept in the lowest bit: 0, -1, 1, -2 … */
const signed = (number) => (number % 2 ? -(number + 1) / 2 : number / 2);

/** The list that values with their counts stand for. */
const spread = (runs) => {
  const list = [];
  for (let index = 0; index < runs.length; index += 2) {
    for (let count = runs[index + 1]; count > 0; count--) list.push(runs[index]);
  }
  return list;
};

/** A structure with all its frames; nothing of it is kept longer than it is shown. */
class Shown {
  constructor(packed, elements) {
    Object.assign(this, { packed, number: packed.n, id: packed.id, formula: packed.formula });
    this.kinds = spread(packed.elements).map((number) => elements[number]);
    this.count = this.kinds.length;
    this.free = packed.free ? spread(packed.free) : null;
    this.tags = packed.tags ? spread(packed.tags) : null;
    this.pbc = packed.pbc ?? [0, 0, 0];
    this.repeats = packed.repeats ?? [];
    let last = null;
    this.frames = packed.positions.map((text) => {
      const whole = Float64Array.from(unpacked(text), signed);
      if (last) for (let index = 0; index < whole.length; index++) whole[index] += last[index];
      last = whole;
      return whole.map((value) => value * packed.unit);
    });
    const reference = packed.stages.lastIndexOf("reference");
    this.reference = reference < 0 ? null : reference;
    /** The frame that a path ends with. */
    this.end = Math.max(0, this.frames.length - (reference < 0 ? 1 : 2));
  }

  /** The lattice vectors of a frame, three each, or null without a cell. */
  cell(frame) {
    const numbers = this.packed.cells?.[frame] ?? this.packed.cell;
    return numbers ? [numbers.slice(0, 3), numbers.slice(3, 6), numbers.slice(6, 9)] : null;
  }

  /** Positions of a frame as they are in its file, without the images that make a picture. */
  asInFile(frame) {
    const positions = Float64Array.from(this.frames[frame]);
    const cell = this.cell(frame);
    const offsets = new Map();
    const shifts = this.packed.shifts ?? [];
    for (let at = 0; at < shifts.length && shifts[at] <= frame; at += 5) {
      offsets.set(shifts[at + 1], shifts.slice(at + 2, at + 5));
    }
    for (const [atom, offset] of offsets) {
      for (let axis = 0; axis < 3; axis++) {
        for (let k = 0; k < 3; k++) positions[3 * atom + k] -= offset[axis] * cell[axis][k];
      }
    }
    return positions;
  }

  /** Sizes of the forces of a frame in eV/Å, NaN where there is none; null if there are none at all. */
  forces(frame) {
    const text = this.packed.forces?.[frame];
    return text ? unpacked(text).map((value) => (value ? (value - 1) / 1e4 : NaN)) : null;
  }

  /** What a frame shows, in words. */
  stage(frame) {
    const [stage, step] = [this.packed.stages[frame], this.packed.steps[frame]];
    if (stage === "path") return `step ${step}`;
    const label = this.packed.labels?.[frame];
    if (label) return label;
    const words = stage === "frame" ? "as in the file" : stage;
    return step === null || stage === "initial" ? words : `${words}, step ${step}`;
  }

  /**
   * How far an atom of a frame is from its partner in another, as a vector to the partner's nearest
   * image. What is shown of one path is near already, so next neighbours are all there is to try.
   */
  toPartner(positions, partners, atom, cell) {
    const plain = [0, 1, 2].map((k) => partners[3 * atom + k] - positions[3 * atom + k]);
    if (!cell) return plain;
    const reach = this.pbc.map((repeats) => (repeats ? [0, -1, 1] : [0]));
    let best = plain;
    for (const i of reach[0]) for (const j of reach[1]) for (const k of reach[2]) {
      const image = plain.map(
        (value, x) => value + i * cell[0][x] + j * cell[1][x] + k * cell[2][x]);
      if (length(image) < length(best) - 1e-9) best = image;
    }
    return best;
  }
}

const length = (vector) => Math.hypot(...vector);

/** A number as a table has it, or a dash. */
const written = (value, digits) => {
  if (value === null || value === undefined || !Number.isFinite(value)) return "–";
  const size = Math.abs(value);
  const isPlain = size === 0 || (size < 1e7 && size >= 0.5 * 10 ** -digits);
  return isPlain ? value.toFixed(digits) : value.toExponential(3);
};
