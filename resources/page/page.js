"use strict";
// Contents, sortable tables and charts. Without it the page reads the same, with still pictures.

(() => {
  const contents = document.querySelector("nav details");
  const narrow = matchMedia("(max-width: 67.99rem)");
  const fit = () => { contents.open = !narrow.matches; };
  fit();
  narrow.addEventListener("change", fit);
  contents.addEventListener("click", (event) => {
    const link = event.target.closest("a");
    if (!link) return;
    const folded = document.getElementById(decodeURIComponent(link.hash.slice(1))).querySelector(":scope > details");
    if (folded) folded.open = true;
    if (narrow.matches) contents.open = false;
  });
  addEventListener("beforeprint", () => {
    document.querySelectorAll("section > details").forEach((folded) => { folded.open = true; });
  });

  const NOTHING = "–";
  const NUMBER = /^[-+]?\.?\d/;

  function sortRows(table, column, head) {
    const rows = [...table.tBodies[0].rows];
    const text = (row) => row.cells[column].textContent.trim();
    const numbers = rows.every((row) => text(row) === NOTHING || NUMBER.test(text(row)));
    const before = head.getAttribute("aria-sort");
    // The largest number, or the first name of the alphabet, is what a reader looks for first.
    const down = before ? before === "ascending" : numbers;
    const compare = (a, b) => {
      if (text(a) === NOTHING || text(b) === NOTHING) return (text(a) === NOTHING) - (text(b) === NOTHING);
      const order = numbers
        ? parseFloat(text(a)) - parseFloat(text(b))
        : text(a).localeCompare(text(b), "en", { numeric: true });
      return down ? -order : order;
    };
    for (const other of head.parentNode.cells) other.removeAttribute("aria-sort");
    head.setAttribute("aria-sort", down ? "descending" : "ascending");
    table.tBodies[0].append(...rows.sort(compare));
  }

  for (const table of document.querySelectorAll(".table table")) {
    if (!table.tBodies.length || table.tBodies[0].rows.length < 2) continue;
    [...table.tHead.rows[0].cells].forEach((head, column) => {
      const button = document.createElement("button");
      button.type = "button";
      button.append(...head.childNodes);
      button.addEventListener("click", () => sortRows(table, column, head));
      head.append(button);
    });
  }

  for (const figure of document.querySelectorAll("figure[data-chart]")) {
    const picture = figure.querySelector("img");
    const chart = document.createElement("div");
    chart.setAttribute("aria-label", picture.alt);
    chart.setAttribute("role", "figure");
    figure.append(chart);
    const spec = JSON.parse(document.getElementById(figure.dataset.chart).textContent);
    vegaEmbed(chart, spec, {
      mode: "vega-lite",
      renderer: "svg",
      ast: true, // expressions are interpreted: the page's policy forbids eval
      actions: { export: true, source: false, compiled: false, editor: false },
    }).then(() => { picture.hidden = true; }, (error) => {
      chart.remove();
      console.error(error);
    });
  }
})();
