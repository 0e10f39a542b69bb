// SPDX-License-Identifier: MIT

// Tables of a page: headings sort, a field filters, a button gives the rows as CSV. Without this script they
// are plain tables. Text from the page is only ever set as text, so no id can become markup.
(() => {
  "use strict";

  // Rows beyond these are in a second, hidden body of the table, where links find them and they cost no
  // layout; so are rows that a filter leaves out.
  const batch = 200;
  const step = 500;
  // Up to so many, those have their order too; of more, moving them all would be slow.
  const orderly = 2000;
  // A choice of more words than this is no choice.
  const mostChoices = 20;
  // Words in an order that counts (a2 before a10): digits are made equally long, which is many times
  // quicker than a collator's comparing them.
  const natural = (text) =>
    text.toLowerCase().replace(/\d+/g, (digits) => digits.replace(/^0+/, "").padStart(20, "0"));
  const compare = (a, b) => (a < b ? -1 : a > b ? 1 : 0);
  const counted = new Intl.NumberFormat("en");

  const make = (tag, properties = {}, ...children) => {
    const element = Object.assign(document.createElement(tag), properties);
    element.append(...children);
    return element;
  };
  const words = (cell) => cell.textContent.trim();
  // What a cell is: a number to the last digit, nothing where it is missing.
  const value = (cell) => cell.dataset.value ?? words(cell);

  const improve = (section) => {
    const table = section.querySelector("table");
    const body = table.tBodies[0];
    const rest = table.tBodies[1] ?? table.createTBody();
    rest.className = "rest";
    rest.hidden = true;
    const headings = [...table.tHead.rows[0].cells];
    let shown = [...body.rows];
    const rows = [...shown, ...rest.rows];
    for (const row of rest.rows) row.hidden = true;
    const region = section.querySelector(".table");
    const name = region.getAttribute("aria-label");
    const state = { column: null, descending: false, query: [], choices: new Map(), limit: batch };
    let sorted = rows;
    let texts = null;

    // The text of each row, read once and only if somebody filters.
    const text = (index) => {
      texts ??= rows.map((row) => [...row.cells].map(words).join("\t").toLowerCase());
      return texts[index];
    };
    const place = new Map(rows.map((row, index) => [row, index]));
    const matches = (row) => {
      for (const [column, wanted] of state.choices) {
        if (words(row.cells[column]) !== wanted) return false;
      }
      return state.query.length === 0
        || state.query.every((word) => text(place.get(row)).includes(word));
    };
    const isFiltered = () => state.query.length > 0 || state.choices.size > 0;

    // MARK: What is shown

    const count = make("output", { className: "count" });
    const more = make("button", { type: "button", className: "more" });
    const refresh = (pinned = null) => {
      const found = isFiltered() ? sorted.filter(matches) : sorted;
      const next = found.slice(0, state.limit);
      if (pinned && !next.includes(pinned)) next.push(pinned);
      if (next.length !== shown.length || next.some((row, index) => row !== shown[index])) {
        const stays = new Set(next);
        const gone = document.createDocumentFragment();
        for (const row of shown) {
          if (stays.has(row)) continue;
          row.hidden = true;
          gone.append(row);
        }
        rest.prepend(gone);
        const there = document.createDocumentFragment();
        for (const row of next) {
          row.hidden = false;
          there.append(row);
        }
        body.append(there);
        shown = next;
      }
      const all = counted.format(rows.length);
      count.textContent = isFiltered() ? `${counted.format(found.length)} of ${all}` : all;
      more.hidden = found.length <= state.limit;
      // On paper the rest cannot be asked for.
      if (shown.length === rows.length) delete section.dataset.print;
      else section.dataset.print = `${counted.format(shown.length)} of ${all} rows`;
      const added = Math.min(step, found.length - state.limit);
      more.textContent = `Show ${counted.format(added)} more of ${counted.format(found.length)}`;
    };
    more.addEventListener("click", () => {
      state.limit += step;
      refresh();
    });

    // MARK: Sorting

    const sort = () => {
      headings.forEach((heading, index) => {
        const order = state.descending ? "descending" : "ascending";
        heading.setAttribute("aria-sort", index === state.column ? order : "none");
      });
      sorted = state.column === null ? rows : inOrder();
      state.limit = batch;
      refresh();
      if (rows.length > orderly) return;
      const hidden = document.createDocumentFragment();
      for (const row of sorted) if (row.hidden) hidden.append(row);
      rest.append(hidden);
    };
    // What a column is sorted by, read once.
    const keys = new Map();
    const keysOf = (column) => {
      if (keys.has(column)) return keys.get(column);
      const isNumber = headings[column].dataset.kind === "number";
      const found = rows.map((row) => {
        const cell = row.cells[column];
        const key = isNumber ? parseFloat(value(cell)) : natural(words(cell));
        return { row, key, isMissing: isNumber ? Number.isNaN(key) : key === "" || key === "–" };
      });
      keys.set(column, found);
      return found;
    };
    const inOrder = () => {
      const sign = state.descending ? -1 : 1;
      const keyed = [...keysOf(state.column)];
      // Array.sort is stable, so equal rows keep the page's order whichever way it goes.
      keyed.sort((a, b) => {
        if (a.isMissing || b.isMissing) return a.isMissing - b.isMissing;
        return sign * compare(a.key, b.key);
      });
      return keyed.map((item) => item.row);
    };
    headings.forEach((heading, index) => {
      const button = make("button", { type: "button", className: "sort" }, ...heading.childNodes);
      heading.replaceChildren(button);
      heading.setAttribute("aria-sort", "none");
      // Browsers repeat headings on every page of paper, but not those with buttons in them.
      addEventListener("beforeprint", () => heading.replaceChildren(...button.childNodes));
      addEventListener("afterprint", () => {
        button.append(...heading.childNodes);
        heading.append(button);
      });
      button.addEventListener("click", () => {
        // Up, down, and back to the order of the page.
        if (state.column !== index) [state.column, state.descending] = [index, false];
        else if (!state.descending) state.descending = true;
        else [state.column, state.descending] = [null, false];
        sort();
      });
    });

    // MARK: Filters

    const bar = section.querySelector(".bar");
    const field = make("input", { type: "search", placeholder: "filter", autocomplete: "off" });
    field.setAttribute("aria-label", `filter ${name}`);
    field.addEventListener("input", () => {
      state.query = field.value.toLowerCase().split(/\s+/).filter(Boolean);
      refresh();
    });
    const selects = [];
    headings.forEach((heading, column) => {
      if (heading.dataset.kind !== "choice") return;
      const found = new Set(rows.map((row) => words(row.cells[column])));
      if (found.size < 2 || found.size > mostChoices) return;
      const select = make("select", {}, make("option", { value: "" }, `any ${words(heading)}`));
      for (const word of [...found].sort((a, b) => compare(natural(a), natural(b)))) {
        if (word) select.append(make("option", { value: word }, word));
      }
      select.setAttribute("aria-label", `${words(heading)}, filter ${name}`);
      select.addEventListener("change", () => {
        if (select.value) state.choices.set(column, select.value);
        else state.choices.delete(column);
        refresh();
      });
      selects.push(select);
    });

    // MARK: CSV

    const quoted = (text) => {
      // As `relax --csv` does: nothing that a spreadsheet would compute.
      const isFormula = /^'*[=+\-@\t\r]/.test(text) && !/^[+-]?[\d.]+(e[+-]?\d+)?$/i.test(text);
      const safe = isFormula ? `'${text}` : text;
      return /[",\n\r]|^\s|\s$/.test(safe) ? `"${safe.replaceAll("\"", "\"\"")}"` : safe;
    };
    const csv = () => {
      const kept = headings.flatMap((heading, column) => {
        const { parts, key } = heading.dataset;
        return parts || key ? [{ column, keys: parts ? parts.split(" ") : [key] }] : [];
      });
      const lines = [kept.flatMap((item) => item.keys.map(quoted))];
      for (const row of isFiltered() ? sorted.filter(matches) : sorted) {
        lines.push(kept.flatMap(({ column, keys }) => {
          const cell = value(row.cells[column]);
          return keys.length > 1 ? keys.map((_, part) => cell.split(" ")[part] ?? "") : [quoted(cell)];
        }));
      }
      return lines.map((line) => `${line.join(",")}\n`).join("");
    };
    const save = make("button", { type: "button", className: "csv" }, "CSV");
    save.setAttribute("aria-label", `${name} as CSV`);
    save.title = "these rows as CSV, numbers to the last digit";
    save.addEventListener("click", () => {
      const link = make("a", {
        href: URL.createObjectURL(new Blob([csv()], { type: "text/csv" })),
        download: `${section.dataset.table || "table"}.csv`,
      });
      link.click();
      setTimeout(() => URL.revokeObjectURL(link.href), 1000);
    });

    bar.append(field, ...selects, count, save);
    region.after(more);

    // Whoever wants a row seen sends this event to it; filters that hide it give way.
    section.addEventListener("relax:reveal", (event) => {
      const row = event.target.closest("tr");
      if (!row || !row.hidden) return;
      if (isFiltered() && !matches(row)) {
        field.value = "";
        for (const select of selects) select.value = "";
        state.query = [];
        state.choices.clear();
      }
      refresh(row);
    });
    refresh();
  };

  const sections = [...document.querySelectorAll("section.result")];
  for (const section of sections) improve(section);

  // A table that fits needs no stop of the Tab key to be scrolled by.
  const measure = () => {
    const regions = sections.map((section) => section.querySelector(".table"));
    const overflows = regions.map((region) =>
      region.scrollWidth > region.clientWidth || region.scrollHeight > region.clientHeight);
    regions.forEach((region, index) => { region.tabIndex = overflows[index] ? 0 : -1; });
  };
  addEventListener("load", measure);
  addEventListener("resize", measure);
})();
