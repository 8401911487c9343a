/* The progress of long work, without leaving the page; the link "look again" does the same by hand. */
"use strict";

const work = document.querySelector("[data-progress]");
if (work) {
  const bar = work.querySelector("progress");
  const ask = async () => {
    try {
      const answer = await fetch(work.dataset.progress, { headers: { accept: "application/json" } });
      // Signed out, or no longer there: the page itself says so.
      if (answer.status >= 400 && answer.status < 500) return location.reload();
      const now = await answer.json();
      if (now.over) return location.reload();
      if (now.begun) work.querySelector("[data-words]").textContent = now.words;
      work.querySelector("[data-count]").textContent = now.count;
      if (now.percent === null) bar.removeAttribute("value");
      else bar.value = now.percent;
    } catch {
      // Without an answer the bar stands still until there is one again.
    }
    setTimeout(ask, 1000);
  };
  setTimeout(ask, 1000);
}
