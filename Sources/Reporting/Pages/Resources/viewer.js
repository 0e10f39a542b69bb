// SPDX-License-Identifier: MIT
// The viewer's controls: which structure, which frame, from where, and what is said about it.

class Viewer {
  constructor(root, data) {
    Object.assign(this, { root, data, chosen: [], frame: 0, place: -1 });
    this.parts = {};
    for (const part of root.querySelectorAll("[data-part]")) this.parts[part.dataset.part] = part;
    this.picture = new Picture(this.parts.canvas);
    this.places = new Map(data.structures.map(({ n }, place) => [n, place]));
    this.settings = { images: 1, wrap: "wrapped", compare: "", bonds: true, cell: true };
    this.isPrinting = false;
    this.drawn = [];
    this.listen();
    this.show(0);
  }

  // MARK: What is shown

  /** Shows the structure at `place` in the data, the end of its path first. */
  show(place) {
    this.pause();
    this.place = (place + this.data.structures.length) % this.data.structures.length;
    this.shown = new Shown(this.data.structures[this.place], this.data.elements);
    this.chosen = [];
    const { shown, parts } = this;
    parts.slider.max = shown.frames.length - 1;
    parts.slider.disabled = shown.frames.length < 2;
    parts.play.disabled = shown.end < 1;
    parts.path.classList.toggle("viewer-single", shown.frames.length < 2);
    this.offerImages();
    this.offerPartners();
    this.title();
    const numbers = (name) => (shown.packed[name] ?? []).slice(0, shown.end + 1);
    const rest = (values) => values.concat(Array(shown.frames.length - values.length).fill(null));
    parts.sparks.replaceChildren(...[
      shown.end > 0 && spark("energy (eV)", rest(numbers("energies")), false),
      shown.end > 0 && spark("largest force (eV/Å, logarithmic)", rest(numbers("fmax")), true),
    ].filter(Boolean));
    parts.legend.replaceChildren(...this.legend());
    this.settings.view = "side";
    this.showFrame(shown.end);
    this.refit();
  }

  showFrame(frame) {
    this.frame = Math.max(0, Math.min(this.shown.frames.length - 1, frame));
    this.parts.slider.value = this.frame;
    markFrame(this.parts.sparks, this.frame, this.shown.frames.length);
    this.say();
    this.build();
  }

  /** Positions of a frame as they are to be shown. */
  positions(frame) {
    return this.settings.wrap === "file" ? this.shown.asInFile(frame) : this.shown.frames[frame];
  }

  /** Finds the direction and the size that fit the structure; called for another structure or view. */
  refit() {
    const { shown } = this;
    const frames = shown.frames.map((_, frame) => this.positions(frame));
    this.turn = viewNamed(this.settings.view, shown, this.positions(shown.end), shown.cell(shown.end));
    this.zoom = 1;
    this.moved = [0, 0];
    this.measure(frames);
    this.draw();
  }

  measure(frames = this.shown.frames.map((_, frame) => this.positions(frame))) {
    this.extent = extent(this.shown, frames);
    const copies = this.copies(this.frame);
    if (copies.length > 1) {
      this.extent.points = copies.flatMap((copy) => this.extent.points.map((entry) => ({
        radius: entry.radius, point: entry.point.map((value, k) => value + copy[k]),
      })));
    }
    const { lost } = this.extent;
    this.lost = lost ? `${lost} of ${this.shown.count} atoms left far outside the picture` : "";
    this.say();
  }

  /** Translations of the periodic images that are shown, none first. */
  copies(frame) {
    const { shown, settings } = this;
    const cell = shown.cell(frame);
    const copies = [[0, 0, 0]];
    if (!cell || settings.images === 1) return copies;
    const range = settings.images === 2 ? [0, 1] : [0, -1, 1];
    const along = [0, 1, 2].map((axis) => (shown.repeats.includes(axis) ? range : [0]));
    for (const i of along[0]) for (const j of along[1]) for (const k of along[2]) {
      if (i || j || k) copies.push([0, 1, 2].map((x) => i * cell[0][x] + j * cell[1][x] + k * cell[2][x]));
    }
    return copies;
  }

