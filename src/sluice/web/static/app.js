// What a page does beside being read: it stays up to date, copies, and changes its scheme.
// Everything that comes over the stream was escaped where it was made; it replaces what it differs from, no more, so
// that focus and selection stay.
"use strict";
(() => {
  const root = document.documentElement;

  // Up to date -----------------------------------------------------------------------------------------------

  const pulse = document.getElementById("pulse");
  const live = document.body.dataset.live;
  let stream = null;

  const say = (state, words) => {
    pulse.dataset.state = state;
    pulse.textContent = words;
  };

  const open = () => {
    if (!live || stream || document.hidden) return;
    stream = new EventSource(live);
    stream.addEventListener("open", () => say("live", "live"));
    stream.addEventListener("parts", (event) => {
      const parts = JSON.parse(event.data);
      for (const [id, html] of Object.entries(parts)) {
        const here = document.getElementById(id);
        if (here) replace(here, html);
      }
      tick();
      document.dispatchEvent(new Event("sluice:changed"));
    });
    stream.addEventListener("full", () => {
      close();
      say("still", "not live");
    });
    stream.addEventListener("error", () => {
      say("away", "reconnecting");
      if (stream && stream.readyState === EventSource.CLOSED) {
        close();
        setTimeout(open, 5000);
      }
    });
  };

  const close = () => {
    if (stream) stream.close();
    stream = null;
  };

  document.addEventListener("visibilitychange", () => (document.hidden ? close() : open()));

  const replace = (here, html) => {
    const there = document.createElement("template");
    there.innerHTML = html;
    children(here, there.content);
  };

  const children = (here, there) => {
    const olds = [...here.childNodes];
    const news = [...there.childNodes];
    news.forEach((node, at) => {
      const old = olds[at];
      if (!old) here.append(fresh(node));
      else if (old.nodeType !== node.nodeType || old.nodeName !== node.nodeName) old.replaceWith(node);
      else if (node.nodeType === Node.ELEMENT_NODE) element(old, node);
      else if (old.nodeValue !== node.nodeValue) old.nodeValue = node.nodeValue;
    });
    olds.slice(news.length).forEach((node) => node.remove());
  };

  const element = (old, node) => {
    if (node.dataset.key !== old.dataset.key && node.dataset.key) {
      old.replaceWith(fresh(node));
      return;
    }
    for (const { name, value } of [...node.attributes]) {
      if (old.getAttribute(name) !== value) old.setAttribute(name, value);
    }
    for (const { name } of [...old.attributes]) {
      if (!node.hasAttribute(name)) old.removeAttribute(name);
    }
    children(old, node);
  };

  // A row that was not here before is shown to be new. A page may be open for months: what is not here any more is
  // forgotten when there are many.
  const MOST_SEEN = 2000;
  const here = () => [...document.querySelectorAll("[data-key]")].map((row) => row.dataset.key);
  let seen = new Set(here());
  const fresh = (node) => {
    const key = node.dataset ? node.dataset.key : undefined;
    if (key && !seen.has(key)) {
      if (seen.size >= MOST_SEEN) seen = new Set(here());
      seen.add(key);
      node.classList.add("fresh");
      setTimeout(() => node.classList.remove("fresh"), 3000);
    }
    return node;
  };

  // Times ----------------------------------------------------------------------------------------------------

  const spans = [[86400 * 365.25, "year", "years"], [86400, "day", "days"], [3600, "h", "h"], [60, "min", "min"], [1, "s", "s"]];
  const ago = (seconds) => {
    let left = Math.max(0, Math.round(seconds));
    const words = [];
    for (const [length, one, many] of spans) {
      const number = Math.floor(left / length);
      left -= number * length;
      if (number) {
        words.push(`${number} ${number === 1 ? one : many}`);
        if (words.length === 2 || (number >= 10 && length > 3600)) break;
      } else if (words.length) break;
    }
    return `${words.join(" ") || "0 s"} ago`;
  };
  // The pool's clock is what times are told by, not this machine's.
  const offset = Number(document.body.dataset.now) * 1000 - Date.now();
  const tick = () => {
    const now = (Date.now() + offset) / 1000;
    for (const time of document.querySelectorAll("time[data-ago]")) {
      const words = ago(now - Number(time.dataset.ago));
      if (time.textContent !== words) time.textContent = words;
    }
  };

  // Copy, and the scheme -------------------------------------------------------------------------------------

  document.addEventListener("click", async (event) => {
    const button = event.target.closest("[data-copy]");
    if (!button) return;
    const text = document.getElementById(button.dataset.copy).textContent.trim();
    const said = button.textContent;
    try {
      await navigator.clipboard.writeText(text);
      button.textContent = "Copied";
    } catch {
      const range = document.createRange();
      range.selectNodeContents(document.getElementById(button.dataset.copy));
      getSelection().removeAllRanges();
      getSelection().addRange(range);
      button.textContent = "Selected";
    }
    setTimeout(() => (button.textContent = said), 1600);
  });

  const theme = document.getElementById("theme");
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const isDark = () => (root.dataset.theme ? root.dataset.theme === "dark" : dark.matches);
  const label = () => {
    theme.setAttribute("aria-pressed", String(isDark()));
    document.dispatchEvent(new Event("sluice:theme"));
  };
  theme.addEventListener("click", () => {
    root.dataset.theme = isDark() ? "light" : "dark";
    try {
      localStorage.setItem("theme", root.dataset.theme);
    } catch {
      // It holds for this page.
    }
    label();
  });
  dark.addEventListener("change", label);

  label();
  tick();
  setInterval(tick, 1000);
  open();
})();
