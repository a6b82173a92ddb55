// What the last check found wrong is told beside the fields, too: the server says it once, in the list above them.
const tell = () => {
  const found = new Map();
  for (const item of document.querySelectorAll("#live [data-for]")) {
    const said = document.createElement("li");
    said.textContent = item.querySelector(".said").textContent;
    if (item.classList.contains("warning")) said.className = "told";
    found.set(item.dataset.for, [...(found.get(item.dataset.for) ?? []), said]);
  }
  for (const list of document.querySelectorAll("#editor .field-errors")) {
    const name = list.id.replace(/_problems$/, "");
    const said = found.get(name) ?? [];
    list.replaceChildren(...said);
    const field = document.getElementById(name);
    if (said.some((item) => !item.className)) field?.setAttribute("aria-invalid", "true");
    else field?.removeAttribute("aria-invalid");
  }
};
document.addEventListener("htmx:afterSettle", tell);
