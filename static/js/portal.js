/* Everything works without this file; it only makes some things quicker. */
"use strict";

// What must be mended is read first.
document.querySelector("[data-focus]")?.focus();

// A second click while the first is on its way sends nothing.
for (const form of document.querySelectorAll("form[data-once]")) {
  let sent = false;
  form.addEventListener("submit", (event) => {
    if (sent) event.preventDefault();
    sent = true;
  });
  // Back from the next page, the form may be sent again.
  addEventListener("pageshow", () => { sent = false; });
}
