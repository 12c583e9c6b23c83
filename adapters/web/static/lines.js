// The table of lines: keys and paste as in a spreadsheet, products found as one types, sums and the page
// beside it computed by the server.
(() => {
"use strict"
const root = document.getElementById("crm")
if (!root) return
const order = ["code", "name", "quantity", "unit", "price", "discount", "vat"]
const $$ = (selector, from) => [...from.querySelectorAll(selector)]
const rowsOf = table => $$("[data-line]", table)
const field = (row, name) => row.querySelector(`[name="${name}"]`)
const filled = row => ["code", "name", "price", "description"].some(name => { const f = field(row, name); return f && f.value.trim() })

function setup(table) {
	if (table.dataset.ready) return
	const form = table.closest("form"), blank = table.querySelector("template[data-blank]")
	if (!form || !blank) return
	table.dataset.ready = "1"
	const words = JSON.parse(table.dataset.words)
	const say = document.createElement("div")
	say.className = "hidden"; say.setAttribute("role", "status"); table.append(say)

	function add(before) {
		const row = blank.content.firstElementChild.cloneNode(true)
		if (before) before.before(row); else table.querySelector("table").append(row)
		return row
	}
	function spare() { const all = rowsOf(table); if (!all.length || filled(all.at(-1))) add(); }
	// Enough rows for what was kept in this browser; the fields themselves are restored by the screens' own script.
	try {
		const kept = JSON.parse(localStorage.getItem("crm:" + root.dataset.me + ":" + form.dataset.draft) || "null")
		if (kept && !form.hasAttribute("data-failed")) while (rowsOf(table).length < (kept.values.code || []).length) add()
	} catch { /* nothing kept */ }

	// Sums and the page.
	let timer = 0, page = 0, run = 0
	function changed(at) { spare(); rowsOf(table).filter(filled).forEach(row => { row.classList.remove("spare"); field(row, "name").title = field(row, "name").value }); clearTimeout(timer); timer = setTimeout(sums, at ?? 300) }
	async function sums() {
		const turn = ++run
		let answer
		try {
			const response = await fetch(table.dataset.sums, { method: "POST", body: new URLSearchParams(new FormData(form)), headers: { "X-Csrf-Token": crm.csrf() } })
			if (!response.ok || turn !== run) return
			answer = await response.json()
		} catch { return }
		table.querySelector("[data-totals]").innerHTML = answer.totals
		const all = rowsOf(table)
		answer.rows.forEach((r, i) => {
			const row = all[i]
			if (!row) return
			row.querySelector("[data-number]").textContent = r.number
			row.querySelector("[data-net]").textContent = r.net
			for (const name of ["name", "unit", "price", "discount", "vat"]) { const f = field(row, name); if (f) f.placeholder = r[name] }
			const here = document.activeElement && row.contains(document.activeElement) ? document.activeElement.name : ""
			for (const name of order) { const f = field(row, name); if (f) r.bad.includes(name) && name !== here ? f.setAttribute("aria-invalid", "true") : f.removeAttribute("aria-invalid") }
			const wrong = row.querySelector(".line-fault")
			wrong.hidden = !r.wrong || (here && r.bad.length === 1 && r.bad[0] === here)
			row.querySelector("[data-wrong]").textContent = r.wrong
		})
		clearTimeout(page)
		page = setTimeout(sheet, 500)
	}
	function send(action, target) { // a form of its own: nothing of the editor's counts as sent
		const out = document.createElement("form")
		out.method = "post"; out.action = action; out.target = target; out.hidden = true
		for (const [name, value] of new FormData(form)) { const f = document.createElement("input"); f.type = "hidden"; f.name = name; f.value = value; out.append(f) }
		document.body.append(out); out.submit(); out.remove()
	}
	const sheets = form.querySelector("[data-sheets]")
	function sheet() {
		if (!sheets || sheets.offsetParent === null || !sheets.querySelector("iframe")) return
		for (const old of $$("iframe.next", sheets)) old.remove()
		const next = document.createElement("iframe"), old = sheets.querySelector("iframe:not(.next)")
		next.className = "next"; next.title = old.title; next.name = "sheet" + Date.now()
		sheets.append(next)
		let shown = false
		const show = () => { if (shown || !next.isConnected) return; shown = true; setTimeout(() => { old.remove(); next.classList.remove("next") }, 150) }
		setTimeout(() => next.addEventListener("load", show), 0)
		setTimeout(show, 4000)
		send(form.dataset.sheet + "#toolbar=0&navpanes=0&view=FitH", next.name)
	}
	form.addEventListener("input", e => { if (e.target.closest("[data-lines]") || sheets) changed() })
	form.addEventListener("change", e => { if (e.target.matches("[name=kind]")) { const row = e.target.closest("[data-line]"); row.className = "line kind-" + e.target.value + (row.classList.contains("more") ? " more" : "") } if (e.target.closest("[data-lines]") || sheets) changed(50) })
	form.addEventListener("click", e => {
		const open = e.target.closest(".sheet-open[formtarget]")
		if (open) { e.preventDefault(); send(open.formAction, "_blank"); return }
		if (e.target.closest("[data-more]")) { e.preventDefault(); const row = add(); row.classList.remove("spare"); field(row, "code").focus(); return }
		const what = e.target.closest("[data-row]")
		if (!what) return
		e.preventDefault()
		const row = what.closest("[data-line]"), menu = what.closest("details")
		if (menu) menu.open = false
		act(row, what.dataset.row)
	})
	function act(row, what) {
		const before = row.previousElementSibling?.matches("[data-line]") ? row.previousElementSibling : null, after = row.nextElementSibling
		switch (what) {
		case "more": row.classList.toggle("more"); if (row.classList.contains("more")) field(row, "description").focus(); return
		case "up": if (before) before.before(row); break
		case "down": if (after) after.after(row); break
		case "drop": { const next = after || before; row.remove(); spare(); if (next) field(next, "code").focus(); break }
		}
		if (what !== "drop") field(row, "code").focus()
		form.dispatchEvent(new Event("input", { bubbles: true })); changed(50)
	}

	// Keys and paste.
	table.addEventListener("keydown", e => {
		const cell = e.target, row = cell.closest("[data-line]")
		if (!row || !order.includes(cell.name)) return
		if (list.keys(e)) return
		const all = rowsOf(table), at = all.indexOf(row)
		if (e.altKey && (e.key === "ArrowUp" || e.key === "ArrowDown")) { e.preventDefault(); act(row, e.key === "ArrowUp" ? "up" : "down"); field(row, cell.name).focus(); return }
		if (e.key === "Enter" && !e.ctrlKey && !e.metaKey || e.key === "ArrowDown") { e.preventDefault(); const next = all[at + 1] || add(); field(next, cell.name).focus(); field(next, cell.name).select(); return }
		if (e.key === "ArrowUp") { e.preventDefault(); if (at > 0) { field(all[at - 1], cell.name).focus(); field(all[at - 1], cell.name).select() } return }
		if (e.key === "ArrowLeft" || e.key === "ArrowRight") { // out of a cell at its edge
			const right = e.key === "ArrowRight", whole = cell.selectionEnd - cell.selectionStart === cell.value.length
			const edge = right ? cell.selectionStart === cell.value.length : cell.selectionEnd === 0
			if (!edge && !whole || e.shiftKey) return
			const cells = order.map(name => field(row, name)).filter(Boolean), step = (getComputedStyle(table).direction === "rtl") === right ? -1 : 1
			const next = cells[cells.indexOf(cell) + step]
			if (next) { e.preventDefault(); next.focus(); next.select() }
		}
	})
	table.addEventListener("paste", e => {
		const cell = e.target, text = e.clipboardData.getData("text/plain").replace(/\r\n?/g, "\n").replace(/\n$/, "")
		if (!order.includes(cell.name) || !/[\t\n]/.test(text)) return
		e.preventDefault()
		const names = order.slice(order.indexOf(cell.name)), lines = text.split("\n").slice(0, 500)
		let row = cell.closest("[data-line]")
		lines.forEach((line, i) => {
			if (i) row = row.nextElementSibling?.matches("[data-line]") ? row.nextElementSibling : add()
			line.split("\t").forEach((value, k) => { const f = names[k] && field(row, names[k]); if (f) f.value = value.trim() })
		})
		form.dispatchEvent(new Event("input", { bubbles: true })); keepDraft(); changed(50)
		say.textContent = words.pasted.replace("%d", lines.length)
	})
	// A paste is no typing: the draft is kept by a touch of the last field.
	function keepDraft() { window.crm && crm.keep && crm.keep(form) }

	// Products as one types.
	const list = (() => {
		const box = document.createElement("div")
		box.className = "found line-found"; box.id = "found-" + Math.random().toString(36).slice(2); box.setAttribute("role", "listbox"); box.hidden = true
		table.append(box)
		let cell = null, wait = 0, turn = 0
		const options = () => $$("[role=option]", box)
		const marked = () => box.querySelector("[aria-selected=true]")
		function close() { box.hidden = true; clearTimeout(wait); turn++; if (cell) { cell.setAttribute("aria-expanded", "false"); cell.removeAttribute("aria-activedescendant") } cell = null }
		function mark(option) { const old = marked(); if (old) old.setAttribute("aria-selected", "false"); if (!option) return; option.setAttribute("aria-selected", "true"); option.scrollIntoView({ block: "nearest" }); cell.setAttribute("aria-activedescendant", option.id) }
		async function find(f) {
			const mine = ++turn, text = f.value.trim()
			if (text.length < 2 || field(f.closest("[data-line]"), "kind").value === "text" || field(f.closest("[data-line]"), "kind").value === "heading") { close(); return }
			let html
			try {
				const response = await fetch(table.dataset.products + "&q=" + encodeURIComponent(text), { headers: { "Hx-Request": "true" } })
				if (!response.ok) return
				html = await response.text()
			} catch { return }
			if (mine !== turn || document.activeElement !== f) return
			cell = f; box.innerHTML = html
			const n = options().length
			if (!n && f.name === "name") { close(); return }
			options().forEach((o, i) => { o.id = box.id + "-" + i })
			const place = f.getBoundingClientRect(), base = table.getBoundingClientRect()
			box.style.insetBlockStart = place.bottom - base.top + 2 + "px"
			box.style.insetInlineStart = (getComputedStyle(table).direction === "rtl" ? base.right - place.right : place.left - base.left) + "px"
			box.hidden = false
			f.setAttribute("aria-expanded", "true"); f.setAttribute("aria-controls", box.id)
			say.textContent = words.found.replace("%d", n)
			if (f.name === "code") mark(options()[0])
		}
		function take(option) {
			const row = cell.closest("[data-line]")
			field(row, "code").value = option.dataset.code; field(row, "name").value = option.dataset.name; field(row, "before").value = ""
			for (const name of ["price", "discount", "vat", "unit"]) { const f = field(row, name); if (f) f.value = "" }
			const quantity = field(row, "quantity")
			if (!quantity.value) quantity.value = "1"
			close(); quantity.focus(); quantity.select()
			form.dispatchEvent(new Event("input", { bubbles: true })); keepDraft(); changed(10)
		}
		table.addEventListener("input", e => { const f = e.target.closest("[data-find]"); if (f) { clearTimeout(wait); wait = setTimeout(() => find(f), 140) } })
		table.addEventListener("focusout", () => setTimeout(() => { if (cell && document.activeElement !== cell) close() }, 120))
		box.addEventListener("pointerdown", e => { const option = e.target.closest("[role=option]"); e.preventDefault(); if (option && cell) take(option) })
		return {
			keys(e) {
				if (box.hidden) return false
				const all = options(), at = all.indexOf(marked())
				switch (e.key) {
				case "ArrowDown": e.preventDefault(); mark(all[Math.min(all.length - 1, at + 1)]); return true
				case "ArrowUp": e.preventDefault(); if (at <= 0) { const old = marked(); if (old) old.setAttribute("aria-selected", "false") } else mark(all[at - 1]); return true
				case "Enter": case "Tab": if (marked()) { e.preventDefault(); take(marked()); return true } close(); return false
				case "Escape": e.preventDefault(); e.stopPropagation(); close(); return true
				}
				return false
			},
		}
	})()
	spare()
}
function all() { for (const table of $$("[data-lines]", root)) setup(table) }
all()
document.body.addEventListener("htmx:afterSettle", all)
})()
