// Going through replies by keyboard. Everything works without.

const cards = () => [...document.querySelectorAll(".reply")];
const current = () => document.activeElement?.closest(".reply");
const ENABLED = "encours.receipts.keys";
const keysAct = () => localStorage.getItem(ENABLED) !== "off";
const help = document.querySelector("#keys");
const hint = document.querySelector("[data-keys-hint]");
const page = document.querySelector("[data-reply-page]");
// replies answered here, the last one last: what `z` takes back
const answered = [];

const go = (card) => {
  card?.focus({ preventScroll: true });
  card?.scrollIntoView({ block: "nearest" });
};
const move = (step) => {
  const all = cards();
  const place = all.indexOf(current());
  go(all[place < 0 ? (step > 0 ? 0 : all.length - 1) : Math.min(Math.max(place + step, 0), all.length - 1)]);
};
const press = (key, place = page ? document : current()) => {
  const form = place?.querySelector(`form[data-key="${key}"]`);
  form?.requestSubmit();
  return Boolean(form);
};
const takeBack = () => {
  while (answered.length) {
    if (press("u", document.getElementById(answered.pop()))) return;
  }
};
const follow = (selector, place = document) => place?.querySelector(selector)?.click();
const ACTIONS = {
  a: () => press("a"),
  d: () => press("d"),
  u: () => press("u"),
  "?": () => help?.showModal(),
  "/": () => document.querySelector("form[role=search] input[type=search]")?.focus(),
  ...(page
    ? { n: () => follow("[data-next]"), e: () => document.querySelector("[name=intent]")?.focus() }
    : { j: () => move(1), k: () => move(-1), z: takeBack, o: () => follow("[data-open]", current()) }),
};
const ON_A_CARD = { ArrowDown: () => move(1), ArrowUp: () => move(-1), Enter: () => press("a") };
const WRITES = "select, textarea, input:not([type=checkbox]), [contenteditable]";

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || help?.open) return;
  if (event.target.closest(WRITES) || event.target.closest("dialog, details.menu")) return;
  const onCard = event.target.matches(".reply") ? ON_A_CARD[event.key] : undefined;
  const act = onCard ?? (keysAct() ? ACTIONS[event.key] : undefined);
  if (!act || (event.repeat && !["j", "k", "ArrowDown", "ArrowUp"].includes(event.key))) return;
  event.preventDefault();
  act();
});

if (help) {
  const open = document.querySelector("[data-open-keys]");
  open.hidden = false;
  open.addEventListener("click", () => help.showModal());
  help.querySelector("[data-close-keys]").addEventListener("click", () => help.close());
  const enabled = help.querySelector("[data-keys-on]");
  const show = () => {
    enabled.checked = keysAct();
    if (hint) hint.hidden = !keysAct();
  };
  enabled.addEventListener("change", () => {
    localStorage.setItem(ENABLED, enabled.checked ? "on" : "off");
    show();
  });
  show();
}

// an answered reply hands the focus to the next one; one that was refused keeps it
document.addEventListener("htmx:afterSwap", (event) => {
  const target = event.detail.target;
  if (!target?.matches?.(".reply")) return;
  const card = document.getElementById(target.id);
  if (!card) return;
  const isAnswered = card.hasAttribute("data-answered");
  if (isAnswered) answered.push(card.id);
  const told = document.querySelector("#told");
  if (told) told.textContent = card.querySelector(".line-told")?.textContent ?? "";
  const next = isAnswered ? card.nextElementSibling : null;
  document.addEventListener("htmx:afterSettle", () => go(next?.matches(".reply") ? next : document.getElementById(card.id)), { once: true });
});
for (const failure of ["htmx:responseError", "htmx:sendError"]) {
  document.addEventListener(failure, () => location.reload());
}
