// Shows the reviews of the confusion cell that the fragment names: #e1-cell-<label>-<predicted>.
// Without it the page is whole but for these reviews. Text is only ever set as text, never as markup.
"use strict";
(() => {
  const data = JSON.parse(document.getElementById("data").textContent);
  const SVG = "http://www.w3.org/2000/svg";

  const make = (name, className, text) => {
    const element = document.createElement(name);
    if (className) element.className = className;
    if (text !== undefined) element.textContent = text;
    return element;
  };
  const own = (object, key) => (Object.hasOwn(object, key) ? object[key] : undefined);
  const count = (number) => number.toLocaleString("en-US");
  const reviews = (number) => `${count(number)} review${number === 1 ? "" : "s"}`;
  const percent = (share) =>
    share === 1 ? "100\u00a0%" : share > 0.9995 ? ">99.9\u00a0%" : share > 0 && share < 0.0005 ? "<0.1\u00a0%" : `${(share * 100).toFixed(1)}\u00a0%`;

  const shape = (name, attributes) => {
    const element = document.createElementNS(SVG, name);
    for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, String(value));
    return element;
  };

  // The same drawing as charts.probabilities.
  const bars = (shares, gold, predicted) => {
    const step = shares.length <= 8 ? 14 : Math.max(3, Math.floor(112 / shares.length));
    const width = step * shares.length;
    const svg = shape("svg", { viewBox: `0 0 ${width} 37`, width, height: 37, class: "chart shares", "aria-hidden": "true" });
    shares.forEach((share, place) => {
      const role = place !== predicted ? "other" : place === gold ? "hit" : "miss";
      const height = Math.max(1, 26 * share);
      svg.append(shape("rect", { class: `p ${role}`, x: place * step, y: 27 - height, width: step - 2, height }));
    });
    svg.append(shape("line", { class: "base", x1: 0, x2: width - 2, y1: 27.5, y2: 27.5 }));
    svg.append(shape("circle", { class: "label-dot", cx: gold * step + step / 2 - 1, cy: 33, r: 2.75 }));
    return svg;
  };

  const row = (shown, evaluation, texts, gold, predicted) => {
    const [id, ...shares] = shown;
    const line = make("tr");
    const sure = make("td", "name", percent(shares[predicted]));
    if (gold !== predicted) sure.append(make("small", "", `label ${percent(shares[gold])}`));
    const drawn = make("td", "drawn");
    drawn.title = evaluation.classes.map((name, place) => `${name}: ${percent(shares[place])}`).join("\n");
    drawn.append(bars(shares, gold, predicted));
    const review = make("td", "review");
    const text = own(texts, id);
    if (text !== undefined) {
      const paragraph = make("p", "", text);
      paragraph.dir = "auto";
      review.append(paragraph);
    }
    review.append(make("small", "", id));
    line.append(sure, drawn, review);
    return line;
  };

  const rule = (total, shown) => {
    if (total === shown) return "All of them, the surest first.";
    const surest = Math.floor(shown / 2);
    return `${count(shown)} of ${count(total)}: the ${surest} that the classifier was most sure of, then ${shown - surest} drawn at random from the rest.`;
  };

  const show = (name, gold, predicted) => {
    const evaluation = own(data.evaluations, name);
    const cell = evaluation && own(evaluation.cells, `${gold}-${predicted}`);
    const panel = document.getElementById(`${name}-panel`);
    if (!cell || !panel) return;
    const texts = own(data.texts, evaluation.set) ?? {};
    const head = make("tr");
    for (const title of ["Sure", "Probabilities", "Review"]) {
      const column = make("th", "", title);
      column.scope = "col";
      head.append(column);
    }
    const table = make("table", "examples");
    table.createTHead().append(head);
    table.createTBody().append(...cell.shown.map((shown) => row(shown, evaluation, texts, gold, predicted)));
    const heading = make("h4", "", reviews(cell.total));
    heading.append(make("span", "quiet", " labelled "), evaluation.classes[gold]);
    heading.append(make("span", "quiet", ", predicted "), evaluation.classes[predicted]);
    const close = make("a", "close", "Close");
    close.href = `#${name}-confusion`;
    const scroll = make("div", "scroll");
    scroll.append(table);
    panel.replaceChildren(close, heading, make("p", "note", rule(cell.total, cell.shown.length)), scroll);
    panel.hidden = false;
    panel.focus({ preventScroll: true });
    panel.scrollIntoView({ block: "nearest" });
  };

  const follow = () => {
    for (const panel of document.querySelectorAll(".panel")) {
      panel.hidden = true;
      panel.replaceChildren();
    }
    for (const link of document.querySelectorAll(".confusion [aria-current]")) link.removeAttribute("aria-current");
    const found = /^#(e\d+)-cell-(\d+)-(\d+)$/.exec(location.hash);
    if (!found) return;
    show(found[1], Number(found[2]), Number(found[3]));
    for (const link of document.querySelectorAll(`.confusion a[href="${found[0]}"]`)) link.setAttribute("aria-current", "true");
  };

  addEventListener("hashchange", follow);
  follow();
})();