  /** Prepares what the panels show of the frame. */
  build() {
    const { shown, settings, frame } = this;
    const [kind, partner] = settings.compare.split(" ");
    const other = partner === undefined ? null : Number(partner);
    const scene = (number) => {
      const made = new Scene(shown, this.positions(number), this.copies(number), settings.bonds);
      const cell = shown.cell(number);
      if (cell && settings.cell) made.addCell(cell, this.origin(number, cell));
      return made;
    };
    this.scenes = [{ scene: scene(frame), title: "" }];
    if (kind === "over" && other !== frame) {
      const [own, partners] = [this.positions(frame), this.positions(other)];
      for (let atom = 0; atom < shown.count; atom++) {
        const vector = shown.toPartner(own, partners, atom, shown.cell(frame));
        if (length(vector) > 0.02) this.scenes[0].scene.addGhost(atom, vector);
      }
    } else if (kind === "beside") {
      this.scenes[0].title = shown.stage(frame);
      this.scenes.push({ scene: scene(other), title: shown.stage(other) });
    }
    this.draw();
  }

  /** Where the drawn cell begins: at 0, or around atoms that lie outside of it. */
  origin(frame, cell) {
    const { shown } = this;
    const origin = [0, 0, 0];
    if (cell.some((vector) => length(vector) === 0)) return origin;
    const inverse = [cross(cell[1], cell[2]), cross(cell[2], cell[0]), cross(cell[0], cell[1])];
    const volume = dot(cell[0], inverse[0]);
    const first = this.positions(0);
    for (let axis = 0; axis < 3; axis++) {
      if (!shown.pbc[axis]) continue;
      let [low, high] = [Infinity, -Infinity];
      for (let atom = 0; atom < shown.count; atom++) {
        const place = dot([...first.subarray(3 * atom, 3 * atom + 3)], inverse[axis]) / volume;
        [low, high] = [Math.min(low, place), Math.max(high, place)];
      }
      const margin = Math.min(0.1, 0.6 / length(cell[axis]));
      if (low >= -margin && high <= 1 + margin) continue;
      const begin = (low + high) / 2 - 0.5;
      for (let k = 0; k < 3; k++) origin[k] += begin * cell[axis][k];
    }
    return origin;
  }

  // MARK: What is said

  title() {
    const { shown, parts, data } = this;
    const row = this.rowLink(shown.number);
    const name = document.createElement(row ? "a" : "span");
    name.className = "viewer-id";
    name.textContent = shown.id;
    if (row) {
      name.href = "#all";
      name.title = "to its row in the table";
      name.addEventListener("click", (event) => {
        event.preventDefault();
        this.reveal(shown.number);
      });
    }
    const atoms = `${shown.count} ${shown.count === 1 ? "atom" : "atoms"}`;
    parts.title.replaceChildren(name, ` ${shown.formula}, ${atoms}`);
    parts.place.textContent = `${this.place + 1} of ${data.structures.length}`;
    const isAlone = data.structures.length < 2;
    for (const part of [parts.previous, parts.next, parts.search]) part.disabled = isAlone;
  }

  /** One line of facts about the frame, and no other. */
  say() {
    const { shown, frame, data, parts } = this;
    const { packed } = shown;
    const facts = [
      [`frame ${frame + 1} of ${shown.frames.length}: ${shown.stage(frame)}`],
      ["energy", written(packed.energies[frame], 4), "eV"],
      ["largest force", written(packed.fmax[frame], 4), "eV/Å"],
    ];
    const judged = packed.judged?.[frame];
    if (judged !== undefined && judged !== null) {
      facts.push([`by ${data.judge}`, written(judged, 4), "eV/Å"]);
    }
    if (packed.distances) facts.push(["distance from the reference", written(packed.distances[frame], 4), "Å"]);
    if (packed.status) facts.push([packed.status]);
    if (this.lost) facts.push([this.lost]);
    // A number and its unit are never parted by the end of a line.
    const text = facts.map(([name, value, unit]) => [
      name, value === undefined ? "" : ` ${value}`, unit && value !== "–" ? `\u00a0${unit}` : "",
    ].join(""));
    parts.facts.replaceChildren(...[`${shown.id}`, ...text].map((words, at) => {
      const fact = document.createElement("span");
      if (!at) fact.className = "viewer-hidden";
      fact.textContent = words;
      return fact;
    }).flatMap((fact) => [fact, " "]));
    parts.slider.setAttribute("aria-valuetext", text.slice(0, 3).join(", "));
    const view = this.settings.view ? `, ${this.settings.view} view` : "";
    parts.canvas.setAttribute("aria-label",
      `${shown.id}: ${shown.formula}, ${shown.count} atoms${view}; ${shown.stage(frame)}`);
  }

