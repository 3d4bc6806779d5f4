// Our few lines of script. Every page works without them.
(() => {
  "use strict";

  const all = (selector, root = document) => [...root.querySelectorAll(selector)];

  // Focus: the error summary of a refused form; after an htmx swap, what asks for it.

  const within = (root, selector) => (root.matches?.(selector) ? root : root.querySelector(selector));

  const focusWanted = (root) => {
    const row = document.getElementById(location.hash.slice(1));
    const error = within(root, "[data-error-summary]");
    if (!error && row?.matches("[data-row]")) return openRow(row);
    return (error ?? within(root, "[data-focus]"))?.focus();
  };

  // Menus: one open at a time; Escape and a click elsewhere close them.

  const closeMenus = (except) => all("details.menu[open]").forEach((menu) => {
    if (menu !== except) menu.open = false;
  });

  document.addEventListener("click", (event) => closeMenus(event.target.closest("details.menu")));

  document.addEventListener("keydown", (event) => {
    const open = document.querySelector("details.menu[open]");
    if (event.key !== "Escape" || !open) return;
    closeMenus();
    open.querySelector("summary").focus();
  });

  // Review queue: j and k move, other letters press the button or open the choice that carries them.

  const keysAreOn = () => localStorage.getItem("keys") !== "off";

  const showKeys = () => {
    document.documentElement.toggleAttribute("data-keys-on", keysAreOn());
    all("[data-keys]").forEach((hints) => { hints.hidden = false; });
    all("[data-keys-toggle]").forEach((button) => {
      button.textContent = keysAreOn() ? button.dataset.turnOff : button.dataset.turnOn;
    });
  };

  const isTyping = (element) =>
    element.matches("textarea, select, [contenteditable], input:not([type=checkbox], [type=radio])");

  const currentRow = () =>
    document.activeElement?.closest("[data-row]") ?? document.querySelector("[data-queue] [data-row][open]");

  const openRow = (row) => {
    row.open = true;
    row.querySelector("summary").focus();
  };

  const move = (by) => {
    const rows = all("[data-queue] [data-row]");
    const row = rows[rows.indexOf(currentRow()) + by];
    if (row) openRow(row);
  };

  // What is chosen before it is sent: the steps, a reply, a language. The same key again goes on to the next box.
  const openChoice = (choice) => {
    choice.open = true;
    const boxes = all("select, input[type=checkbox]", choice);
    (boxes[boxes.indexOf(document.activeElement) + 1] ?? boxes[0])?.focus();
  };

  const press = (key) => {
    const inRow = (attribute) => currentRow()?.querySelector(`[${attribute}="${CSS.escape(key)}"]`);
    const choice = inRow("data-opens");
    const button = inRow("data-key") ?? document.querySelector(`[data-key="${CSS.escape(key)}"]:not([data-row] *)`);
    if (choice) openChoice(choice);
    else button?.click();
    return Boolean(choice ?? button);
  };

  const KEYS = {
    j: () => move(1),
    k: () => move(-1),
    "?": () => all("[data-keys] details").forEach((list) => { list.open = !list.open; }),
  };

  document.addEventListener("keydown", (event) => {
    const isOn = document.querySelector("[data-keys]") && keysAreOn();
    if (!isOn || event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
    if (event.key in KEYS ? (KEYS[event.key](), true) : press(event.key)) event.preventDefault();
  });

  // In the note Ctrl and Enter send the answer that asked for it, in a choice Enter does what its button does, and
  // Escape goes back to the line.

  const answerOf = (form) => form.querySelector(`.choices [value="${form.dataset.wants}"]`);

  document.addEventListener("keydown", (event) => {
    const row = event.target.closest?.("[data-row]");
    if (!row || !event.target.closest("form")) return;
    const sends = event.target.matches("[data-note]") && (event.ctrlKey || event.metaKey)
      ? answerOf(event.target.form)
      : event.target.matches("[data-opens] select") && event.target.closest("[data-opens]").querySelector("button");
    if (event.key === "Escape") return openRow(row);
    if (event.key !== "Enter" || !sends) return;
    event.preventDefault();
    sends.click();
  });

  document.addEventListener("click", (event) => {
    if (!event.target.closest("[data-keys-toggle]")) return;
    localStorage.setItem("keys", keysAreOn() ? "off" : "on");
    showKeys();
  });

  // A button that needs a note asks for it before it sends.

  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-needs-note]");
    const note = button?.form?.querySelector("[data-note]");
    if (!note || note.value.trim()) return;
    event.preventDefault();
    button.form.dataset.wants = button.value;
    note.focus();
  });

  // A saved reply is put in the note here; without scripts its button asks the site to.

  document.addEventListener("click", (event) => {
    const form = event.target.closest("[data-begins-note]")?.form;
    const reply = form && document.getElementById(`text-${form.elements.reply.value}`);
    if (!reply) return;
    event.preventDefault();
    const note = form.querySelector("[data-note]");
    note.value = [note.value.trim(), reply.textContent].filter(Boolean).join("\n");
    form.dataset.wants = reply.dataset.answer;
    note.dispatchEvent(new Event("input", { bubbles: true }));
    note.focus();
  });

  // Drafts: what is typed or chosen in form[data-draft] stays in this tab until it was taken in.
  // A page marked data-keep-drafts (sign-in, an error) takes nothing in.

  const KINDS = ["text", "url", "date", "datetime-local", "radio"].map((kind) => `[type=${kind}]`);
  const TYPED = `textarea, select, input:is(:not([type]), ${KINDS})`;
  const draftOf = (form) => `draft:${form.dataset.draft}`;
  const sentMark = (draft) => `sent:${draft}`;

  const nameOf = (field) => field.id || field.name;

  // What a field holds, and what it held when the page came; of a radio button, whether it is the one.
  const isRadio = (field) => field.type === "radio";
  const valueOf = (field) => (isRadio(field) ? field.checked : field.value);
  const firstValueOf = (field) => {
    if (isRadio(field)) return field.defaultChecked;
    const option = [...(field.options ?? [])];
    return option.length ? (option.find((one) => one.defaultSelected) ?? option[0]).value : field.defaultValue;
  };
  const isChanged = (field) => valueOf(field) !== firstValueOf(field);
  const fill = (field, value) => {
    if (isRadio(field)) field.checked = value;
    else if (!field.options || [...field.options].some((option) => option.value === value)) field.value = value;
  };
  const keptDraft = (form) => JSON.parse(sessionStorage.getItem(draftOf(form)) ?? "{}");

  // What was changed; a field that is as the page brought it has nothing to lose.
  const keepDraft = (form) => {
    const draft = keptDraft(form);
    all(TYPED, form).filter((field) => field.name).forEach((field) => {
      if (isChanged(field) || nameOf(field) in draft) draft[nameOf(field)] = valueOf(field);
    });
    sessionStorage.setItem(draftOf(form), JSON.stringify(draft));
  };

  // What was typed before this script ran is there already, and newer than what was kept.
  const keepEarly = (form) => {
    const early = all(TYPED, form).filter((field) => field.name && isChanged(field));
    const draft = { ...keptDraft(form), ...Object.fromEntries(early.map((field) => [nameOf(field), valueOf(field)])) };
    if (early.length) sessionStorage.setItem(draftOf(form), JSON.stringify(draft));
  };

  // A refused form brings what was typed itself; data-chosen marks what was chosen by the link to this page.
  const restoreDraft = (form) => {
    if (wasRefused(draftOf(form))) return;
    const draft = keptDraft(form);
    const fields = all(TYPED, form).filter((field) => nameOf(field) in draft && !("chosen" in field.dataset));
    fields.forEach((field) => fill(field, draft[nameOf(field)]));
    const changed = fields.filter(isChanged);
    changed.map((field) => field.closest("details")).filter((fold) => form.contains(fold)).forEach((fold) => {
      fold.open = true;
    });
    // What the page says of the times it came with is asked anew for these.
    changed.find((field) => field.closest("[data-look]"))?.dispatchEvent(new Event("change", { bubbles: true }));
  };

  const wasRefused = (draft) =>
    all("form[data-draft]").some(
      (form) => draftOf(form) === draft && form.querySelector("[aria-invalid=true], [data-error-summary]"),
    );

  const pageTookNothingIn = () => {
    const [navigation] = performance.getEntriesByType("navigation");
    return document.querySelector("[data-keep-drafts]") !== null
      || (navigation && (navigation.type !== "navigate" || navigation.responseStatus >= 400));
  };

  const forgetTaken = (nothingTaken) => {
    Object.keys(sessionStorage).filter((key) => key.startsWith("sent:")).forEach((mark) => {
      const draft = mark.slice("sent:".length);
      sessionStorage.removeItem(mark);
      if (!nothingTaken && !wasRefused(draft)) sessionStorage.removeItem(draft);
    });
  };

  const draftForm = (event) => event.target.closest?.("form[data-draft]");

  document.addEventListener("input", (event) => {
    const form = draftForm(event);
    if (form) keepDraft(form);
  });

  // Whoever uses this tab next finds nothing of what was typed before.
  const forgetAll = () => Object.keys(sessionStorage).filter((key) => /^(draft|sent):/.test(key)).forEach((key) => {
    sessionStorage.removeItem(key);
  });

  document.addEventListener("submit", (event) => {
    if (event.target.matches("[data-forget-drafts]")) return forgetAll();
    const form = draftForm(event);
    if (!form) return;
    keepDraft(form);
    sessionStorage.setItem(sentMark(draftOf(form)), "1");
  }, true);

  window.addEventListener("pageshow", (event) => {
    if (event.persisted) forgetTaken(true);
  });

  // Start, and again after every htmx swap.

  const start = (root) => {
    focusWanted(root);
    showKeys();
    all("form[data-draft]", root).forEach((form) => {
      keepEarly(form);
      restoreDraft(form);
    });
  };

  document.addEventListener("htmx:afterSettle", (event) => {
    forgetTaken(false);
    start(event.target);
  });

  document.addEventListener("htmx:responseError", () => forgetTaken(true));
  document.addEventListener("htmx:sendError", () => forgetTaken(true));

  document.addEventListener("DOMContentLoaded", () => {
    forgetTaken(pageTookNothingIn());
    start(document);
  });
})();
