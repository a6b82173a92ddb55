// Going through bank lines by keyboard, and the running rest while choosing documents. Everything works without.

const lines = () => [...document.querySelectorAll(".bank-line")];
const current = () => document.activeElement?.closest(".bank-line");
const ENABLED = "encours.receipts.keys";
const keysAct = () => localStorage.getItem(ENABLED) !== "off";

const move = (step) => {
  const all = lines();
  const place = all.indexOf(current());
  const next = all[place < 0 ? (step > 0 ? 0 : all.length - 1) : Math.min(Math.max(place + step, 0), all.length - 1)];
  next?.focus({ preventScroll: true });
  next?.scrollIntoView({ block: "nearest" });
};
const press = (key) => current()?.querySelector(`form[data-key="${key}"]`)?.requestSubmit();
const help = document.querySelector("#keys");
const ACTIONS = {
  j: () => move(1),
  k: () => move(-1),
  a: () => press("a"),
  r: () => press("r"),
  u: () => press("u"),
  x: () => current()?.querySelector("input[name=match]")?.click(),
  o: () => current()?.querySelector("[data-open]")?.click(),
  s: () => {
    const fold = current()?.querySelector(".aside-fold");
    if (!fold) return;
    fold.open = true;
    fold.querySelector("input[name=reason]").focus();
  },
  "/": () => document.querySelector("form[role=search] input[type=search]")?.focus(),
  "?": () => help?.showModal(),
};

if (help) {
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || help.open) return;
    if (event.key === "Escape" && event.target.closest(".aside-fold")) {
      const line = current();
      event.target.closest(".aside-fold").open = false;
      line.focus();
      return;
    }
    if (!keysAct() || event.target.closest("select, textarea, input:not([type=checkbox]), [contenteditable]")) return;
    // Enter on a button or a link is that button's or link's
    const act = event.key === "Enter" ? event.target.matches(".bank-line") && ACTIONS.a : ACTIONS[event.key];
    if (!act) return;
    event.preventDefault();
    act();
  });
  const open = document.querySelector("[data-open-keys]");
  open.hidden = false;
  open.addEventListener("click", () => help.showModal());
  help.querySelector("[data-close-keys]").addEventListener("click", () => help.close());
  const enabled = help.querySelector("[data-keys-on]");
  enabled.checked = keysAct();
  enabled.addEventListener("change", () => localStorage.setItem(ENABLED, enabled.checked ? "on" : "off"));
}

// a line that was acted on keeps the focus
document.addEventListener("htmx:beforeSwap", (event) => {
  const line = event.detail.target;
  if (!line?.matches?.(".bank-line")) return;
  const id = line.id;
  document.addEventListener("htmx:afterSettle", () => document.getElementById(id)?.focus({ preventScroll: true }), { once: true });
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
const choose = document.querySelector("#choose");
if (choose) {
  const digits = new Intl.NumberFormat(document.documentElement.lang, { style: "currency", currency: choose.dataset.currency });
  const decimals = digits.resolvedOptions().maximumFractionDigits;
  const shown = (cents) => digits.format(cents / 10 ** decimals);
  // what the server reads for sure; it reads more ways of writing and has the last word
  const read = (text) => {
    const plain = text.replace(/[\s\u00a0\u202f€]/g, "").replace(",", ".");
    return /^\d+(\.\d+)?$/.test(plain) ? Math.round(Number(plain) * 10 ** decimals) : null;
  };
  const tell = () => {
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
  choose.addEventListener("change", (event) => {
    if (event.target.name === "document") event.target.closest("tr").classList.toggle("is-chosen", event.target.checked);
    tell();
  });
  choose.addEventListener("input", (event) => {
    if (!event.target.name?.startsWith("amount_")) return;
    const box = choose.querySelector(`#document-${event.target.name.slice(7)}`);
    if (event.target.value && !box.checked) {
      box.checked = true;
      box.closest("tr").classList.add("is-chosen");
    }
    tell();
  });
}