  /** Which colour is which element, and what hatching means. */
  legend() {
    const kinds = [...new Set(this.shown.kinds)];
    const entries = kinds.map(([symbol, colour]) => {
      const entry = document.createElement("span");
      const dot = document.createElement("i");
      dot.style.background = colour;
      entry.append(dot, symbol);
      return entry;
    });
    if (this.shown.free?.includes(0)) {
      const entry = document.createElement("span");
      const dot = document.createElement("i");
      dot.className = "viewer-held";
      entry.append(dot, "held (pale, hatched)");
      entries.push(entry);
    }
    return entries;
  }

  offerImages() {
    const axes = this.shown.repeats.length;
    const { images } = this.parts;
    images.closest("label").hidden = axes === 0;
    for (const option of images.options) {
      option.textContent = Array(Math.max(1, axes)).fill(option.value).join(" × ");
    }
    if (!axes) this.settings.images = 1;
    images.value = this.settings.images;
    this.parts.wrap.closest("label").hidden = !(this.shown.packed.shifts ?? []).length;
    this.parts.wrap.options[0].textContent = this.shown.packed.anchor
      ? "around the adsorbate" : "gathered in the cell";
  }

  offerPartners() {
    const { shown } = this;
    const { compare } = this.parts;
    const partners = [];
    if (shown.reference !== null && shown.frames.length > 1) partners.push(["the reference", shown.reference]);
    if (shown.end > 0) partners.push(["the first frame", 0]);
    const before = this.settings.compare.split(" ");
    const options = [["with nothing", ""]];
    for (const [name, frame] of partners) {
      options.push([`${name}, laid over`, `over ${frame}`], [`${name}, beside`, `beside ${frame}`]);
    }
    compare.replaceChildren(...options.map(([name, value]) => new Option(name, value)));
    // The same comparison for the next structure, whose reference is another frame.
    const wasReference = this.comparesReference && shown.reference !== null;
    const value = before[1] === undefined ? ""
      : `${before[0]} ${wasReference ? shown.reference : 0}`;
    this.settings.compare = options.some((option) => option[1] === value) ? value : "";
    compare.value = this.settings.compare;
    compare.closest("label").hidden = !partners.length;
  }

  // MARK: The table

  /** The first link to a structure outside of here, if there is one. */
  rowLink(number) {
    for (const link of document.querySelectorAll(`a.structure[data-structure="${number}"]`)) {
      if (!this.root.contains(link)) return link;
    }
    return null;
  }

  /** Goes to the row of a structure, which a filter or a fold may hide. */
  reveal(number) {
    const link = this.rowLink(number);
    if (!link) return;
    for (let above = link.parentElement; above; above = above.parentElement) {
      if (above.localName === "details") above.open = true;
    }
    (link.closest("tr") ?? link).dispatchEvent(new CustomEvent("relax:reveal", { bubbles: true }));
    link.scrollIntoView({ block: "center" });
    link.focus({ preventScroll: true });
  }

  // MARK: Drawing

  draw() {
    if (this.isWaiting) return;
    this.isWaiting = true;
    requestAnimationFrame(() => {
      this.isWaiting = false;
      this.paint();
    });
  }

  /** Colours of the page, whatever mode it is in; on paper always dark on white. */
  look() {
    if (this.isPrinting) return { text: [0, 0, 0], faint: [110, 110, 110], back: [255, 255, 255], ratio: 2 };
    const text = channels(getComputedStyle(this.parts.canvas).color);
    const back = channels(getComputedStyle(this.parts.canvas).backgroundColor);
    return { text, back, faint: blend(text, back, 0.5), ratio: window.devicePixelRatio || 1 };
  }

