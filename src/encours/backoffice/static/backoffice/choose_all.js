// One box that ticks the page's boxes, and says "some" when some are ticked.
document.addEventListener("change", (event) => {
  const form = event.target.form;
  const all = form?.querySelector("[data-choose-all]");
  if (!all) return;
  const boxes = [...form.elements].filter((box) => box.name === "message");
  if (event.target === all) for (const box of boxes) box.checked = all.checked;
  const ticked = boxes.filter((box) => box.checked).length;
  all.checked = ticked > 0 && ticked === boxes.length;
  all.indeterminate = ticked > 0 && ticked < boxes.length;
});
