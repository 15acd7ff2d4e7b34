// The evidence opens level by level: what a node rests on is fetched when it is opened first.
import { fetched, tell } from "./swap.js";

async function load(details) {
  const room = details.querySelector(":scope > .opened");
  room.setAttribute("aria-busy", "true");
  try {
    const { page } = await fetched(details.dataset.load);
    const found = page.getElementById("premises");
    if (!found) throw new Error("no premises");
    for (const list of found.querySelectorAll(".no-script")) list.remove();
    room.replaceChildren(...[...found.childNodes].map((node) => document.adoptNode(node)));
    details.dataset.loaded = "1";
  } catch {
    tell(document.body.dataset.failed);
  } finally {
    room.removeAttribute("aria-busy");
  }
}

export function opens(scope) {
  scope.addEventListener("toggle", (event) => {
    const details = event.target;
    if (details.open && details.dataset?.load && !details.dataset.loaded) load(details);
  }, true);
}