  paint() {
    const { canvas } = this.parts;
    const { clientWidth: width, clientHeight: height } = canvas;
    if (!width || !height || !this.extent) return;
    const look = this.look();
    const [across, down] = [Math.round(width * look.ratio), Math.round(height * look.ratio)];
    if (canvas.width !== across || canvas.height !== down) {
      canvas.width = across;
      canvas.height = down;
    }
    const { context } = this.picture;
    context.setTransform(look.ratio, 0, 0, look.ratio, 0, 0);
    context.fillStyle = css(look.back);
    context.fillRect(0, 0, width, height);
    // Beside each other where there is room, else one above the other.
    const isWide = width > 480;
    const count = this.scenes.length;
    const size = isWide ? [width / count, height] : [width, height / count];
    const fit = fitted(this.turn, this.extent.points, ...size);
    this.scale = fit.scale * this.zoom;
    const middle = fit.middle.map((value, k) => value
      - (this.moved[0] * this.turn[0][k] - this.moved[1] * this.turn[1][k]) / this.scale);
    const camera = { view: this.turn, scale: this.scale, middle };
    this.drawn = this.scenes.map(({ scene, title }, number) => {
      const panel = {
        x: isWide ? number * size[0] : 0, y: isWide ? 0 : number * size[1],
        width: size[0], height: size[1],
      };
      const drawn = this.picture.draw(scene, camera, panel, look);
      if (number) {
        context.fillStyle = css(look.faint);
        context.fillRect(panel.x, panel.y, isWide ? 1 : width, isWide ? height : 1);
      }
      if (title) this.picture.word(title, panel.x + 10, panel.y + 20, "left", look);
      return drawn;
    });
    if (this.chosen.length) {
      for (const drawn of this.drawn) this.picture.mark(drawn, this.chosen, this.distance(), look);
    }
  }

  // MARK: Atoms

  /** What is known of an atom, in words. */
  describe(atom) {
    const { shown, frame } = this;
    const own = atom % shown.count;
    const words = [`${shown.kinds[own][0]}, atom ${own}`];
    if (atom >= shown.count) words.push("a periodic image");
    if (shown.tags) words.push(`tag ${shown.tags[own]}`);
    if (shown.free) {
      const freedom = shown.free[own];
      const axes = ["x", "y", "z"].filter((_, bit) => freedom >> bit & 1);
      words.push(freedom === 0 ? "held" : freedom === 7 ? "free" : `free along ${axes.join(" and ")}`);
    }
    const force = shown.forces(frame)?.[own];
    if (Number.isFinite(force)) words.push(`force ${written(force, 4)} eV/Å`);
    if (shown.reference !== null && shown.reference !== frame) {
      const vector = shown.toPartner(
        this.positions(frame), this.positions(shown.reference), own, shown.cell(frame));
      words.push(`${written(length(vector), 3)} Å from the reference`);
    }
    return words.join(", ");
  }

  distance() {
    if (this.chosen.length < 2) return "";
    const positions = this.scenes[0].scene.positions;
    const [a, b] = this.chosen;
    return `${written(length([0, 1, 2].map((k) => positions[3 * a + k] - positions[3 * b + k])), 3)} Å`;
  }

  /** The atom below the pointer, in whichever panel. */
  under(event) {
    const box = this.parts.canvas.getBoundingClientRect();
    const [x, y] = [event.clientX - box.left, event.clientY - box.top];
    for (const drawn of this.drawn) {
      const { panel } = drawn;
      if (x < panel.x || y < panel.y || x > panel.x + panel.width || y > panel.y + panel.height) continue;
      return { atom: atomAt(drawn, x, y), x, y };
    }
    return { atom: null, x, y };
  }

  point(event) {
    const { atom, x, y } = this.under(event);
    const { tip, canvas } = this.parts;
    tip.hidden = atom === null;
    if (atom === null) return;
    tip.textContent = this.describe(atom);
    const right = x > canvas.clientWidth / 2;
    tip.style.left = right ? "auto" : `${x + 12}px`;
    tip.style.right = right ? `${canvas.clientWidth - x + 12}px` : "auto";
    tip.style.top = `${Math.max(0, y - 12)}px`;
  }

