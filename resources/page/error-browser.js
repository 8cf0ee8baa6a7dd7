"use strict";
// The error browser. Comments are written by strangers: they enter the page as text nodes only, and stay blurred until
// the reader shows them.

(() => {
  const root = document.querySelector(".browser");
  if (!root) return;
  const data = JSON.parse(document.getElementById("browser-data").textContent);
  const find = (name) => root.querySelector(`[name=${name}]`);
  const list = root.querySelector(".comments");
  const PAGE = 50;
  const KINDS = {
    "false-negative": "false negative",
    "false-positive": "false positive",
    correct: "correct",
    none: "not scored",
  };
  const chosen = {};
  let matches = [];
  let first = 0;
  let shown = false;

  // Thousandths as the report writes numbers: .612, 1.000; a dash for null.
  const decimal = (value) => (value === null ? "–" : (value / 1000).toFixed(3).replace(/^0/, ""));
  const searched = data.text.map((text, row) => `${text}\n${data.articles[data.article[row]]}`.toLowerCase());

  function element(tag, text = "", name = "") {
    const made = document.createElement(tag);
    made.textContent = text;
    if (name) made.className = name;
    return made;
  }

  function kind(row, model) {
    const p = data.p[model][row];
    if (p === null) return "none";
    if (p >= data.threshold === Boolean(data.label[row])) return "correct";
    return data.label[row] ? "false-negative" : "false-positive";
  }

  function matching(row) {
    const is = kind(row, chosen.model);
    return (chosen.kind === "all" || chosen.kind === is || (chosen.kind === "errors" && is.startsWith("false-")))
      && (chosen.article === "" || data.article[row] === Number(chosen.article))
      && (chosen.disagreement === 0 || data.disagreement[row] >= chosen.disagreement)
      && searched[row].includes(chosen.search);
  }

  // Smaller comes first; comments that the model did not score come last.
  function place(row) {
    const p = data.p[chosen.model][row];
    if (chosen.sort === "order") return row;
    if (chosen.sort === "disagreement") return -data.disagreement[row];
    if (p === null) return Infinity;
    if (chosen.sort === "error") return -Math.abs(p - 1000 * data.label[row]);
    if (chosen.sort === "close") return Math.abs(p - data.threshold);
    return chosen.sort === "high" ? -p : p;
  }

  function readControls() {
    for (const control of root.querySelectorAll("select, input")) chosen[control.name] = control.value;
    chosen.model = Number(chosen.model);
    chosen.disagreement = Number(chosen.disagreement);
    chosen.search = chosen.search.trim().toLowerCase();
    const rows = data.text.map((_, row) => row).filter(matching);
    const places = new Map(rows.map((row) => [row, place(row)]));
    // Equal places keep the order of the corpus; Infinity - Infinity is not a number, and so counts as equal.
    matches = rows.sort((a, b) => places.get(a) - places.get(b) || a - b);
    first = 0;
    draw();
  }

  // Words with the model's attention behind them, and the marks between them. Offsets count code points, as the
  // tokenizer does, and not the UTF-16 units of JavaScript's strings.
  function attended(box, row, weights) {
    const letters = Array.from(data.text[row]);
    const spans = data.words[row];
    const most = Math.max(...weights, 1);
    let end = 0;
    weights.forEach((weight, word) => {
      const [from, to] = [spans[2 * word], spans[2 * word + 1]];
      box.append(letters.slice(end, from).join(""));
      const span = element("span", letters.slice(from, to).join(""));
      span.style.backgroundColor = `rgb(0 114 178 / ${((0.5 * weight) / most).toFixed(3)})`;
      span.title = `attention ${decimal(weight)}`;
      box.append(span);
      end = to;
    });
    box.append(letters.slice(end).join(""));
  }

  function blur(box, on) {
    box.classList.toggle("blurred", on);
    if (on) {
      box.setAttribute("role", "button");
      box.setAttribute("aria-label", "Comment, blurred. Press to read it.");
      box.tabIndex = 0;
    } else {
      for (const name of ["role", "aria-label", "tabindex"]) box.removeAttribute(name);
    }
  }

  function allModels(row) {
    const folded = element("details");
    folded.append(element("summary", "All models"));
    folded.addEventListener("toggle", () => {
      if (folded.querySelector("table")) return;
      const table = element("table");
      data.models.forEach((name, model) => {
        const line = table.insertRow();
        const p = data.p[model][row];
        const bar = element("span", "", "bar");
        bar.append(element("i"));
        bar.firstChild.style.width = `${(p ?? 0) / 10}%`;
        for (const cell of [name, decimal(p), bar, KINDS[kind(row, model)]]) line.insertCell().append(cell);
      });
      folded.append(table);
    });
    return folded;
  }

  function comment(row) {
    const is = kind(row, chosen.model);
    const item = element("li", "", `comment ${is}`);
    const facts = element("div", "", "facts");
    const label = data.label[row] ? "hateful" : "not hateful";
    facts.append(
      element("b", KINDS[is]),
      element("span", `labelled ${label}`),
      element("b", `p ${decimal(data.p[chosen.model][row])}`),
      element("span", `disagreement ${decimal(data.disagreement[row])}`),
      element("span", data.articles[data.article[row]]),
    );
    const box = element("p", "", "text");
    box.dir = "auto";
    const weights = data.attention[chosen.model]?.[row];
    if (weights) attended(box, row, weights);
    else box.textContent = data.text[row];
    blur(box, !shown);
    if (weights) {
      const rest = Math.max(0, 1000 - weights.reduce((sum, weight) => sum + weight, 0));
      const elsewhere = element("span", `attention elsewhere ${decimal(rest)}`);
      elsewhere.title = "on the encoder's special tokens, and on the title where the model reads it";
      facts.append(elsewhere);
    }
    facts.append(element("code", data.id[row]));
    item.append(facts, box, allModels(row));
    return item;
  }

  function draw() {
    const total = { "false-negative": 0, "false-positive": 0, correct: 0, none: 0 };
    data.text.forEach((_, row) => { total[kind(row, chosen.model)] += 1; });
    const last = Math.min(first + PAGE, matches.length);
    const range = matches.length ? `Comments ${first + 1} to ${last} of ${matches.length}` : "No comment matches";
    root.querySelector(".count").textContent = `${range}. This model on all comments: `
      + `${total["false-negative"]} false negatives, ${total["false-positive"]} false positives, ${total.correct} correct${total.none ? `, ${total.none} not scored` : ""}.`;
    list.replaceChildren(...matches.slice(first, last).map(comment));
    find("previous").disabled = first === 0;
    find("next").disabled = last === matches.length;
  }

  function turn(pages) {
    first += pages * PAGE;
    draw();
    root.scrollIntoView();
  }

  function unblur(event) {
    const box = event.target.closest(".text.blurred");
    if (!box) return;
    event.preventDefault();
    blur(box, false);
  }

  data.models.forEach((name, model) => find("model").append(new Option(name, model)));
  data.articles.forEach((title, article) => find("article").append(new Option(title, article)));
  find("model").value = String(data.first);
  root.querySelectorAll("select").forEach((control) => control.addEventListener("change", readControls));
  find("search").addEventListener("input", readControls);
  find("previous").addEventListener("click", () => turn(-1));
  find("next").addEventListener("click", () => turn(1));
  find("show").addEventListener("click", () => {
    shown = !shown;
    find("show").textContent = shown ? "Blur comments" : "Show comments";
    find("show").setAttribute("aria-pressed", String(shown));
    list.querySelectorAll(".text").forEach((box) => blur(box, !shown));
  });
  list.addEventListener("click", unblur);
  list.addEventListener("keydown", (event) => { if (event.key === "Enter" || event.key === " ") unblur(event); });
  root.hidden = false;
  readControls();
})();
