/* Comfort only: every page works without this file. */
(() => {
  "use strict";

  const person = () => document.body.dataset.person || "nobody";
  const region = () => document.getElementById("messages");
  const on = (event, act) => document.addEventListener(event, act);

  // The browser may refuse storage (private windows, policies): then there are no drafts, and nothing breaks.
  const store = {
    read(key) { try { return JSON.parse(localStorage.getItem(key)); } catch { return null; } },
    write(key, value) { try { localStorage.setItem(key, JSON.stringify(value)); } catch { /* full or refused */ } },
    drop(key) { try { localStorage.removeItem(key); } catch { /* refused */ } },
    keys() { try { return Object.keys(localStorage); } catch { return []; } },
  };

  function say(sentence, kind = "error") {
    const notice = document.createElement("div");
    notice.className = `notice notice--${kind}`;
    const words = document.createElement("p");
    words.textContent = sentence;
    notice.append(words);
    region()?.append(notice);
    addCloseButtons();
  }

  function addCloseButtons() {
    for (const notice of document.querySelectorAll("#messages > .notice:not(:has(.messages__close))")) {
      const close = document.createElement("button");
      close.type = "button";
      close.className = "messages__close";
      close.setAttribute("aria-label", "Put this message away");
      close.textContent = "×";
      close.addEventListener("click", () => notice.remove());
      notice.append(close);
    }
  }

  /* ---- Drafts: kept per person until the server says that the words are saved ---- */

  const MONTH = 30 * 24 * 3600 * 1000;
  const draftKey = (name) => `draft/${person()}/${name}`;

  function keepDraft(area) {
    const key = draftKey(area.dataset.draft);
    if (area.value.trim() && area.value !== area.defaultValue) store.write(key, { words: area.value, at: Date.now() });
    else store.drop(key);
  }

  function write(area, words) {
    area.value = words;
    area.dispatchEvent(new Event("input", { bubbles: true }));
  }

  function restoreDraft(area) {
    if (area.dataset.draftSeen) return;
    area.dataset.draftSeen = "yes";
    const draft = store.read(draftKey(area.dataset.draft));
    if (!draft || draft.words === area.value) return;
    const given = area.value;
    write(area, draft.words);
    const note = document.createElement("p");
    note.className = "draft-note";
    note.setAttribute("role", "status");
    const when = new Date(draft.at).toLocaleString([], { weekday: "short", hour: "2-digit", minute: "2-digit" });
    note.append(`Your draft of ${when} is back.`);
    const discard = document.createElement("button");
    discard.type = "button";
    discard.className = "link-button";
    discard.textContent = "Throw it away";
    discard.addEventListener("click", () => {
      write(area, given);
      store.drop(draftKey(area.dataset.draft));
      note.remove();
      area.focus();
    });
    note.append(discard);
    area.after(note);
  }

  function forgetDraft(name) {
    store.drop(draftKey(name));
    for (const area of document.querySelectorAll("textarea[data-draft]")) {
      if (area.dataset.draft === name) area.parentElement.querySelector(".draft-note")?.remove();
    }
  }

  function settle(root = document) {
    // What was saved goes first, so that a page which answers "kept" does not bring the draft back.
    for (const told of document.querySelectorAll("[data-draft-saved]")) {
      forgetDraft(told.dataset.draftSaved);
      told.removeAttribute("data-draft-saved");
    }
    for (const told of document.querySelectorAll("[data-signed-out]")) dropDrafts((writer) => writer === told.dataset.signedOut);
    for (const area of root.querySelectorAll("textarea[data-draft]")) restoreDraft(area);
    for (const hidden of root.querySelectorAll("[data-needs-js][hidden]")) hidden.hidden = false;
    addCloseButtons();
    for (const chips of document.querySelectorAll("[data-chips]")) if (isStale(chips)) read(chips);
  }

  function dropDrafts(unwanted) {
    for (const key of store.keys()) {
      if (key.startsWith("draft/") && unwanted(key.split("/")[1], store.read(key))) store.drop(key);
    }
  }

  function sweepDrafts() {
    dropDrafts((writer, draft) => Date.now() - (draft?.at || 0) > MONTH);
    // Whoever signs in on this browser finds nobody else's words; an ended session's wait for their writer.
    if (person() !== "nobody") dropDrafts((writer) => writer !== person());
  }

  on("input", ({ target }) => {
    if (target.matches?.("textarea[data-draft]")) keepDraft(target);
    const chips = chipsOf(target.form);
    if (chips) Object.assign(chips, { typed: {}, sends: false });
  });

  /* ---- Notes: only what the chips show is sent ---- */

  const chipsOf = (form) => form?.querySelector("[data-chips]");
  const isStale = (chips) => chips.typed !== chips.shown && window.htmx;
  const read = (chips) => window.htmx?.trigger(chips, "read");

  on("htmx:beforeRequest", ({ target }) => { target.asked = target.typed; });
  on("submit", (event) => {
    const chips = chipsOf(event.target);
    if (!chips || event.submitter?.name === "answer") return;
    const asks = chips.querySelector("[data-asks] :is(button, a, input)");
    chips.sends = isStale(chips);
    if (asks || chips.sends) event.preventDefault();
    if (chips.sends) read(chips);
    else asks?.focus();
  });
  on("click", (event) => {
    const answer = event.target.closest?.("[name=answer]");
    const area = answer?.form.text;
    const letters = [...(area?.value || "")];
    if (String(letters.length) !== answer?.form.querySelector("[data-length]").dataset.length) return;
    event.preventDefault();
    const [start, end, ...words] = answer.value.split(":");
    letters.splice(start, end - start, words.join(":"));
    write(area, letters.join(""));
    area.focus();
    read(chipsOf(area.form));
  });

  /* ---- Dialogs ---- */

  on("click", (event) => {
    const opener = event.target.closest?.("[data-dialog]");
    const dialog = opener && document.getElementById(opener.dataset.dialog);
    if (dialog && !event.metaKey && !event.ctrlKey) {
      event.preventDefault();
      opener.closest("details.menu")?.removeAttribute("open");
      dialog.showModal();
    }
    if (event.target.closest?.("[data-close]")) event.target.closest("dialog")?.close();
    for (const menu of document.querySelectorAll("details.menu[open]")) {
      if (!menu.contains(event.target)) menu.open = false;
    }
  });

  /* ---- Keys ---- */

  const SWITCH = "keys/off";
  let pending = "";
  let timer = 0;

  const writing = (target) => target.closest?.("input:not([type=checkbox], [type=radio]), textarea, select, [contenteditable]");
  const shown = (element) => element.checkVisibility?.() ?? element.offsetParent !== null;

  function walk(step) {
    const rows = [...document.querySelectorAll("main .row, main .table tbody tr")].filter((row) => shown(row) && row.querySelector("a"));
    if (!rows.length) return;
    const onward = document.querySelector("main [data-onward]");
    const beyond = onward && document.activeElement === onward;
    const here = beyond ? rows.length : rows.findIndex((row) => row.contains(document.activeElement));
    if (onward && step > 0 && here >= rows.length - 1) return onward.focus();
    const next = here < 0 ? 0 : Math.min(rows.length - 1, Math.max(0, here + step));
    const link = rows[next].querySelector("a");
    link.focus();
    link.scrollIntoView({ block: "nearest" });
  }

  function find() {
    const box = document.querySelector("[data-find]");
    if (!box?.matches("input")) return box?.click();
    box.focus();
    box.select();
  }

  function press(keys) {
    const target = [...document.querySelectorAll("[data-key]")].find((element) => element.dataset.key === keys && !element.disabled);
    target?.click();
    return Boolean(target);
  }

  function leave(target) {
    const menu = document.querySelector("details.menu[open]");
    if (menu) {
      menu.open = false;
      menu.querySelector("summary").focus();
    } else if (writing(target) && !target.closest("dialog")) target.blur();
  }

  on("keydown", (event) => {
    const { key, target } = event;
    if (event.isComposing || event.defaultPrevented) return;
    if (key === "Enter" && (event.metaKey || event.ctrlKey) && target.matches("textarea, select")) {
      event.preventDefault();
      target.form?.requestSubmit();
      return;
    }
    if (key.toLowerCase() === "k" && (event.metaKey || event.ctrlKey) && !event.shiftKey) {
      event.preventDefault();
      find();
      return;
    }
    if (key === "Escape") return leave(target);
    if (event.metaKey || event.ctrlKey || event.altKey || writing(target) || target.closest?.("dialog") || store.read(SWITCH)) return;

    const keys = pending ? `${pending} ${key}` : key;
    pending = "";
    clearTimeout(timer);
    if (keys === "g") {
      pending = "g";
      timer = setTimeout(() => { pending = ""; }, 1500);
    } else if (keys === "/") find();
    else if (press(keys)) { /* a page may have its own j and k */ }
    else if (keys === "j" || keys === "k") walk(keys === "j" ? 1 : -1);
    else return;
    event.preventDefault();
  });

  on("change", (event) => {
    if (event.target.matches?.("[data-keys-switch]")) store.write(SWITCH, !event.target.checked);
  });

  /* ---- htmx: nothing fails in silence ---- */

  on("htmx:beforeSwap", ({ detail }) => {
    const { xhr } = detail;
    if (xhr.status < 400) return;
    const whole = /^\s*<!doctype/i.test(xhr.responseText);
    if (!whole && xhr.responseText.trim()) return;
    // A whole error page has no place inside a fragment: its heading and first sentence become a message.
    detail.shouldSwap = false;
    const page = new DOMParser().parseFromString(xhr.responseText, "text/html");
    const words = [...page.querySelectorAll("h1, .lede, .diff__theirs li")].map((part) => part.textContent.trim().replace(/\.?$/, "."));
    say(words.join(" ") || `That did not work (${xhr.status}). Nothing was changed; reload the page and try again.`);
  });
  on("htmx:sendError", () => say("The server cannot be reached. What you wrote is kept here; try again when you are connected."));
  on("htmx:timeout", () => say("That took too long. Reload the page to see whether it was done."));
  on("htmx:afterRequest", ({ target, detail }) => {
    if (detail.xhr?.status) target.shown = target.asked;
    if (target.sends && !isStale(target)) target.closest("form").requestSubmit();
    const saved = detail.xhr?.getResponseHeader?.("X-Draft-Saved");
    if (saved) forgetDraft(saved);
  });
  on("htmx:load", ({ target }) => settle(target));

  sweepDrafts();
  settle();
  for (const box of document.querySelectorAll("[data-keys-switch]")) box.checked = !store.read(SWITCH);
})();
