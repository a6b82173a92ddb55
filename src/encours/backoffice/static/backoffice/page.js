// Small comforts of every page. Everything works without them.

// menus close on Escape and on a click elsewhere
document.addEventListener("click", (event) => {
  for (const menu of document.querySelectorAll("details.menu[open]")) {
    if (!menu.contains(event.target)) menu.open = false;
  }
});
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  for (const menu of document.querySelectorAll("details.menu[open]")) {
    menu.open = false;
    menu.querySelector("summary").focus();
  }
});

// lists: filters, column heads and pages replace the results in place and keep the address up to date
const wanted = (form) => {
  const data = new URLSearchParams();
  for (const [name, value] of new FormData(form)) if (value !== "") data.append(name, value);
  return `${location.pathname}?${data}`;
};
const show = (url) => {
  history.pushState({ list: true }, "", url);
  return window.htmx.ajax("GET", url, { target: "#results", swap: "outerHTML" });
};
let waiting;
for (const form of document.querySelectorAll("form[data-list-filters]")) {
  const later = (delay) => {
    clearTimeout(waiting);
    waiting = setTimeout(() => show(wanted(form)), delay);
  };
  form.addEventListener("input", (event) => event.target.matches("[type=search], [inputmode]") && later(300));
  form.addEventListener("change", (event) => !event.target.matches("[type=search], [inputmode]") && later(0));
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    later(0);
  });
}
document.addEventListener("click", (event) => {
  const link = event.target.closest("a[data-list-link]");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey || !document.querySelector("#results")) return;
  event.preventDefault();
  show(link.getAttribute("href").startsWith("?") ? location.pathname + link.getAttribute("href") : link.href).then(() => {
    document.querySelector("#results")?.focus({ preventScroll: false });
  });
});
addEventListener("popstate", () => document.querySelector("#results") && location.reload());

// printing is offered only where a script can do it
for (const button of document.querySelectorAll("[data-print]")) {
  button.hidden = false;
  button.addEventListener("click", () => print());
}

// a phone's menu closes after a choice (back and forward would show it open)
document.querySelector("#rail")?.addEventListener("click", (event) => {
  const rail = event.currentTarget;
  if (event.target.closest("a") && rail.matches(":popover-open")) rail.hidePopover();
});

// a form is sent once
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.method !== "post" || event.defaultPrevented) return;
  if (form.dataset.sent) {
    event.preventDefault();
    return;
  }
  form.dataset.sent = "1";
});
addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("form[data-sent]")) delete form.dataset.sent;
});
