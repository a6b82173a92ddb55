// Words are inserted where the writer is; what a customer would read follows the writing. Without this file both are buttons.
const text = document.getElementById("letter-text");
const look = document.getElementById("letter-look");

for (const button of document.querySelectorAll("[data-insert]")) {
  button.addEventListener("click", () => {
    if (text.readOnly) return;
    text.setRangeText(button.dataset.insert, text.selectionStart, text.selectionEnd, "end");
    text.focus();
    text.dispatchEvent(new Event("input", { bubbles: true }));
  });
}

let waiting;
const show = () => {
  clearTimeout(waiting);
  waiting = setTimeout(() => look && text.form.requestSubmit(look), 600);
};
text.addEventListener("input", show);
document.getElementById("customer")?.addEventListener("change", show);
