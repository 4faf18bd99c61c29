// Shows the reviews that the fragment names: those of a confusion cell, #e1-cell-<label>-<predicted>, or those that
// flipped, #r1-lost, #r1-gained, #r1-changed. Without it the page is whole but for these reviews.
// Text is only ever set as text, never as markup.
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
  // The most probable class, the first one on a tie.
  const top = (shares) => shares.indexOf(Math.max(...shares));

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

  const spoken = (shares, classes, between) => classes.map((name, place) => `${name}: ${percent(shares[place])}`).join(between);

  // Text and id of a review.
  const review = (id, texts) => {
    const cell = make("td", "review");
    const text = own(texts, id);
    if (text !== undefined) {
      const paragraph = make("p", "", text);
      paragraph.dir = "auto";
      cell.append(paragraph);
    }
    cell.append(make("small", "", id));
    return cell;
  };

  const tableOf = (className, caption, titles, rows) => {
    const head = make("tr");
    for (const [title, small] of titles) {
      const column = make("th", "", title);
      column.scope = "col";
      if (small) column.append(make("small", "", small));
      head.append(column);
    }
    const table = make("table", className);
    table.createTHead().append(head);
    table.createTBody().append(...rows);
    const scroll = make("div", "scroll");
    scroll.tabIndex = 0;
    scroll.setAttribute("role", "region");
    scroll.setAttribute("aria-label", caption);
    scroll.append(table);
    return scroll;
  };

  const fill = (panel, home, heading, note, table) => {
    const close = make("a", "close", "Close");
    close.href = home;
    panel.replaceChildren(close, heading, make("p", "note", note), table);
    panel.hidden = false;
    panel.focus({ preventScroll: true });
  };

  const inCell = (shown, classes, texts, gold, predicted) => {
    const [id, ...shares] = shown;
    const line = make("tr");
    const sure = make("td", "name", percent(shares[predicted]));
    if (gold !== predicted) sure.append(make("small", "", `label ${percent(shares[gold])}`));
    const drawn = make("td", "drawn");
    drawn.title = spoken(shares, classes, "\n");
    drawn.append(bars(shares, gold, predicted));
    line.append(sure, drawn, review(id, texts));
    return line;
  };

  const ofCell = (total, shown) => {
    if (total === shown) return "All of them, the surest first.";
    const surest = Math.floor(shown / 2);
    return `${count(shown)} of ${count(total)}: the ${surest} that the classifier was most sure of, then ${shown - surest} drawn at random from the rest.`;
  };

  const showCell = ([, name, label, prediction]) => {
    const [gold, predicted] = [Number(label), Number(prediction)];
    const evaluation = own(data.evaluations, name);
    const cell = evaluation && own(evaluation.cells, `${gold}-${predicted}`);
    const panel = document.getElementById(`${name}-panel`);
    if (!cell || !panel) return;
    const { classes } = evaluation;
    const texts = own(data.texts, evaluation.set) ?? {};
    const heading = make("h4", "", reviews(cell.total));
    heading.append(make("span", "quiet", " labelled "), classes[gold]);
    heading.append(make("span", "quiet", ", predicted "), classes[predicted]);
    const rows = cell.shown.map((shown) => inCell(shown, classes, texts, gold, predicted));
    const table = tableOf("examples", "Reviews of this cell", [["Sure"], ["Probabilities"], ["Review"]], rows);
    fill(panel, `#${name}-confusion`, heading, ofCell(cell.total, cell.shown.length), table);
    panel.scrollIntoView({ block: "nearest" });
  };

  // What one of the two classifiers says of a review that flipped.
  const side = (title, shares, classes, gold) => {
    const predicted = top(shares);
    const cell = make("td", "side");
    cell.dataset.label = title;
    const drawn = bars(shares, gold, predicted);
    drawn.removeAttribute("aria-hidden");
    drawn.setAttribute("role", "img");
    drawn.setAttribute("aria-label", spoken(shares, classes, ", "));
    const hover = shape("title", {});
    hover.textContent = spoken(shares, classes, ", ");
    drawn.prepend(hover);
    const said = make("p", "", classes[predicted]);
    said.append(make("small", "", percent(shares[predicted])));
    cell.append(drawn, said);
    return cell;
  };

  const flipped = ([id, gold, reference, candidate], classes, texts) => {
    const line = make("tr");
    const label = make("td", "name", classes[gold]);
    label.append(make("small", "", `${percent(reference[gold])} → ${percent(candidate[gold])}`));
    line.append(label, side("Reference", reference, classes, gold), side("Candidate", candidate, classes, gold), review(id, texts));
    return line;
  };

  const showFlips = ([, name, kind]) => {
    const comparison = own(data.comparisons, name);
    const group = comparison && own(comparison.kinds, kind);
    const panel = document.getElementById(`${name}-panel`);
    if (!group || !group.shown.length || !panel) return;
    const texts = own(data.texts, comparison.set) ?? {};
    const heading = make("h4", "", `${group.title}: ${reviews(group.total)}`);
    const shown = group.shown.length === group.total ? "All of them" : `${count(group.shown.length)} of ${count(group.total)}`;
    const note = `${group.meaning[0].toUpperCase()}${group.meaning.slice(1)}. ${shown}, the largest change of the label's probability first.`;
    const rows = group.shown.map((one) => flipped(one, comparison.classes, texts));
    const table = tableOf("examples flips", `${group.title} reviews`, [["Label", "its probability"], ["Reference"], ["Candidate"], ["Review"]], rows);
    fill(panel, `#${name}-flips`, heading, note, table);
    // The whole kind takes the place of the first reviews of all kinds.
    panel.nextElementSibling.hidden = true;
    const title = document.getElementById(`${name}-flips`);
    const { top: above } = title.getBoundingClientRect();
    if (above < 0 || above > innerHeight / 2) title.scrollIntoView({ block: "start" });
  };

  const routes = [
    [/^#(e\d+)-cell-(\d+)-(\d+)$/, showCell],
    [/^#(r\d+)-(lost|gained|changed)$/, showFlips],
  ];

  const follow = () => {
    for (const panel of document.querySelectorAll(".panel")) {
      panel.hidden = true;
      panel.replaceChildren();
    }
    for (const first of document.querySelectorAll(".first-flips")) first.hidden = false;
    for (const link of document.querySelectorAll("[aria-current]")) link.removeAttribute("aria-current");
    for (const [pattern, show] of routes) {
      const found = pattern.exec(location.hash);
      if (!found) continue;
      show(found);
      const links = document.querySelectorAll(`.confusion a[href="${found[0]}"], .kinds a[href="${found[0]}"]`);
      for (const link of links) link.setAttribute("aria-current", "true");
    }
  };

  addEventListener("hashchange", follow);
  follow();
})();
