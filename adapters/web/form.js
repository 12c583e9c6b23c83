function (form) {
  "use strict";
  const script = document.currentScript;
  if (!script || !window.fetch || !document.adoptedStyleSheets) return;
  const link = new URL(script.src);
  const url = link.origin + link.pathname.replace(/\.js$/, "");
  const ready = performance.now() + form.wait;

  const make = (tag, attributes, ...children) => {
    const element = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) {
      if (value !== false && value != null) element.setAttribute(name, value === true ? "" : value);
    }
    element.append(...children.filter((child) => child != null));
    return element;
  };
  const optional = (field) => (field.required ? null : make("span", { class: "optional" }, "(" + form.optional + ")"));

  // What goes with the lead without being typed: the link's own values, the page, and where the
  // visitor came from. The page's own query stays here, it can hold anything.
  const origin = () => {
    const query = new URLSearchParams(location.search);
    const values = { page: location.origin + location.pathname, referrer: document.referrer };
    for (const name of form.carried) if (query.get(name)) values[name] = query.get(name).slice(0, 400);
    return values;
  };

  const fieldOf = (field) => {
    const attributes = {
      id: "field-" + field.name, name: field.name, maxlength: field.limit, required: field.required, dir: field.code ? "ltr" : "auto",
      "aria-describedby": field.hint ? "hint-" + field.name : null,
    };
    const input = field.type === "textarea" ? make("textarea", { ...attributes, rows: 5 })
      : make("input", { ...attributes, type: field.type, autocomplete: field.complete });
    return make("div", { class: field.wide ? "field wide" : "field" },
      make("label", { for: attributes.id }, field.label + " ", optional(field)), input,
      field.hint ? make("p", { class: "hint", id: "hint-" + field.name }, field.hint) : null);
  };

  const consentOf = (consent) => make("div", { class: "consent" },
    make("input", { id: "field-" + consent.name, name: consent.name, type: "checkbox", value: consent.version, required: consent.required }),
    make("div", {}, make("label", { for: "field-" + consent.name }, consent.text + " ", optional(consent)), " ",
      consent.policy_url ? make("a", { href: consent.policy_url, target: "_blank", rel: "noopener" }, consent.policy) : null));

  const plant = (place) => {
    place.setAttribute("data-crm-ready", "");
    const root = place.attachShadow({ mode: "open" });
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(form.style);
    root.adoptedStyleSheets = [sheet];

    let token = form.token;
    let busy = false;
    const notice = make("div", { role: "alert", tabindex: "-1" });
    const button = make("button", { class: "button", type: "submit" }, form.button);
    const entry = make("form", { novalidate: true, action: url, method: "post" },
      make("div", { class: "fields" }, ...form.fields.map(fieldOf)),
      form.consent ? consentOf(form.consent) : null,
      form.newsletter ? consentOf(form.newsletter) : null,
      make("div", { class: "trap", "aria-hidden": "true" }, make("label", { for: "field-trap" }, form.trap.label),
        make("input", { id: "field-trap", name: form.trap.name, type: "text", tabindex: "-1", autocomplete: "off" })),
      button);
    const frame = make("div", { lang: form.language, dir: form.direction },
      make("h1", { role: "heading", "aria-level": "2" }, form.title), make("p", { class: "intro" }, form.intro), notice, entry);
    root.append(frame);

    const tell = (kind, title, text) => {
      notice.className = kind ? "notice " + kind : "";
      notice.replaceChildren(...(kind ? [make("h2", {}, title), text ? make("p", {}, text) : ""] : []));
    };
    const clear = () => {
      tell();
      for (const fault of root.querySelectorAll(".fault")) fault.remove();
      for (const input of root.querySelectorAll("[aria-invalid]")) {
        input.removeAttribute("aria-invalid");
        const hint = root.getElementById("hint-" + input.name);
        if (hint) input.setAttribute("aria-describedby", hint.id);
        else input.removeAttribute("aria-describedby");
      }
    };
    const mark = (faults) => {
      let first = null;
      for (const fault of faults) {
        const input = root.getElementById("field-" + fault.path);
        if (!input) continue;
        const id = "fault-" + fault.path;
        input.setAttribute("aria-invalid", "true");
        input.setAttribute("aria-describedby", [id, input.getAttribute("aria-describedby")].filter(Boolean).join(" "));
        (input.type === "checkbox" ? input.nextSibling : input.parentNode).append(make("p", { class: "fault", id }, fault.message));
        first = first || input;
      }
      (first || notice).focus();
    };
    const send = async (again) => {
      const values = { ...origin(), form_token: token };
      for (const [name, value] of new FormData(entry)) values[name] = value;
      const answer = await fetch(url, {
        method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(values), credentials: "omit", referrerPolicy: "origin",
      });
      const body = await answer.json();
      if (answer.ok) {
        if (body.redirect) return location.assign(body.redirect);
        const done = make("div", { class: "done", role: "status", tabindex: "-1" }, make("span", { class: "tick", "aria-hidden": "true" }),
          make("h1", { role: "heading", "aria-level": "2" }, body.title), make("p", { class: "intro" }, body.text));
        frame.replaceChildren(done);
        return done.focus();
      }
      if (body.token) {
        token = body.token;
        if (again) return send(false);
      }
      const faults = body.faults || [];
      tell(body.code === "early" || body.code === "stale" ? "watch" : "bad", body.title, body.code === "faults" ? "" : body.detail);
      mark(faults);
    };
    entry.addEventListener("submit", async (event) => {
      event.preventDefault();
      if (busy) return;
      busy = true;
      button.setAttribute("aria-disabled", "true");
      button.textContent = form.sending;
      clear();
      try {
        const wait = ready - performance.now();
        if (wait > 0) await new Promise((resolve) => setTimeout(resolve, wait));
        await send(true);
      } catch (error) {
        tell("bad", form.failed, form.unavailable);
        notice.focus();
      }
      busy = false;
      button.removeAttribute("aria-disabled");
      button.textContent = form.button;
    });
  };

  const start = () => {
    for (const place of document.querySelectorAll('[data-crm-form="' + form.key + '"]:not([data-crm-ready])')) plant(place);
  };
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", start);
  else start();
}
