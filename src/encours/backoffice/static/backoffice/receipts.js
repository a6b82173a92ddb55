// Going through bank lines by keyboard, and the running rest while choosing documents. Everything works without.

const lines = () => [...document.querySelectorAll(".bank-line")];
const current = () => document.activeElement?.closest(".bank-line");
const ENABLED = "encours.receipts.keys";
const keysAct = () => localStorage.getItem(ENABLED) !== "off";
const help = document.querySelector("#keys");
const hint = document.querySelector("[data-keys-hint]");
// lines answered here, the last one last: what `z` takes back
const answered = [];

const go = (line) => {
  line?.focus({ preventScroll: true });
  line?.scrollIntoView({ block: "nearest" });
};
const move = (step) => {
  const all = lines();
  const place = all.indexOf(current());
  go(all[place < 0 ? (step > 0 ? 0 : all.length - 1) : Math.min(Math.max(place + step, 0), all.length - 1)]);
};
const press = (key, line = current()) => {
  const form = line?.querySelector(`form[data-key="${key}"]`);
  if (!form) return false;
  form.requestSubmit(); // while the answer is awaited, htmx drops a second one
  return true;
};
const takeBack = () => {
  while (answered.length) {
    const line = document.getElementById(answered.pop());
    if (press("z", line)) return;
  }
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
  j: () => move(1),
  k: () => move(-1),
  a: () => press("a"),
  1: () => press("a"),
  2: () => press("2"),
  3: () => press("3"),
  d: () => choose(false),
  f: () => choose(true),
  r: () => press("r"),
  u: () => press("u"),
  z: takeBack,
  x: () => current()?.querySelector("input[name=match]")?.click(),
  b: () => document.querySelector("[data-by-score]")?.click(),
  o: () => current()?.querySelector("[data-open]")?.click(),
  n: () =>
    window.htmx.ajax("GET", location.pathname + location.search, { target: "#results", swap: "outerHTML" }).then(() => {
      answered.length = 0;
      go(lines()[0]);
    }),
  s: () => {
    const fold = current()?.querySelector(".aside-fold");
    if (!fold) return;
    fold.open = true;
    fold.querySelector("input[name=reason]").focus();
  },
  "/": () => document.querySelector("form[role=search] input[type=search]")?.focus(),
  "?": () => help?.showModal(),
};
// these are no characters, so they act on a line that has the focus even when single keys do not
const ON_A_LINE = { ArrowDown: () => move(1), ArrowUp: () => move(-1), Enter: () => press("a") };
const WRITES = "select, textarea, input:not([type=checkbox]), [contenteditable]";

if (help) {
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || help.open) return;
    const line = event.target.closest(".bank-line");
    if (event.key === "Escape" && line) {
      close(line);
      return;
    }
    if (event.target.closest(WRITES) || event.target.closest("dialog, details.menu")) return;
    // what the arrows and Enter do on a button, a link or a box is theirs
    const act = event.target === line && ON_A_LINE[event.key] ? ON_A_LINE[event.key] : keysAct() && ACTIONS[event.key];
    // a key held down moves on; it does not answer one line after the other
    if (!act || (event.repeat && !["j", "k", "ArrowDown", "ArrowUp"].includes(event.key))) return;
    event.preventDefault();
    act();
  });
  const open = document.querySelector("[data-open-keys]");
  open.hidden = false;
  open.addEventListener("click", () => help.showModal());
  help.querySelector("[data-close-keys]").addEventListener("click", () => help.close());
  const enabled = help.querySelector("[data-keys-on]");
  const show = () => {
    enabled.checked = keysAct();
    if (hint) hint.hidden = !keysAct();
    document.body.classList.toggle("keys-off", !keysAct());
  };
  enabled.addEventListener("change", () => {
    localStorage.setItem(ENABLED, enabled.checked ? "on" : "off");
    show();
  });
  show();
}

// an answered line hands the focus to the next one; one that was refused or taken back keeps it
document.addEventListener("htmx:afterSwap", (event) => {
  const target = event.detail.target;
  if (!target?.matches?.(".bank-line")) return;
  const line = document.getElementById(target.id);
  if (!line) return;
  if (line.hasAttribute("data-answered")) answered.push(line.id);
  const next = line.hasAttribute("data-answered") ? line.nextElementSibling : null;
  document.addEventListener("htmx:afterSettle", () => go(next?.matches(".bank-line") ? next : document.getElementById(line.id)), { once: true });
});
document.addEventListener("click", (event) => {
  const line = event.target.closest("[data-close-choose]")?.closest(".bank-line");
  if (line) close(line);
});
// what the server could not do at all is said by its own page
for (const failure of ["htmx:responseError", "htmx:sendError"]) {
  document.addEventListener(failure, () => location.reload());
}

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
