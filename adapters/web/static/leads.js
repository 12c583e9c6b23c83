// The list of leads: fields changed in place, and refreshing that leaves alone whoever is at work.
(() => {
"use strict"
const $ = (selector, from = document) => from.querySelector(selector)
const $$ = (selector, from = document) => [...from.querySelectorAll(selector)]
const editing = el => el.closest && el.closest("[data-cellform]")

// Enter saves a cell and Escape gives it up; both lead back to the row.
document.addEventListener("keydown", e => {
	const cell = editing(e.target)
	if (!cell) return
	if (e.key === "Enter" && !e.target.closest("button")) { e.preventDefault(); $("[data-save]", cell).click() }
	if (e.key === "Escape") { e.preventDefault(); e.stopPropagation(); $("[data-cancel]", cell).click() }
}, true)
document.body.addEventListener("htmx:afterSwap", e => {
	const cell = e.detail.target
	if (!cell.matches || !cell.matches("td[data-cell]")) return
	const first = $("input:not([type=hidden]), select", cell)
	if (first) { first.focus(); if (first.select) first.select() } else cell.closest("tr").focus()
})

// A list in which rows are marked or a field is open is not changed under the hand: it says that it moved.
document.body.addEventListener("htmx:beforeRequest", e => {
	const list = e.detail.elt
	if (list.id !== "list") return
	const event = e.detail.requestConfig.triggeringEvent
	if (!event || !event.type.startsWith("crm:")) return
	if ($("[data-cellform]", list) || $("input[name=id]:checked", list) || $("details[open].chip")) {
		e.preventDefault()
		const note = $("#list-moved")
		if (note) note.hidden = false
	}
})
document.addEventListener("click", e => {
	if (e.target.closest("#list-moved button")) htmx.ajax("GET", $("#list").getAttribute("hx-get"), { target: "#list", swap: "outerHTML" })
})

// A card that is dropped on the text of the quick capture is read where it falls.
document.addEventListener("dragover", e => { if (e.target.closest && e.target.closest("[data-card]")) e.preventDefault() })
document.addEventListener("drop", async e => {
	const form = e.target.closest && e.target.closest("[data-card]")
	const file = form && e.dataTransfer && e.dataTransfer.files[0]
	if (!file || file.size > 1 << 20) return
	e.preventDefault()
	$("textarea", form).value = await file.text()
	form.requestSubmit()
})

// Where the focus was in the list, it stays when the list is drawn again.
let row = ""
document.body.addEventListener("htmx:beforeSwap", e => { const at = document.activeElement && document.activeElement.closest("#list tr[id]"); row = at && !editing(document.activeElement) && e.detail.target.id === "list" ? at.id : "" })
document.body.addEventListener("htmx:afterSettle", e => { if (row) { const at = document.getElementById(row); row = ""; if (at && (document.activeElement === document.body || !document.activeElement)) { for (const r of $$("#list tr[tabindex='0']")) r.tabIndex = -1; at.tabIndex = 0; at.focus({ preventScroll: true }) } } })
})()