  pick(event) {
    const { atom } = this.under(event);
    if (atom === null) this.chosen = [];
    else if (this.chosen.length === 1 && this.chosen[0] !== atom) this.chosen.push(atom);
    else this.chosen = [atom];
    this.tellPicked();
    this.draw();
  }

  tellPicked() {
    const name = (atom) => `${this.shown.kinds[atom % this.shown.count][0]} ${atom % this.shown.count}`;
    const [a, b] = this.chosen;
    this.parts.picked.textContent = this.chosen.length === 0 ? ""
      : this.chosen.length === 1 ? `${this.describe(a)}. Another atom gives the distance.`
        : `${name(a)} to ${name(b)}: ${this.distance()}`;
  }

  // MARK: Playing

  play() {
    if (this.timer || this.shown.end < 1) return;
    if (this.frame >= this.shown.end) this.showFrame(0);
    const isCalm = matchMedia("(prefers-reduced-motion: reduce)").matches;
    // Whoever listens is not told of every frame that flies by.
    this.parts.facts.setAttribute("aria-live", "off");
    this.timer = setInterval(() => {
      this.showFrame(this.frame + 1);
      this.tellPicked();
      if (this.frame >= this.shown.end) this.pause();
    }, isCalm ? 600 : Math.max(50, Math.min(150, 6000 / this.shown.frames.length)));
    this.playButton();
  }

  pause() {
    clearInterval(this.timer);
    this.timer = null;
    this.parts.facts.setAttribute("aria-live", "polite");
    this.playButton();
  }

  playButton() {
    const { play } = this.parts;
    play.textContent = this.timer ? "❚❚" : "▶";
    play.setAttribute("aria-label", this.timer ? "pause" : "play along the path");
  }

  // MARK: What the user does

