// The page works without this file; with it, parts of a page are exchanged in place.
import { swaps } from "./swap.js";
import { opens } from "./tree.js";
import { editors } from "./editor.js";
import { fields } from "./fields.js";

const root = document.documentElement;
root.classList.add("scripted");

function themes() {
  for (const link of document.querySelectorAll("[data-theme-is]")) {
    link.addEventListener("click", (event) => {
      event.preventDefault();
      const theme = link.dataset.themeIs;
      root.dataset.theme = theme;
      const secure = location.protocol === "https:" ? "; secure" : "";
      document.cookie = `ww_theme=${theme}; path=/; max-age=31536000; samesite=lax${secure}`;
      for (const other of document.querySelectorAll("[data-theme-is]")) {
        if (other === link) other.setAttribute("aria-current", "true");
        else other.removeAttribute("aria-current");
      }
    });
  }
}

function atOnce(scope) {
  const forms = [...scope.querySelectorAll("form[data-at-once] select"), ...scope.querySelectorAll("select[data-at-once]")];
  for (const select of forms) {
    let typed = false;
    select.addEventListener("keydown", () => { typed = true; });
    select.addEventListener("pointerdown", () => { typed = false; });
    select.addEventListener("change", () => {
      if (!typed) { select.form.requestSubmit(); return; }
      // By keys every value on the way is a change: it waits for the button.
      for (const button of select.form.querySelectorAll("button.no-script")) button.classList.remove("no-script");
    });
  }
}

function tabs(scope) {
  for (const set of scope.querySelectorAll("[data-tabs]")) {
    const list = set.querySelector("[role=tablist]");
    const all = [...list.querySelectorAll("[role=tab]")];
    if (all.length < 2) continue;
    list.hidden = false;
    const show = (chosen) => {
      for (const tab of all) {
        const on = tab === chosen;
        tab.setAttribute("aria-selected", String(on));
        tab.tabIndex = on ? 0 : -1;
        const panel = document.getElementById(tab.getAttribute("aria-controls"));
        panel.setAttribute("role", "tabpanel");
        panel.hidden = !on;
      }
    };
    list.addEventListener("click", (event) => { const tab = event.target.closest("[role=tab]"); if (tab) show(tab); });
    list.addEventListener("keydown", (event) => {
      const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
      if (!step) return;
      const next = all[(all.indexOf(document.activeElement) + step + all.length) % all.length];
      show(next);
      next.focus();
    });
    show(all[0]);
  }
}

function middles(scope) {
  // The root of the evidence stands half-way down its picture.
  for (const image of scope.querySelectorAll(".graph img")) {
    const box = image.parentElement;
    const line = box.parentElement.querySelector("[data-drawing]");
    const ends = () => {
      box.scrollTop = (box.scrollHeight - box.clientHeight) / 2;
      box.removeAttribute("aria-busy");
      if (line) line.hidden = true;
    };
    if (image.complete) { ends(); continue; }
    box.setAttribute("aria-busy", "true");
    if (line) line.hidden = false;
    image.addEventListener("load", ends);
    image.addEventListener("error", ends);
  }
}

function enliven(scope) {
  atOnce(scope);
  tabs(scope);
  middles(scope);
  editors(scope);
  fields(scope);
}

// A piece that several looks hold is locked in all of them; what is locked already has its box above.
function locks() {
  document.addEventListener("change", ({ target }) => {
    if (!target.matches("input[name=lock]")) return;
    for (const other of document.querySelectorAll("input[name=lock]")) {
      if (other.value === target.value) other.checked = target.checked;
    }
    for (const label of target.labels) {
      if (label.htmlFor) label.classList.toggle("held", target.checked);
    }
  });
}

// Whoever made a change goes on from where it is told.
function goesOn() {
  const done = document.querySelector("main > .done");
  if (!done) return;
  done.tabIndex = -1;
  done.focus({ preventScroll: true });
}

themes();
locks();
goesOn();
document.querySelector(".ways [aria-current]")?.scrollIntoView({ block: "nearest", inline: "center" });
enliven(document);
opens(document);
swaps(enliven);
