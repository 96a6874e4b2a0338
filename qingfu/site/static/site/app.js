// Small comforts. Every page works without this file.
"use strict";

const BOXES = "details.dialog[open], details.who[open], details.tabs-more[open]"; // they close by themselves

document.addEventListener("click", (event) => {
  const print = event.target.closest("[data-print]");
  if (print) window.print();

  const copy = event.target.closest("[data-copy]");
  if (copy) copyText(copy);

  for (const open of document.querySelectorAll(BOXES)) {
    if (!open.contains(event.target)) open.open = false;
  }
});

document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  for (const open of document.querySelectorAll(BOXES)) {
    open.open = false;
    open.querySelector("summary").focus();
  }
});

// A second tap on the same button asks nothing twice.
document.addEventListener("submit", (event) => {
  const button = event.submitter;
  if (!button || event.target.method !== "post" || "download" in button.dataset) return; // the page stays
  if (button.getAttribute("aria-busy") === "true") event.preventDefault();
  button.setAttribute("aria-busy", "true");
});
window.addEventListener("pageshow", () => {
  for (const button of document.querySelectorAll("[aria-busy=true]")) button.removeAttribute("aria-busy");
});

document.addEventListener("change", (event) => {
  const drop = event.target.closest("[data-drop]");
  const name = drop && drop.querySelector("[data-drop-name]");
  if (name && event.target.files.length) {
    name.textContent = Array.from(event.target.files, (file) => file.name).join("\u3001");
  }
});
for (const kind of ["dragover", "dragleave", "drop"]) {
  document.addEventListener(kind, (event) => {
    const drop = event.target.closest && event.target.closest("[data-drop]");
    if (!drop) return;
    event.preventDefault();
    drop.classList.toggle("drop-over", kind === "dragover");
    if (kind !== "drop") return;
    const input = drop.querySelector("input[type=file]");
    input.files = event.dataTransfer.files;
    input.dispatchEvent(new Event("change", { bubbles: true }));
  });
}

// A day says itself in words beside its field: the browser writes it its own way, 11/28/2026 where it speaks English.
function sayDay(field) {
  let said = field.nextElementSibling;
  if (!said || !said.matches(".day-said")) {
    said = document.createElement("span");
    said.className = "day-said";
    field.after(said);
  }
  const words = new Intl.DateTimeFormat(document.documentElement.lang, { dateStyle: "full" });
  said.textContent = field.value ? words.format(new Date(`${field.value}T00:00`)) : "";
}
function sayDays(root) {
  for (const field of root.querySelectorAll("input[type=date]")) sayDay(field);
}
document.addEventListener("DOMContentLoaded", () => sayDays(document));
document.addEventListener("htmx:load", (event) => sayDays(event.detail.elt));
document.addEventListener("input", (event) => {
  if (event.target.matches("input[type=date]")) sayDay(event.target);
});

// Tabs may be wider than a phone: the one that is open comes into view.
document.addEventListener("DOMContentLoaded", () => {
  for (const tab of document.querySelectorAll(".tabs > ul [aria-current]")) {
    const row = tab.closest("ul"), [a, b] = [tab, row].map((one) => one.getBoundingClientRect());
    row.scrollLeft += a.left - b.left - (b.width - a.width) / 2;
  }
});

async function copyText(button) {
  const text = document.querySelector(button.dataset.copy).textContent.trim();
  try {
    await navigator.clipboard.writeText(text);
    button.dataset.copied = "";
  } catch {
    window.getSelection().selectAllChildren(document.querySelector(button.dataset.copy));
  }
}
