/* What Django's admin leaves without a name gets one, for whoever does not see the page. */
"use strict";

const text = (element) => element?.textContent.replace(/[\s:]+/g, " ").trim() ?? "";

// A field in a row is named by the head of its column.
const nameRow = (row) => {
  const heads = row.closest("table").querySelectorAll("thead :is(th, td)");
  for (const field of row.querySelectorAll("input:not([type=hidden]), select, textarea")) {
    const cell = field.closest("td");
    if (cell && !field.labels?.length) field.setAttribute("aria-label", text(heads[cell.cellIndex]));
  }
};

// A box of suggestions is named like the select that it stands for; its value is read after the name.
const nameBox = (select) => {
  const box = select.nextElementSibling?.querySelector("[role=combobox]");
  if (!box) return;
  const name = text(select.labels?.[0]) || select.getAttribute("aria-label") || "";
  const value = box.querySelector("[role=textbox]");
  value?.removeAttribute("role");
  value?.removeAttribute("aria-readonly");
  box.removeAttribute("aria-labelledby");
  const tell = () => box.setAttribute("aria-label", [name, text(select.selectedOptions[0])].filter(Boolean).join(": "));
  tell();
  window.django.jQuery(select).on("change", tell);
};

const nameAll = (root) => {
  root.querySelectorAll(".tabular tbody tr").forEach(nameRow);
  root.querySelectorAll("select.admin-autocomplete").forEach(nameBox);
};

const reach = () => {
  // A box that scrolls can be scrolled by keyboard.
  for (const box of document.querySelectorAll(".results, .inline-group .tabular")) {
    if (box.scrollWidth > box.clientWidth) box.tabIndex = 0;
    else box.removeAttribute("tabindex");
  }
};

const start = () => {
  // An empty head is no head.
  for (const head of document.querySelectorAll("#content thead th")) {
    if (head.textContent.trim() || head.querySelector("input, img[alt]")) continue;
    const cell = document.createElement("td");
    cell.className = head.className;
    head.replaceWith(cell);
  }
  const search = document.getElementById("searchbar");
  search?.setAttribute("aria-label", search.form.querySelector("[type=submit]").value);
  nameAll(document);
  reach();
};

// After the boxes of suggestions have been made, which wait for the same call and were there first.
if (window.django?.jQuery) window.django.jQuery(start);
else addEventListener("load", start);
addEventListener("resize", reach);
document.addEventListener("formset:added", (event) => {
  if (event.target.matches("tr")) nameRow(event.target);
  event.target.querySelectorAll("select.admin-autocomplete").forEach(nameBox);
});
