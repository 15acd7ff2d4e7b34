// A value is proposed from the words of its property, as the ontology has them.
import { fetched } from "./swap.js";

export function fields(scope) {
  for (const pair of scope.querySelectorAll("[data-pair]")) {
    const property = pair.querySelector("select");
    const value = pair.querySelector("input");
    let known = "";
    const propose = async () => {
      if (!property.value || property.value === known) return;
      known = property.value;
      const url = new URL(value.dataset.values, location.href);
      url.search = new URLSearchParams({ property: property.value }).toString();
      const { page } = await fetched(url);
      const fresh = page.getElementById("values");
      if (!fresh) return;
      const name = `values-of-${value.id}`;
      document.getElementById(name)?.remove();
      const list = document.adoptNode(fresh);
      list.id = name;
      pair.append(list);
      value.setAttribute("list", name);
    };
    property.addEventListener("change", () => { value.value = ""; propose(); });
    value.addEventListener("focus", propose);
  }
}
