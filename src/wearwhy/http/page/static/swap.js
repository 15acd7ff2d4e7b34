// Forms that name a part of the page (data-into="#part") exchange that part and nothing else.
// The server answers with a whole page; the part of the same name is taken from it.
const said = () => document.getElementById("said");

export function tell(text) {
  const region = said();
  region.textContent = "";
  if (text) setTimeout(() => { region.textContent = text; }, 60);
}

export function token() {
  return document.querySelector("meta[name=csrf]")?.content ?? "";
}

export async function fetched(url, options = {}) {
  const headers = { "X-Part": "1", "X-CSRF-Token": token(), ...(options.headers ?? {}) };
  const answer = await fetch(url, { credentials: "same-origin", ...options, headers });
  const text = await answer.text();
  return { answer, page: new DOMParser().parseFromString(text, "text/html") };
}

function request(form, submitter) {
  const method = (submitter?.getAttribute("formmethod") || form.method).toUpperCase();
  const url = new URL(submitter?.hasAttribute("formaction") ? submitter.formAction : form.action, location.href);
  const data = new FormData(form, submitter);
  if (method === "GET") {
    const said = [...data].filter(([, value]) => typeof value === "string" && value !== "");
    // What two boxes say is said once.
    url.search = new URLSearchParams([...new Map(said.map((one) => [JSON.stringify(one), one])).values()]).toString();
    return { url, method, options: {} };
  }
  const plain = form.enctype !== "multipart/form-data";
  return { url, method, options: { method, body: plain ? new URLSearchParams(data) : data } };
}

// What never became a page (too large, too often, no server) is told where the part would be.
function failure(part, status) {
  const told = document.body.dataset;
  const text = { 413: told.failedMuch, 429: told.failedMuch, 503: told.failedBusy, 0: told.failedReach }[status] ?? told.failed;
  const box = document.createElement("div");
  box.className = "problem unmade";
  box.setAttribute("role", "alert");
  const head = document.createElement("p");
  head.className = "problem-head";
  head.textContent = text;
  box.append(head);
  part.querySelector(":scope > .unmade")?.remove();
  part.prepend(box);
  box.scrollIntoView({ block: "nearest", behavior: "auto" });
}

async function exchange(form, submitter, into, enliven) {
  const part = document.querySelector(into);
  const { url, method, options } = request(form, submitter);
  part.setAttribute("aria-busy", "true");
  if (submitter) submitter.disabled = true;
  tell(submitter?.dataset.said || document.body.dataset.busy);
  let status = 0;
  try {
    const { answer, page } = await fetched(url, options);
    status = answer.status;
    if (answer.redirected && !page.querySelector(into)) { location.assign(answer.url); return; }
    const fresh = page.querySelector(into) ?? page.querySelector(".problem");
    if (!fresh) throw new Error("no part");
    if (fresh.matches(".problem")) {
      part.replaceChildren(document.adoptNode(fresh));
    } else {
      part.replaceChildren(...[...fresh.childNodes].map((node) => document.adoptNode(node)));
      if (fresh.dataset.announce) tell(fresh.dataset.announce);
      else tell("");
    }
    // What was made stands at an address of its own, which can be opened again.
    if (method === "POST" && answer.redirected) history.replaceState(null, "", answer.url);
    if (method === "GET" && into === form.dataset.into && !submitter?.dataset.into) history.replaceState(null, "", url);
    enliven(part);
    const first = part.querySelector(".problem") ?? part;
    if (!first.hasAttribute("tabindex")) first.tabIndex = -1;
    first.focus({ preventScroll: true });
    if (submitter?.dataset.into || method === "POST") first.scrollIntoView({ block: "nearest", behavior: "auto" });
  } catch {
    tell("");
    failure(part, status);
    if (submitter) { submitter.disabled = false; submitter.focus(); }
  } finally {
    part.removeAttribute("aria-busy");
    if (submitter) submitter.disabled = false;
  }
}

export function swaps(enliven) {
  document.addEventListener("submit", (event) => {
    const form = event.target;
    const submitter = event.submitter;
    const into = submitter?.dataset.into ?? form.dataset.into;
    // What leads to another state of the whole page is left to the browser.
    if (submitter?.hasAttribute("data-whole")) return;
    if (!into || !document.querySelector(into)) return;
    event.preventDefault();
    exchange(form, submitter, into, enliven);
  });
}
