// Going through bank lines by keyboard, and the running rest while choosing documents. Everything works without.

import { forget, go, handOn, listen, move, search, takeBack } from "./keys.js";

const lines = () => [...document.querySelectorAll(".bank-line")];
const current = () => document.activeElement?.closest(".bank-line");

const step = (by) => move(lines(), current(), by);
const press = (key, line = current()) => {
  const form = line?.querySelector(`form[data-key="${key}"]`);
  if (!form) return false;
  form.requestSubmit(); // while the answer is awaited, htmx drops a second one
  return true;
};
// the form to choose from opens beneath the line; with what the proposal takes, or with everything open
const choose = (everything) => {
  const line = current();
  const opener = line?.querySelector("[data-choose-here]");
  if (!opener) return;
  const place = line.querySelector(".bank-line-choose");
  const address = opener.getAttribute("hx-get") + (everything ? "?q=" : "");
  window.htmx.ajax("GET", address, { source: opener, target: place, swap: "innerHTML" }).then(() => {
    const amounts = [...place.querySelectorAll(".is-chosen input.amount")];
    const field = everything || !amounts.length ? place.querySelector("input[type=search]") : amounts[0];
    field?.focus();
  });
};
const close = (line) => {
  const fold = line.querySelector(".aside-fold");
  if (fold) fold.open = false;
  line.querySelector(".bank-line-choose")?.replaceChildren();
  go(line);
};
const ACTIONS = {
  j: () => step(1),
  k: () => step(-1),
  a: () => press("a"),
  1: () => press("a"),
  2: () => press("2"),
  3: () => press("3"),
  d: () => choose(false),
  f: () => choose(true),
  r: () => press("r"),
  u: () => press("u"),
  z: () => takeBack((line) => press("z", line)),
  x: () => current()?.querySelector("input[name=match]")?.click(),
  b: () => document.querySelector("[data-by-score]")?.click(),
  o: () => current()?.querySelector("[data-open]")?.click(),
  n: () =>
    window.htmx.ajax("GET", location.pathname + location.search, { target: "#results", swap: "outerHTML" }).then(() => {
      forget();
      go(lines()[0]);
    }),
  s: () => {
    const fold = current()?.querySelector(".aside-fold");
    if (!fold) return;
    fold.open = true;
    fold.querySelector("input[name=reason]").focus();
  },
  "/": search,
};

// the page of one line is read, not gone through
if (document.querySelector("#keys")) {
  listen({
    name: "receipts",
    row: ".bank-line",
    actions: ACTIONS,
    onRow: { ArrowDown: () => step(1), ArrowUp: () => step(-1), Enter: () => press("a") },
    onEscape: (place) => {
      const line = place.closest(".bank-line");
      if (line) close(line);
      return Boolean(line);
    },
  });
}
handOn(".bank-line");
document.addEventListener("click", (event) => {
  const line = event.target.closest("[data-close-choose]")?.closest(".bank-line");
  if (line) close(line);
});

// one box that ticks the page's boxes, and says "some" when some are ticked
document.addEventListener("change", (event) => {
  const form = event.target.form;
  const all = form?.querySelector("[data-tick-all]");
  if (!all) return;
  const boxes = [...form.elements].filter((box) => box.name === "match");
  if (event.target === all) for (const box of boxes) box.checked = all.checked;
  const ticked = boxes.filter((box) => box.checked).length;
  all.checked = ticked > 0 && ticked === boxes.length;
  all.indeterminate = ticked > 0 && ticked < boxes.length;
});

// choosing by hand: what each document takes, and what is left for the customer's account
const tell = (choose) => {
  const digits = new Intl.NumberFormat(document.documentElement.lang, { style: "currency", currency: choose.dataset.currency });
  const decimals = digits.resolvedOptions().maximumFractionDigits;
  const shown = (cents) => digits.format(cents / 10 ** decimals);
  // what the server reads for sure; it reads more ways of writing and has the last word
  const read = (text) => {
    const plain = text.replace(/[\s\u00a0\u202f€]/g, "").replace(",", ".");
    return /^\d+(\.\d+)?$/.test(plain) ? Math.round(Number(plain) * 10 ** decimals) : null;
  };
  let left = Number(choose.dataset.amountCents);
  const rows = [...choose.querySelectorAll("input[name=document]")].map((box) => ({
    box, open: Number(box.dataset.openCents), amount: choose.elements[`amount_${box.value}`],
  }));
  // credit notes first: what they bring, the invoices can take
  for (const { box, open, amount } of rows.sort((one, other) => (one.open > 0) - (other.open > 0))) {
    if (!box.checked) continue;
    const written = amount.value.trim();
    const takes = written ? (read(written) ?? 0) : open > 0 ? Math.min(open, Math.max(left, 0)) : -open;
    if (!written) amount.placeholder = shown(takes);
    left -= open > 0 ? takes : -takes;
  }
  const told = choose.querySelector("[data-left]");
  told.textContent = shown(left);
  told.classList.toggle("bad", left < 0);
};
document.addEventListener("change", (event) => {
  const choose = event.target.form?.matches("[data-choose]") ? event.target.form : null;
  if (!choose) return;
  if (event.target.name === "document") event.target.closest("tr").classList.toggle("is-chosen", event.target.checked);
  tell(choose);
});
document.addEventListener("input", (event) => {
  const choose = event.target.form?.matches("[data-choose]") ? event.target.form : null;
  if (!choose || !event.target.name?.startsWith("amount_")) return;
  const row = event.target.closest("tr");
  const box = row.querySelector("input[name=document]");
  if (event.target.value && !box.checked) {
    box.checked = true;
    row.classList.add("is-chosen");
  }
  tell(choose);
});
// the answer to a search takes the place of the list: what was chosen or written while it was on its way is asked for again
document.addEventListener("input", (event) => {
  const choose = event.target.form;
  if (choose?.matches("[data-choose].htmx-request")) choose.dataset.outdated = "";
});
document.addEventListener("htmx:beforeSwap", (event) => {
  const choose = event.detail.requestConfig.elt;
  if (!("outdated" in choose.dataset)) return;
  delete choose.dataset.outdated;
  event.detail.shouldSwap = false;
  choose.requestSubmit();
});
