// Text with line numbers; what is wrong is marked at its line and column while it is written.
import { fetched, tell } from "./swap.js";

const WAIT = 450;

function lineStarts(text) {
  const starts = [0];
  for (let at = text.indexOf("\n"); at >= 0; at = text.indexOf("\n", at + 1)) starts.push(at + 1);
  return starts;
}

function numbered(gutter, text, wrong) {
  const count = text.split("\n").length;
  gutter.replaceChildren();
  for (let line = 1; line <= count; line += 1) {
    const row = document.createElement("span");
    row.textContent = `${line}\n`;
    if (wrong.has(line)) row.className = "wrong";
    gutter.append(row);
  }
}

function marked(mirror, text, places) {
  const starts = lineStarts(text);
  const spans = places
    .filter((one) => one.line >= 1 && one.line <= starts.length)
    .map((one) => {
      const from = starts[one.line - 1] + Math.max(one.column - 1, 0);
      const lineEnd = (starts[one.line] ?? text.length + 1) - 1;
      const to = one.end > one.column ? starts[one.line - 1] + one.end - 1 : from + 1;
      return [Math.min(from, lineEnd), Math.max(Math.min(to, lineEnd), Math.min(from, lineEnd))];
    })
    .sort((a, b) => a[0] - b[0]);
  mirror.replaceChildren();
  let done = 0;
  for (const [from, to] of spans) {
    if (from < done) continue;
    const mark = document.createElement("mark");
    mark.textContent = text.slice(from, to) || " ";
    mirror.append(text.slice(done, from), mark);
    done = to;
  }
  mirror.append(text.slice(done), "\n");
}

function placesIn(verdict) {
  return [...verdict.querySelectorAll("[data-line]")].map((one) => ({
    line: Number(one.dataset.line), column: Number(one.dataset.column), end: Number(one.dataset.end),
  }));
}

function editor(box) {
  if (box.dataset.ready) return;
  box.dataset.ready = "1";
  const text = box.querySelector("textarea");
  const gutter = box.querySelector(".gutter");
  const mirror = box.querySelector(".mirror");
  const form = text.form;
  const verdict = form.querySelector("[data-verdict]");
  let places = verdict ? placesIn(verdict) : [];
  const saved = text.value;
  let asked = 0;
  let timer = 0;

  const draw = () => {
    numbered(gutter, text.value, new Set(places.map((one) => one.line)));
    if (mirror) marked(mirror, text.value, places);
  };
  const follow = () => {
    gutter.scrollTop = text.scrollTop;
    if (mirror) { mirror.scrollTop = text.scrollTop; mirror.scrollLeft = text.scrollLeft; }
  };
  const check = async () => {
    asked += 1;
    const mine = asked;
    const body = new URLSearchParams({ text: text.value, wardrobe: form.elements.wardrobe?.value ?? "" });
    try {
      const { page } = await fetched(box.dataset.check, { method: "POST", body });
      const found = page.getElementById("checked") ?? page.querySelector(".problem");
      if (mine !== asked || !found) return;
      const before = verdict.querySelector("p")?.textContent;
      verdict.replaceChildren(...[...found.childNodes].map((node) => document.adoptNode(node)));
      places = placesIn(verdict);
      draw();
      const now = verdict.querySelector("p")?.textContent;
      if (now !== before) tell(now);
    } catch {
      tell(document.body.dataset.failed);
    }
  };
  text.addEventListener("input", () => {
    draw();
    follow();
    if (!box.dataset.check) return;
    clearTimeout(timer);
    timer = setTimeout(check, WAIT);
  });
  text.addEventListener("scroll", follow);
  verdict?.addEventListener("click", (event) => {
    const button = event.target.closest("[data-line]");
    if (!button) return;
    const starts = lineStarts(text.value);
    const line = Number(button.dataset.line);
    const from = (starts[line - 1] ?? 0) + Math.max(Number(button.dataset.column) - 1, 0);
    const end = Number(button.dataset.end);
    text.focus();
    text.setSelectionRange(from, end > Number(button.dataset.column) ? (starts[line - 1] ?? 0) + end - 1 : from + 1);
    text.scrollTop = Math.max(0, (line - 6) * parseFloat(getComputedStyle(text).lineHeight));
  });
  if (box.dataset.check) {
    let leaving = false;
    document.addEventListener("submit", (event) => {
      leaving = true; // unless only a part of the page is exchanged
      setTimeout(() => { leaving = !event.defaultPrevented; }, 0);
    });
    window.addEventListener("beforeunload", (event) => {
      if (!leaving && text.value !== saved) event.preventDefault();
    });
    if (!text.readOnly) check();
  }
  draw();
}

export function editors(scope) {
  for (const box of scope.querySelectorAll(".editor")) editor(box);
}
