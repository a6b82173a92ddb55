// Going through a queue by keyboard: reminders to approve, customers to call. Everything works without.

const lines = () => [...document.querySelectorAll(".queue-line")];
const current = () => document.activeElement?.closest(".queue-line, .queue-look");
const lineOf = (part) => (part?.matches(".queue-look") ? part.previousElementSibling : part);
const lookOf = (line) => line?.nextElementSibling?.querySelector("td, .queue-look-here");
const ENABLED = "encours.queue.keys";
const keysAct = () => localStorage.getItem(ENABLED) !== "off";
const help = document.querySelector("#keys");
const hint = () => document.querySelector("[data-keys-hint]");

const go = (line) => {
  line?.focus({ preventScroll: true });
  line?.scrollIntoView({ block: "nearest" });
};
const move = (step) => {
  const all = lines();
  const place = all.indexOf(lineOf(current()));
  go(all[place < 0 ? (step > 0 ? 0 : all.length - 1) : Math.min(Math.max(place + step, 0), all.length - 1)]);
};
const open = async (line) => {
  const opener = line?.querySelector("[data-look]");
  const place = lookOf(line);
  if (!opener || !place) return null;
  if (!place.childElementCount) {
    await window.htmx.ajax("GET", opener.getAttribute("hx-get"), { source: opener, target: place, swap: "innerHTML" });
  }
  return place;
};
const close = (line) => {
  lookOf(line)?.replaceChildren();
  go(line);
};
const look = async () => {
  const line = lineOf(current());
  if (lookOf(line)?.childElementCount) close(line);
  else await open(line);
};
// the form of a letter opens beneath the line and has the cursor
const fill = async (key) => {
  const place = await open(lineOf(current()));
  place?.querySelector(`form[data-fill="${key}"] :is(input:not([type=hidden]), select, textarea)`)?.focus();
};
const press = (key) => {
  const line = lineOf(current());
  (line?.querySelector(`form[data-key="${key}"]`) ?? lookOf(line)?.querySelector(`form[data-key="${key}"]`))
    ?.querySelector("button")?.click();
};
const ACTIONS = {
  j: () => move(1),
  k: () => move(-1),
  v: look,
  a: () => press("a"),
  p: () => fill("p"),
  c: () => fill("c"),
  l: () => fill("l"),
  h: async () => (await open(lineOf(current())))?.querySelector("[data-hold]")?.click(),
  x: () => lineOf(current())?.querySelector("input[name=message]")?.click(),
  o: () => lineOf(current())?.querySelector("a")?.click(),
  "?": () => help?.showModal(),
};
const ON_A_LINE = { ArrowDown: () => move(1), ArrowUp: () => move(-1), Enter: look };
const WRITES = "select, textarea, input:not([type=checkbox]), [contenteditable]";

if (help) {
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || help.open) return;
    if (event.key === "Escape" && current()) {
      close(lineOf(current()));
      return;
    }
    if (event.target.closest(WRITES) || event.target.closest("dialog, details.menu")) return;
    const onLine = event.target.matches(".queue-line") && ON_A_LINE[event.key];
    const act = onLine || (keysAct() && ACTIONS[event.key]);
    if (!act || (event.repeat && !["j", "k", "ArrowDown", "ArrowUp"].includes(event.key))) return;
    event.preventDefault();
    act();
  });
  const opener = document.querySelector("[data-open-keys]");
  opener.hidden = false;
  opener.addEventListener("click", () => help.showModal());
  help.querySelector("[data-close-keys]").addEventListener("click", () => help.close());
  const enabled = help.querySelector("[data-keys-on]");
  const show = () => {
    enabled.checked = keysAct();
    if (hint()) hint().hidden = !keysAct();
  };
  enabled.addEventListener("change", () => {
    localStorage.setItem(ENABLED, enabled.checked ? "on" : "off");
    show();
  });
  document.addEventListener("htmx:afterSettle", show);
  show();
}

// an answered line closes what was open beneath it and hands the focus to the next one
document.addEventListener("htmx:afterSettle", (event) => {
  const line = event.detail.elt;
  if (!line?.matches?.(".queue-line[data-answered]")) return;
  lookOf(line)?.replaceChildren();
  const all = lines();
  const next = all.slice(all.indexOf(line) + 1).find((each) => !each.hasAttribute("data-answered"));
  go(next ?? line);
});
for (const failure of ["htmx:responseError", "htmx:sendError"]) {
  document.addEventListener(failure, () => location.reload());
}
