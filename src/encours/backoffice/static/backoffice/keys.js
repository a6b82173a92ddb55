// Going through a list by keyboard: what every list has alike. Everything works without.

const WRITES = "select, textarea, input:not([type=checkbox]), [contenteditable]";
// a key held down moves on; it does not answer one row after the other
const REPEATED = ["j", "k", "ArrowDown", "ArrowUp"];
// rows answered here, the last one last: what `z` takes back
const answered = [];

export const go = (row) => {
  row?.focus({ preventScroll: true });
  row?.scrollIntoView({ block: "nearest" });
};
export const move = (rows, current, step) => {
  const place = rows.indexOf(current);
  go(rows[place < 0 ? (step > 0 ? 0 : rows.length - 1) : Math.min(Math.max(place + step, 0), rows.length - 1)]);
};
export const search = () => document.querySelector("form[role=search] input[type=search]")?.focus();
export const forget = () => {
  answered.length = 0;
};
// `press` says whether the row it is given could be taken back
export const takeBack = (press) => {
  while (answered.length) {
    if (press(document.getElementById(answered.pop()))) return;
  }
};

// `actions` by key, which a person may switch off under `name`. What is in `onRow` is no character, so it acts on a row
// (`row` selects them) that has the focus even then. `onEscape` says whether it did something.
export const listen = ({ name, row, actions, onRow, onEscape = () => false }) => {
  const help = document.querySelector("#keys"); // a page of one row has none
  const enabledAt = `encours.${name}.keys`;
  const keysAct = () => localStorage.getItem(enabledAt) !== "off";
  const all = { ...actions, "?": () => help?.showModal() };
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || help?.open) return;
    if (event.key === "Escape" && onEscape(event.target)) return;
    if (event.target.closest(WRITES) || event.target.closest("dialog, details.menu")) return;
    // what the arrows and Enter do on a button, a link or a box is theirs
    const act = (event.target.matches(row) && onRow[event.key]) || (keysAct() && all[event.key]);
    if (!act || (event.repeat && !REPEATED.includes(event.key))) return;
    event.preventDefault();
    act();
  });
  if (!help) return;
  const opener = document.querySelector("[data-open-keys]");
  opener.hidden = false;
  opener.addEventListener("click", () => help.showModal());
  help.querySelector("[data-close-keys]").addEventListener("click", () => help.close());
  const enabled = help.querySelector("[data-keys-on]");
  const show = () => {
    enabled.checked = keysAct();
    const hint = document.querySelector("[data-keys-hint]");
    if (hint) hint.hidden = !keysAct();
    document.body.classList.toggle("keys-off", !keysAct());
  };
  enabled.addEventListener("change", () => {
    localStorage.setItem(enabledAt, enabled.checked ? "on" : "off");
    show();
  });
  document.addEventListener("htmx:afterSettle", show);
  show();
};

// an answered row hands the focus to the next one; one that was refused or taken back keeps it
export const handOn = (row, told = () => {}) => {
  document.addEventListener("htmx:afterSwap", (event) => {
    const target = event.detail.target;
    if (!target?.matches?.(row)) return;
    const found = document.getElementById(target.id);
    if (!found) return;
    const isAnswered = found.hasAttribute("data-answered");
    if (isAnswered) answered.push(found.id);
    told(found);
    const next = isAnswered ? found.nextElementSibling : null;
    document.addEventListener("htmx:afterSettle", () => go(next?.matches(row) ? next : document.getElementById(found.id)), { once: true });
  });
};

// what the server could not do at all is said by its own page
for (const failure of ["htmx:responseError", "htmx:sendError"]) {
  document.addEventListener(failure, () => location.reload());
}
