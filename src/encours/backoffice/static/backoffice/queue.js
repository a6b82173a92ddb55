// Going through a queue by keyboard: reminders to approve, customers to call. Everything works without.

import { go, listen, move } from "./keys.js";

const lines = () => [...document.querySelectorAll(".queue-line")];
const current = () => document.activeElement?.closest(".queue-line, .queue-look");
const lineOf = (part) => (part?.matches(".queue-look") ? part.previousElementSibling : part);
const lookOf = (line) => line?.nextElementSibling?.querySelector("td, .queue-look-here");

const step = (by) => move(lines(), lineOf(current()), by);
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
  j: () => step(1),
  k: () => step(-1),
  v: look,
  a: () => press("a"),
  p: () => fill("p"),
  c: () => fill("c"),
  l: () => fill("l"),
  h: async () => (await open(lineOf(current())))?.querySelector("[data-hold]")?.click(),
  x: () => lineOf(current())?.querySelector("input[name=message]")?.click(),
  o: () => lineOf(current())?.querySelector("a")?.click(),
};

listen({
  name: "queue",
  row: ".queue-line",
  actions: ACTIONS,
  onRow: { ArrowDown: () => step(1), ArrowUp: () => step(-1), Enter: look },
  onEscape: () => {
    const line = lineOf(current());
    if (line) close(line);
    return Boolean(line);
  },
});

// an answered line closes what was open beneath it and hands the focus to the next one
document.addEventListener("htmx:afterSettle", (event) => {
  const line = event.detail.elt;
  if (!line?.matches?.(".queue-line[data-answered]")) return;
  lookOf(line)?.replaceChildren();
  const all = lines();
  const next = all.slice(all.indexOf(line) + 1).find((each) => !each.hasAttribute("data-answered"));
  go(next ?? line);
});
