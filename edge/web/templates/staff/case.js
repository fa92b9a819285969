// Asks every two seconds whether the case on this page is still open, and takes it off the page when it is not, when
// nobody answers, or when its time is over; a minute before that it says so. After that it asks nothing more. It keeps
// nothing.
"use strict";

const ASK_EVERY_MS = 2000;
const ANSWER_WITHIN_MS = 2000;
const SAY_BEFORE_MS = 60000;

const open = document.querySelector("[data-case]");
const soon = document.querySelector("[data-soon]");
const closed = document.querySelector("[data-closed]");
let asking = 0;

const close = () => {
  clearInterval(asking);
  if (!open.isConnected) return;
  open.remove();
  closed.hidden = false;
};

const ask = async () => {
  try {
    const answer = await fetch(open.dataset.case, {
      cache: "no-store",
      redirect: "manual",
      signal: AbortSignal.timeout(ANSWER_WITHIN_MS),
    });
    if (answer.status !== 204) close();
    else open.hidden = document.hidden;
  } catch (error) {
    close();
  }
};

asking = setInterval(ask, ASK_EVERY_MS);
setTimeout(close, Number(open.dataset.closesIn));
setTimeout(() => {
  soon.hidden = false;
}, Number(open.dataset.closesIn) - SAY_BEFORE_MS);
// A page that nobody looks at is asked about less often: it shows nothing until it was asked about again.
document.addEventListener("visibilitychange", () => {
  open.hidden = true;
  if (!document.hidden && open.isConnected) ask();
});
window.addEventListener("pageshow", (event) => {
  if (event.persisted) close();
});
