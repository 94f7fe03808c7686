"use strict";
(() => {
  const words = JSON.parse(document.getElementById("words").textContent);
  const all = (selector, under = document) => [...under.querySelectorAll(selector)];

  const speak = (locale) => {
    const at = locale === "zh" ? 0 : 1;
    document.documentElement.lang = at ? "en" : "zh-CN";
    for (const one of all("[data-word]")) one.textContent = words[one.dataset.word][at];
    for (const one of all("[data-word-label]")) one.setAttribute("aria-label", words[one.dataset.wordLabel][at]);
    for (const one of all("[data-locale]")) one.setAttribute("aria-pressed", String(one.dataset.locale === locale));
  };
  for (const one of all("[data-locale]")) one.addEventListener("click", () => speak(one.dataset.locale));
  speak(document.documentElement.lang === "en" ? "en" : "zh");

  const key = (row, column) => {
    const cell = row.cells[column];
    return cell.dataset.sort === undefined ? cell.textContent : Number(cell.dataset.sort);
  };
  const order = (one, other) => typeof one === "number" ? one - other : one.localeCompare(other);
  for (const button of all(".sort")) {
    button.addEventListener("click", () => {
      const head = button.closest("th");
      const body = head.closest("table").tBodies[0];
      const up = head.getAttribute("aria-sort") !== "ascending";
      for (const other of head.parentNode.cells) other.removeAttribute("aria-sort");
      head.setAttribute("aria-sort", up ? "ascending" : "descending");
      const rows = [...body.rows].sort((one, other) => order(key(one, head.cellIndex), key(other, head.cellIndex)));
      body.append(...(up ? rows : rows.reverse()));
    });
  }

  const search = document.getElementById("search");
  const kind = document.getElementById("kind");
  const items = all("#errors > li").map((item) => ({ item, text: item.textContent.toLowerCase() }));
  let pair = "";
  const filter = () => {
    const wanted = search.value.trim().toLowerCase();
    let shown = 0;
    for (const { item, text } of items) {
      const fits = text.includes(wanted) && (!kind.value || item.dataset.kinds.split(" ").includes(kind.value)) &&
        (!pair || item.dataset.pair === pair);
      item.hidden = !fits;
      shown += fits;
    }
    document.getElementById("count").textContent = `${shown} / ${items.length}`;
    document.getElementById("chosen").textContent = pair ? ` · ${pair}` : "";
    document.getElementById("nothing").hidden = shown > 0;
  };
  search.addEventListener("input", filter);
  kind.addEventListener("change", filter);
  search.form.addEventListener("submit", (event) => event.preventDefault());
  search.form.addEventListener("reset", () => { pair = ""; setTimeout(filter); });
  for (const button of all("button.pair")) {
    button.addEventListener("click", () => {
      search.form.reset();
      pair = button.dataset.pair;
      setTimeout(() => {
        filter();
        const title = document.getElementById("errors-title");
        title.tabIndex = -1;
        title.focus();
        title.scrollIntoView();
      });
    });
  }
  filter();
})();
