// The screens' own script. Pages work without it for the main path; it adds keys, dialogs in place, toasts,
// drafts that outlive a crash, and pages that move when a colleague changes something.
(() => {
"use strict"
const root = document.getElementById("crm")
if (!root) return
const path = root.dataset.path
const words = JSON.parse(root.dataset.texts || "{}")
const $ = (selector, from = root) => from.querySelector(selector)
const $$ = (selector, from = root) => [...from.querySelectorAll(selector)]
const typing = el => el.closest("input:not([type=checkbox]):not([type=radio]), textarea, select, [contenteditable]")

// Dialogs: a link with data-dialog leads to a page; here that page's part opens in place.
const dialog = $("#crm-dialog")
let opener = null
function openDialog(address, from) {
	opener = from || document.activeElement
	return htmx.ajax("GET", address, { target: "#crm-dialog-body", swap: "innerHTML" })
}
document.body.addEventListener("htmx:afterSwap", e => {
	if (e.detail.target.id !== "crm-dialog-body") return
	dialog.classList.toggle("broad", !!$("[data-broad]", dialog))
	htmx.process(e.detail.target) // before the focus: who types at once finds its forms at work
	if (!dialog.open && e.detail.target.childElementCount) dialog.showModal()
	const first = $("[aria-invalid], [autofocus]", dialog) || $("input:not([type=hidden]), select, textarea, button:not([data-dismiss])", dialog)
	if (first) first.focus()
})
dialog.addEventListener("close", () => { $("#crm-dialog-body").replaceChildren(); if (opener && opener.isConnected) opener.focus() })
root.addEventListener("click", e => {
	const link = e.target.closest("a[data-dialog]")
	if (link && !e.ctrlKey && !e.metaKey && !e.shiftKey && e.button === 0) { e.preventDefault(); openDialog(link.href, link); return }
	const away = e.target.closest("[data-dismiss]")
	if (away) {
		const box = away.closest("dialog, .toast, [data-box]")
		if (away.matches("a[href]")) { if (!(box instanceof HTMLDialogElement && box.open)) return; e.preventDefault() } // the page of a dialog goes where the link leads
		if (box instanceof HTMLDialogElement) { if (box.open) box.close(); else history.back() } else if (box) box.remove(); else history.back()
		return
	}
	const open = e.target.closest("[data-open]")
	if (open) { document.getElementById(open.dataset.open).showModal(); return }
	if (e.target.closest("[data-print]")) { print(); return }
	if (e.target instanceof HTMLDialogElement && e.target.open && e.target.id !== "crm-dialog") e.target.close()
	for (const menu of $$("details.menu[open]")) if (!menu.contains(e.target)) menu.open = false
	const row = e.target.closest("tr[data-href]")
	if (row && !e.target.closest("a, button, input, label, select, textarea, summary") && !getSelection().toString()) go(row.dataset.href, e)
})
function go(address, e) { if (e && (e.ctrlKey || e.metaKey)) open(address); else location.assign(address) }

// PDFs stand in the page where the browser can show them there; elsewhere a button opens them.
function papers(from) {
	if (!navigator.pdfViewerEnabled) return
	for (const box of $$("[data-pdf]", from)) {
		if (box.offsetParent === null || $("iframe", box)) continue
		const frame = document.createElement("iframe")
		frame.title = box.dataset.title; frame.src = box.dataset.pdf
		box.append(frame)
	}
}
document.body.addEventListener("htmx:afterSettle", e => papers(e.detail.elt.parentElement || root))

// Toasts.
function toast(t) {
	const box = document.createElement("div")
	box.className = "toast" + (t.bad ? " bad" : "")
	const text = document.createElement("span")
	text.textContent = t.text
	box.append(text)
	if (t.link) { const a = document.createElement("a"); a.href = t.link; a.textContent = t.name; box.append(a) }
	if (t.undo) {
		const form = document.createElement("form")
		form.method = "post"; form.action = t.undo
		for (const [name, value] of Object.entries({ csrf: root.dataset.csrf, next: location.pathname + location.search, ...t.fields })) {
			const field = document.createElement("input"); field.type = "hidden"; field.name = name; field.value = value; form.append(field)
		}
		const button = document.createElement("button"); button.textContent = words.undo; form.append(button); box.append(form)
	}
	const close = document.createElement("button")
	close.type = "button"; close.className = "icon-button"; close.dataset.dismiss = ""; close.setAttribute("aria-label", words.close); close.textContent = "×"
	box.append(close)
	$("#crm-toasts").append(box)
	fade(box)
}
function fade(box) { setTimeout(function gone() { if (box.matches(":hover, :focus-within")) setTimeout(gone, 2000); else box.remove() }, box.matches(".bad") ? 15000 : 8000) }
$$("#crm-toasts .toast").forEach(fade)
document.body.addEventListener("crm:toast", e => (e.detail.toasts || []).forEach(toast))
document.body.addEventListener("htmx:sendError", () => toast({ text: words.offline, bad: true }))

// Keys. A letter works where nobody types; Ctrl+Enter sends the form one is in.
let prefix = ""
const places = { t: "/today", l: "/leads", o: "/opportunities", q: "/quotes", c: "/customers", a: "/calendar", r: "/reports", p: "/contacts", f: "/files", s: "/settings" }
document.addEventListener("keydown", e => {
	if (e.key === "Enter" && (e.ctrlKey || e.metaKey)) { const form = e.target.closest("form"); if (form) { e.preventDefault(); form.requestSubmit() } return }
	if (e.key === "Escape") { $$("details.menu[open]").forEach(m => { m.open = false; $("summary", m).focus() }); const found = $("#crm-found"); if (found.childElementCount) found.replaceChildren() }
	if (e.ctrlKey || e.metaKey || e.altKey || e.defaultPrevented || typing(e.target) || document.querySelector("dialog[open]")) return
	if (prefix === "g") { prefix = ""; if (places[e.key]) { e.preventDefault(); location.assign(path + places[e.key]) } return }
	const marked = document.activeElement.closest("[data-rows] [tabindex]")
	switch (e.key) {
	case "g": prefix = "g"; setTimeout(() => { prefix = "" }, 1200); return
	case "/": e.preventDefault(); if (root.querySelector(".nav[data-script]")) $(".nav").dataset.shown = ""; $("#crm-search").focus(); return
	case "?": e.preventDefault(); $("#crm-keys").showModal(); return
	case "j": case "k": step(e.key === "j" ? 1 : -1, marked); e.preventDefault(); return
	case "x": if (marked) { const box = $("input[type=checkbox]", marked); if (box) box.click() } return
	case "Enter": if (marked && marked.dataset.href && document.activeElement === marked) go(marked.dataset.href, e); return
	case "e": if (marked) { const edit = $("[data-edit]", marked); if (edit) { e.preventDefault(); edit.click(); return } }
	}
	const target = $$(`[data-key="${CSS.escape(e.key)}"]`).find(el => el.offsetParent !== null)
	if (target) { e.preventDefault(); target.matches("input, textarea, select") ? target.focus() : target.click() }
})
function step(by, from) {
	const rows = $$("[data-rows] [tabindex]").filter(el => el.checkVisibility()) // not what is folded
	if (!rows.length) return
	const at = rows.indexOf(from)
	const next = rows[Math.max(0, Math.min(rows.length - 1, at < 0 ? (by > 0 ? 0 : rows.length - 1) : at + by))]
	next.focus(); next.scrollIntoView({ block: "nearest" })
}
// Inline edit: a double click on a cell presses its pencil.
root.addEventListener("dblclick", e => { const cell = e.target.closest("[data-cell]"); const edit = cell && $("[data-edit]", cell); if (edit) edit.click() })

// Boxes that mark rows show the bar of what can be done with them.
function count(form) {
	const boxes = $$("input[name=id]", form), on = boxes.filter(b => b.checked)
	boxes.forEach(b => b.closest("tr, li")?.classList.toggle("on", b.checked))
	const bar = $("[data-bulk]", form), all = $("[data-all]", form)
	if (bar) { bar.hidden = !on.length; const n = $("[data-count]", bar); if (n) n.textContent = on.length }
	if (all) { all.checked = on.length > 0 && on.length === boxes.length; all.indeterminate = on.length > 0 && on.length < boxes.length }
}
root.addEventListener("change", e => {
	const form = e.target.closest("[data-marks]")
	if (form) { if (e.target.matches("[data-all]")) $$("input[name=id]", form).forEach(b => { b.checked = e.target.checked }); count(form) }
	if (e.target.closest("[data-submit]")) e.target.form.requestSubmit()
})
function fresh(from) { $$("[data-marks]", from.parentElement || root).forEach(count) }
document.body.addEventListener("htmx:afterSettle", e => fresh(e.detail.elt))

// Drafts: what is typed in a form with data-draft is kept in this browser until the server took it.
const draftKey = form => "crm:" + root.dataset.me + ":" + form.dataset.draft
const dirty = new WeakSet()
// tell lets the server say that it took what was typed: until then it is kept, whatever becomes of the form.
function tell(form) { if (form.elements.draft) return; const f = document.createElement("input"); f.type = "hidden"; f.name = "draft"; f.value = form.dataset.draft; form.append(f) }
function fieldsOf(form) { return [...form.elements].filter(f => f.name && f.name !== "csrf" && f.name !== "next" && !["hidden", "password", "file", "submit", "button"].includes(f.type)) }
function keep(form) {
	tell(form)
	const values = {}
	for (const f of fieldsOf(form)) if (f.type === "checkbox" || f.type === "radio") { if (f.checked) (values[f.name] ||= []).push(f.value) } else (values[f.name] ||= []).push(f.value)
	try { localStorage.setItem(draftKey(form), JSON.stringify({ at: Date.now(), version: form.elements.version?.value || "", values })) } catch { /* full, or forbidden: the guard still holds */ }
}
function restore(form) {
	let saved
	try { saved = JSON.parse(localStorage.getItem(draftKey(form)) || "null") } catch { saved = null }
	if (!saved || form.hasAttribute("data-failed") || Date.now() - saved.at > 7 * 864e5) return
	const left = structuredClone(saved.values)
	let changed = false
	for (const f of fieldsOf(form)) {
		if (f.type === "checkbox" || f.type === "radio") { const on = (saved.values[f.name] || []).includes(f.value); if (f.checked !== on) { f.checked = on; changed = true } continue }
		const value = (left[f.name] || []).shift()
		if (value !== undefined && value !== f.value) { f.value = value; changed = true; f.dispatchEvent(new Event("input", { bubbles: true })) }
	}
	if (!changed) return
	dirty.add(form); tell(form)
	const note = document.createElement("p")
	note.className = "note"; note.setAttribute("role", "status"); note.dataset.box = ""
	const text = document.createElement("span"); text.textContent = words.restored
	const drop = document.createElement("button"); drop.type = "button"; drop.className = "plain"; drop.textContent = words.discard
	drop.addEventListener("click", () => { localStorage.removeItem(draftKey(form)); dirty.delete(form); location.reload() })
	note.append(text, drop); form.prepend(note)
}
const took = document.cookie.split("; ").find(c => c.startsWith("crm_taken="))
if (took) { document.cookie = `crm_taken=; path=${path}/; max-age=0`; try { localStorage.removeItem("crm:" + root.dataset.me + ":" + decodeURIComponent(took.slice(10))) } catch { /* no storage */ } }
$$("form[data-draft]").forEach(restore)
document.body.addEventListener("htmx:afterSettle", e => $$("form[data-draft]", e.detail.elt).forEach(restore))
root.addEventListener("input", e => { const form = e.target.closest("form[data-draft]"); if (form && e.isTrusted) { dirty.add(form); keep(form) } })
root.addEventListener("submit", e => {
	const form = e.target
	if (form.matches("[data-draft]")) dirty.delete(form)
	if (form.matches("[data-once]")) { if (form.dataset.sent) { e.preventDefault(); return } form.dataset.sent = "1"; setTimeout(() => { delete form.dataset.sent }, 4000) }
})
document.body.addEventListener("htmx:beforeSwap", e => { const form = e.detail.requestConfig.elt; if (form.matches("form[data-draft]") && e.detail.xhr.status === 200) { dirty.delete(form); localStorage.removeItem(draftKey(form)) } })
addEventListener("beforeunload", e => { if ($$("form[data-draft]").some(f => dirty.has(f))) e.preventDefault() })

// What the reader prefers is told to the server at once, and shown without waiting.
root.addEventListener("toggle", e => {
	if (e.target.matches("[data-dock]")) prefer("dock", e.target.open ? "" : "shut")
}, true)
function prefer(name, value) {
	const body = new URLSearchParams({ name, value })
	fetch(path + "/prefer", { method: "POST", body, headers: { "X-Csrf-Token": root.dataset.csrf }, keepalive: true }).catch(() => {})
}

// Live: one connection for all tabs of the browser tells what changed; parts of pages that wait for it
// (hx-trigger="crm:lead from:body") are fetched again.
const pending = new Map()
function heard(change) {
	if (change && change.kind === "*") { for (const kind of ["lead", "opportunity", "quote", "activity", "notice"]) heard({ kind }); return }
	if (!change || !change.kind || pending.has(change.kind)) return
	pending.set(change.kind, setTimeout(() => { pending.delete(change.kind); htmx.trigger(document.body, "crm:" + change.kind, change) }, 150))
}
function listen() {
	if (!root.dataset.live) return
	if (window.SharedWorker) {
		try {
			const worker = new SharedWorker(root.dataset.worker, { name: root.dataset.live })
			worker.port.onmessage = e => heard(e.data)
			worker.port.start()
			worker.port.postMessage(root.dataset.live)
			addEventListener("pagehide", () => worker.port.postMessage("bye"))
			return
		} catch { /* forbidden in this frame: a connection of our own */ }
	}
	const source = new EventSource(root.dataset.live)
	source.onmessage = e => heard(JSON.parse(e.data))
	addEventListener("pagehide", () => source.close())
}

// Components of Alpine.
document.addEventListener("alpine:init", () => {
	Alpine.data("drawer", () => ({
		shown: false,
		init() { this.$root.dataset.script = "" },
		toggle() { this.shown = !this.shown; this.shown ? this.$root.dataset.shown = "" : delete this.$root.dataset.shown },
	}))
	Alpine.data("finder", () => ({
		init() {
			$("#crm-search").addEventListener("focus", e => { if (e.target.value) htmx.trigger(e.target, "crm:find") })
			this.$root.addEventListener("keydown", e => {
				if (e.key !== "ArrowDown" && e.key !== "ArrowUp") return
				const all = [$("#crm-search"), ...$$("#crm-found a")]
				const at = all.indexOf(document.activeElement)
				const next = all[at + (e.key === "ArrowDown" ? 1 : -1)]
				if (next) { e.preventDefault(); next.focus() }
			})
			document.addEventListener("click", e => { if (!this.$root.contains(e.target)) $("#crm-found").replaceChildren() })
		},
	}))
})
// Where tabs or chips run over the edge of a phone, the one that is open is brought into sight.
function sight(of) { $$(".tabs [aria-current], .path .now", of).forEach(el => { const row = el.closest(".tabs, .path"), a = el.getBoundingClientRect(), b = row.getBoundingClientRect(); if (row.scrollWidth > row.clientWidth && (a.left < b.left || a.right > b.right)) row.scrollLeft += a.left + a.width / 2 - b.left - b.width / 2 }) }
document.addEventListener("DOMContentLoaded", () => { fresh(root); papers(root); sight(root); listen() })
window.crm = { $, $$, path, toast, openDialog, prefer, words, csrf: () => root.dataset.csrf, keep: form => { if (form.matches("[data-draft]")) { dirty.add(form); keep(form) } } }
})()
