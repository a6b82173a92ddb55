// Beside what works without it: the sum of what is chosen, and buttons that copy.
"use strict";

for (const form of document.querySelectorAll("[data-choose]")) {
  const boxes = [...form.querySelectorAll("input[name=d]")];
  const shown = form.querySelector("[data-sum]");
  const amount = form.querySelector("[data-sum-amount]");
  const money = new Intl.NumberFormat(document.documentElement.lang, { style: "currency", currency: form.dataset.currency });
  const digits = money.resolvedOptions().maximumFractionDigits;
  const tell = () => {
    const cents = boxes.filter((box) => box.checked).reduce((sum, box) => sum + Number(box.dataset.cents), 0);
    amount.textContent = money.format(cents / 10 ** digits);
    shown.hidden = false;
  };
  form.addEventListener("change", tell);
  tell();
}

for (const button of document.querySelectorAll("[data-copy]")) {
  if (!navigator.clipboard) continue;
  button.hidden = false;
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(button.dataset.copy);
    const said = button.textContent;
    button.textContent = button.dataset.copied;
    setTimeout(() => { button.textContent = said; }, 2000);
  });
}
