"use strict";

// Loads the page again when something has happened, as long as somebody can see it. What is typed, the focus and the place that
// is read stay as they are. Without this script the page loads itself again every half minute.
(() => {
  const address = document.body.dataset.events;
  if (!address || !window.EventSource) return;
  const gone = document.getElementById("gone");
  let stream = null;

  const typing = () => {
    const text = document.getElementById("text");
    return text && text.value !== text.defaultValue;
  };

  // What a part holds, whether or not something in it is unfolded.
  const text = part => part.innerHTML.replaceAll(' open=""', "");

  async function load() {
    if (typing()) return;
    const answer = await fetch(location.href, { redirect: "error" }).catch(() => null);
    if (answer && answer.status === 403) return location.reload();
    if (!answer || !answer.ok) return;
    const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
    if (typing()) return;
    const focused = document.activeElement && document.activeElement.id;
    const unfolded = [...document.querySelectorAll("details[open]")].map(d => d.id);
    for (const part of ["header", "main"]) {
      const old = document.querySelector(part), now = fresh.querySelector(part);
      if (old && now && text(old) !== text(now)) old.innerHTML = now.innerHTML;
    }
    for (const id of unfolded) document.getElementById(id)?.setAttribute("open", "");
    document.title = fresh.title;
    const again = focused && document.getElementById(focused);
    if (again && again !== document.activeElement) again.focus({ preventScroll: true });
  }

  function listen() {
    if (stream || document.hidden) return;
    stream = new EventSource(address);
    stream.onopen = () => { gone.hidden = true; };
    stream.onmessage = load;
    stream.onerror = () => {
      gone.hidden = false;
      if (stream.readyState !== EventSource.CLOSED) return;
      stream.close(); // refused: the page is closed, and says so itself
      stream = null;
      load();
    };
  }

  document.addEventListener("visibilitychange", () => {
    if (document.hidden && stream) {
      stream.close();
      stream = null;
    } else if (!document.hidden) {
      load();
      listen();
    }
  });
  setInterval(() => { if (!document.hidden) load(); }, 60000); // "2 min" grows older
  listen();
})();