  listen() {
    const { parts, settings, root } = this;
    new Chooser(parts.search, parts.list, this.data.structures, (place) => this.show(place));
    const on = (part, event, act) => parts[part].addEventListener(event, act);
    on("previous", "click", () => this.show(this.place - 1));
    on("next", "click", () => this.show(this.place + 1));
    on("slider", "input", () => {
      this.pause();
      this.showFrame(Number(parts.slider.value));
      this.tellPicked();
    });
    on("play", "click", () => (this.timer ? this.pause() : this.play()));
    on("reset", "click", () => this.reset());
    for (const button of root.querySelectorAll("[data-view]")) {
      button.addEventListener("click", () => {
        settings.view = button.dataset.view;
        this.refit();
      });
    }
    on("images", "change", () => {
      settings.images = Number(parts.images.value);
      this.chosen = [];
      this.measure();
      this.build();
    });
    on("wrap", "change", () => {
      settings.wrap = parts.wrap.value;
      this.measure();
      this.build();
    });
    on("compare", "change", () => {
      settings.compare = parts.compare.value;
      this.comparesReference = settings.compare.endsWith(` ${this.shown.reference}`);
      this.build();
    });
    for (const name of ["bonds", "cell"]) {
      on(name, "change", () => {
        settings[name] = parts[name].checked;
        this.build();
      });
    }
    root.addEventListener("keydown", (event) => this.press(event));
    this.listenToPointers();
    document.addEventListener("click", (event) => this.follow(event));
    new ResizeObserver(() => this.draw()).observe(parts.canvas);
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => this.draw());
    for (const [name, prints] of [["beforeprint", true], ["afterprint", false]]) {
      window.addEventListener(name, () => {
        this.isPrinting = prints;
        this.paint();
      });
    }
  }

  reset() {
    this.settings.view = "side";
    this.refit();
  }

  /** A link to a structure, anywhere on the page. */
  follow(event) {
    const link = event.target instanceof Element && event.target.closest("[data-structure]");
    if (!link || this.root.contains(link) || event.ctrlKey || event.metaKey || event.shiftKey) return;
    const place = this.places.get(Number(link.dataset.structure));
    if (place === undefined) return;
    event.preventDefault();
    this.show(place);
    this.root.scrollIntoView({ block: "start" });
    this.root.focus({ preventScroll: true });
  }

  rotate(across, along) {
    this.turn = turned(this.turn, across, along);
    this.settings.view = "";
    this.draw();
  }

  zoomBy(factor) {
    this.zoom = Math.max(0.05, Math.min(200, this.zoom * factor));
    this.draw();
  }

  press(event) {
    const { canvas } = this.parts;
    if (event.target !== canvas && event.target !== this.root) return;
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const step = event.shiftKey ? 0 : Math.PI / 24;
    const move = event.shiftKey ? 20 : 0;
    const go = (x, y) => {
      if (move) {
        this.moved = [this.moved[0] + x * move, this.moved[1] + y * move];
        this.draw();
      } else {
        this.rotate(x * step, y * step);
      }
    };
    const acts = {
      ArrowLeft: () => go(-1, 0), ArrowRight: () => go(1, 0),
      ArrowUp: () => go(0, -1), ArrowDown: () => go(0, 1),
      "+": () => this.zoomBy(1.2), "=": () => this.zoomBy(1.2), "-": () => this.zoomBy(1 / 1.2),
      " ": () => (this.timer ? this.pause() : this.play()),
      Home: () => this.reset(),
      PageUp: () => this.show(this.place - 1), PageDown: () => this.show(this.place + 1),
      Escape: () => {
        this.chosen = [];
        this.tellPicked();
        this.draw();
      },
    };
    if (!acts[event.key]) return;
    event.preventDefault();
    acts[event.key]();
  }

  listenToPointers() {
    const { canvas, tip } = this.parts;
    const pointers = new Map();
    let hasMoved = false;
    const spread = () => {
      const [a, b] = [...pointers.values()];
      return { gap: Math.hypot(a.x - b.x, a.y - b.y), x: (a.x + b.x) / 2, y: (a.y + b.y) / 2 };
    };
    canvas.addEventListener("pointerdown", (event) => {
      if (event.button !== 0) return;
      pointers.set(event.pointerId, { x: event.clientX, y: event.clientY, far: 0 });
      canvas.setPointerCapture(event.pointerId);
      hasMoved = pointers.size > 1;
      tip.hidden = true;
    });
    canvas.addEventListener("pointermove", (event) => {
      const pointer = pointers.get(event.pointerId);
      if (!pointer) {
        if (event.pointerType === "mouse") this.point(event);
        return;
      }
      const before = pointers.size === 2 ? spread() : null;
      const [x, y] = [event.clientX - pointer.x, event.clientY - pointer.y];
      pointer.far += Math.abs(x) + Math.abs(y);
      if (pointer.far > 4) hasMoved = true;
      [pointer.x, pointer.y] = [event.clientX, event.clientY];
      if (!hasMoved) return;
      if (before) {
        const after = spread();
        if (before.gap > 0) this.zoomBy(after.gap / before.gap);
        this.rotate((after.x - before.x) / 120, (after.y - before.y) / 120);
      } else if (event.shiftKey) {
        this.moved = [this.moved[0] + x, this.moved[1] + y];
        this.draw();
      } else {
        this.rotate(x / 120, y / 120);
      }
    });
    const end = (event) => {
      if (!pointers.delete(event.pointerId)) return;
      if (event.type === "pointerup" && !hasMoved) this.pick(event);
    };
    canvas.addEventListener("pointerup", end);
    canvas.addEventListener("pointercancel", end);
    canvas.addEventListener("pointerleave", () => { tip.hidden = true; });
    canvas.addEventListener("dblclick", () => this.reset());
    canvas.addEventListener("wheel", (event) => {
      // Otherwise whoever scrolls through the page would be caught here.
      if (!event.ctrlKey && document.activeElement !== canvas) return;
      event.preventDefault();
      this.zoomBy(Math.exp(-event.deltaY * (event.ctrlKey ? 0.005 : 0.0015)));
    }, { passive: false });
  }
}

const begin = () => {
  const root = document.getElementById("structures");
  const data = JSON.parse(document.getElementById("structures-data").textContent);
  new Viewer(root, data);
};
// The table that ids lead to may come later on the page.
if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", begin);
else begin();
