// SPDX-License-Identifier: MIT
// Finds a structure among thousands by a part of its id or its formula.

class Chooser {
  /** `choose` is called with the place of a structure in `structures`. */
  constructor(input, list, structures, choose) {
    Object.assign(this, { input, list, structures, choose, found: [], active: -1 });
    this.words = structures.map(({ id, formula }) => `${id} ${formula}`.toLowerCase());
    input.addEventListener("input", () => this.look());
    input.addEventListener("focus", () => this.look());
    input.addEventListener("blur", () => this.close());
    input.addEventListener("keydown", (event) => this.press(event));
    // Before the input loses focus, which closes the list.
    list.addEventListener("pointerdown", (event) => {
      event.preventDefault();
      const option = event.target.closest("[role=option]");
      if (option) this.take(Number(option.dataset.place));
    });
  }

  /** Shows what fits what is written. */
  look() {
    const wanted = this.input.value.trim().toLowerCase();
    this.found = [];
    let more = 0;
    this.words.forEach((word, place) => {
      if (!word.includes(wanted)) return;
      if (this.found.length < Chooser.most) this.found.push(place); else more++;
    });
    const options = this.found.map((place, index) => {
      const option = document.createElement("li");
      option.id = `structures-option-${index}`;
      option.setAttribute("role", "option");
      option.setAttribute("aria-selected", "false");
      option.dataset.place = place;
      const formula = document.createElement("small");
      formula.textContent = this.structures[place].formula;
      option.append(this.structures[place].id, " ", formula);
      return option;
    });
    if (more || !options.length) {
      const rest = document.createElement("li");
      rest.setAttribute("role", "presentation");
      rest.textContent = more ? `and ${more} more` : "no structure has this in its id or formula";
      options.push(rest);
    }
    this.list.replaceChildren(...options);
    this.list.hidden = false;
    this.input.setAttribute("aria-expanded", "true");
    this.mark(wanted && this.found.length ? 0 : -1);
  }

  mark(index) {
    this.list.children[this.active]?.setAttribute("aria-selected", "false");
    this.active = index;
    const option = index < 0 ? null : this.list.children[index];
    option?.setAttribute("aria-selected", "true");
    option?.scrollIntoView({ block: "nearest" });
    if (option) this.input.setAttribute("aria-activedescendant", option.id);
    else this.input.removeAttribute("aria-activedescendant");
  }

  press(event) {
    const last = this.found.length - 1;
    if (event.key === "ArrowDown") {
      if (this.list.hidden) this.look();
      this.mark(Math.min(last, this.active + 1));
    } else if (event.key === "ArrowUp") {
      this.mark(Math.max(0, this.active - 1));
    } else if (event.key === "Enter") {
      if (this.active >= 0 && this.active <= last) this.take(this.found[this.active]);
    } else if (event.key === "Escape") {
      this.input.value = "";
      this.close();
    } else {
      return;
    }
    event.preventDefault();
    event.stopPropagation();
  }

  take(place) {
    this.input.value = "";
    this.close();
    this.choose(place);
  }

  close() {
    this.list.hidden = true;
    this.active = -1;
    this.input.setAttribute("aria-expanded", "false");
    this.input.removeAttribute("aria-activedescendant");
  }
}

/** More than these are counted, not listed. */
Chooser.most = 50;
