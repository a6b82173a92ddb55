// Going through replies by keyboard. Everything works without.

import { handOn, listen, move, search, takeBack } from "./keys.js";

const cards = () => [...document.querySelectorAll(".reply")];
const current = () => document.activeElement?.closest(".reply");
const page = document.querySelector("[data-reply-page]");

const step = (by) => move(cards(), current(), by);
const press = (key, place = page ? document : current()) => {
  const form = place?.querySelector(`form[data-key="${key}"]`);
  form?.requestSubmit();
  return Boolean(form);
};
const follow = (selector, place = document) => place?.querySelector(selector)?.click();

listen({
  name: "receipts",
  row: ".reply",
  actions: {
    a: () => press("a"),
    d: () => press("d"),
    u: () => press("u"),
    "/": search,
    ...(page
      ? { n: () => follow("[data-next]"), e: () => document.querySelector("[name=intent]")?.focus() }
      : {
          j: () => step(1),
          k: () => step(-1),
          z: () => takeBack((card) => press("u", card)),
          o: () => follow("[data-open]", current()),
        }),
  },
  onRow: { ArrowDown: () => step(1), ArrowUp: () => step(-1), Enter: () => press("a") },
});
handOn(".reply", (card) => {
  const told = document.querySelector("#told");
  if (told) told.textContent = card.querySelector(".line-told")?.textContent ?? "";
});
