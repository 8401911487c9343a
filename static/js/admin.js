/* What the admin's own scripts draw without a name gets one, for whoever does not see the page. The server names the rest. */
"use strict";

const text = (element) => element?.textContent.replace(/[\s:]+/g, " ").trim() ?? "";

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

const nameBoxes = (root) => root.querySelectorAll("select.admin-autocomplete").forEach(nameBox);

const reach = () => {
  // A box that scrolls can be scrolled by keyboard.
  for (const box of document.querySelectorAll(".results, .inline-group .tabular")) {
    if (box.scrollWidth > box.clientWidth) box.tabIndex = 0;
    else box.removeAttribute("tabindex");
  }
};

const start = () => {
  nameBoxes(document);
  reach();
};

// After the boxes of suggestions have been made, which wait for the same call and were there first.
if (window.django?.jQuery) window.django.jQuery(start);
else addEventListener("load", start);
addEventListener("resize", reach);
document.addEventListener("formset:added", (event) => nameBoxes(event.target));
