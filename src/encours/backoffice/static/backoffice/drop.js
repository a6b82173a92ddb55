// Files dropped on the form are sent at once, and a bar shows how far they are. Without it the form is a form.
const form = document.querySelector("[data-drop]");
const input = form.querySelector("[type=file]");
const box = form.querySelector("[data-drop-progress]");
const bar = box.querySelector("progress");
const words = box.querySelector("[role=status]");

const send = () => {
  const request = new XMLHttpRequest();
  request.open("POST", form.action);
  request.setRequestHeader("X-Upload", "1");
  request.responseType = "json";
  const broken = () => {
    form.classList.remove("sending");
    words.textContent = words.dataset.broken;
    bar.hidden = true;
  };
  request.upload.addEventListener("progress", (event) => {
    if (!event.lengthComputable) return;
    bar.value = (100 * event.loaded) / event.total;
    const text = event.loaded < event.total ? `${words.dataset.sending} ${Math.floor(bar.value / 10) * 10} %` : words.dataset.kept;
    if (words.textContent !== text) words.textContent = text;
  });
  request.addEventListener("load", () => (request.response?.next ? location.assign(request.response.next) : broken()));
  request.addEventListener("error", broken);
  const data = new FormData(form);
  form.classList.add("sending");
  box.hidden = bar.hidden = false;
  bar.value = 0;
  request.send(data);
};

form.addEventListener("submit", (event) => {
  event.preventDefault();
  if (!form.classList.contains("sending")) send();
});

// a file let go beside the form must not replace the page
for (const name of ["dragenter", "dragover", "dragleave", "drop"]) {
  document.addEventListener(name, (event) => {
    if (!event.dataTransfer?.types.includes("Files")) return;
    event.preventDefault();
    form.classList.toggle("over", name !== "drop" && (name !== "dragleave" || event.relatedTarget !== null));
    if (name !== "drop" || !event.dataTransfer.files.length) return;
    input.files = event.dataTransfer.files;
    form.requestSubmit();
  });
}
