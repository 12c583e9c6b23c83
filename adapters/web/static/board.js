// The board: cards are dragged by mouse, touch or keys. A move is shown at once and taken back where the
// server refuses it; while a card is in the air the board is not fetched anew.
(() => {
"use strict"
const root = document.getElementById("crm")
if (!root) return
const board = () => document.getElementById("board")
const columns = () => [...board().querySelectorAll("ul[data-stage]")]
let lifted = null, late = false, back = null, focus = ""
const fill = (text, ...parts) => { for (const p of parts) text = text.replace(/%s/, () => p); return text }
function say(kind, ...parts) { const box = board().querySelector("[data-say]"); box.textContent = fill(board().dataset[kind], ...parts) }

function ready() {
	const b = board()
	if (!b || b.dataset.ready || !window.Sortable || !b.querySelector("[data-end]")) return
	b.dataset.ready = "1"
	const options = {
		group: "board", draggable: ".deal", filter: "details, button", preventOnFilter: false, animation: 120, delay: 180, delayOnTouchOnly: true, touchStartThreshold: 4,
		ghostClass: "ghost", scrollSensitivity: 80, onStart: start, onEnd: end, sort: false,
		onChoose: e => { lifted = e.item }, onUnchoose: () => { if (!document.body.classList.contains("dragging")) { lifted = null; catchUp() } },
	}
	for (const list of b.querySelectorAll("ul[data-stage], [data-end]")) Sortable.create(list, options)
}
function place(card) { return { list: card.parentElement, next: card.nextElementSibling } }
function restore() { if (back && back.card.isConnected && back.list.isConnected) back.list.insertBefore(back.card, back.next && back.next.parentElement === back.list ? back.next : null); back = null }
function start(e) { lifted = e.item; back = { card: e.item, ...place(e.item) }; document.body.classList.add("dragging"); board().classList.add("lifted") }
function end(e) {
	document.body.classList.remove("dragging"); board().classList.remove("lifted")
	const card = e.item, to = e.to
	lifted = null
	if (back && to === back.list) { back = null; catchUp(); return }
	drop(card, to)
}
// drop sends a card that lies in its new place already.
function drop(card, to) {
	const id = card.dataset.id, address = crm.path + "/opportunities/" + id
	if (to.dataset.end) { restore(); crm.openDialog(address + "/" + to.dataset.end, card); catchUp(); return }
	const from = back ? back.list.dataset.stage : ""
	card.classList.add("moving")
	focus = "deal-" + id
	htmx.ajax("POST", address + "/move", { source: board(), target: "#board", swap: "outerHTML", values: { stage: to.dataset.stage, from } })
}
function catchUp() { if (late) { late = false; htmx.trigger(document.body, "crm:opportunity") } }

// Keys: m lifts the focused card, arrows choose the stage, Enter drops, Escape puts back.
let held = null
function forward(key) { return (key === "ArrowRight") !== (getComputedStyle(root).direction === "rtl") ? 1 : -1 }
document.addEventListener("keydown", e => {
	const b = board()
	if (!b || e.ctrlKey || e.metaKey || e.altKey) return
	if (held) {
		const places = [...columns(), ...b.querySelectorAll("[data-end]")]
		switch (e.key) {
		case "ArrowLeft": case "ArrowRight": {
			const next = places[Math.max(0, Math.min(places.length - 1, places.indexOf(held.parentElement) + forward(e.key)))]
			if (next !== held.parentElement) { next.prepend(held); held.focus(); held.scrollIntoView({ block: "nearest", inline: "nearest" }); say("over", next.dataset.name || next.textContent.trim()) }
			break
		}
		case "Enter": case " ": {
			const card = held, to = card.parentElement
			card.classList.remove("held"); b.classList.remove("lifted"); held = lifted = null
			if (to === back.list) { back = null; catchUp(); break }
			say("dropped", card.dataset.label, to.dataset.name || to.textContent.trim())
			drop(card, to)
			break
		}
		case "Escape": { const card = held; card.classList.remove("held"); b.classList.remove("lifted"); held = lifted = null; restore(); card.focus(); say("given", card.dataset.label); catchUp(); break }
		case "Tab": break
		default: return
		}
		e.preventDefault(); e.stopImmediatePropagation()
		return
	}
	const card = document.activeElement && document.activeElement.closest(".deal")
	if (!card || document.querySelector("dialog[open]")) return
	if (e.key === "m" && b.querySelector("[data-end]")) {
		e.preventDefault(); e.stopImmediatePropagation()
		held = lifted = card; back = { card, ...place(card) }
		card.classList.add("held"); b.classList.add("lifted"); card.focus(); say("lifted", card.dataset.label)
		return
	}
	if ((e.key === "ArrowLeft" || e.key === "ArrowRight") && document.activeElement === card) {
		const lists = columns(), at = lists.indexOf(card.parentElement), row = [...card.parentElement.children].indexOf(card)
		for (let i = at + forward(e.key); i >= 0 && i < lists.length; i += forward(e.key)) {
			const cards = lists[i].querySelectorAll(".deal")
			if (cards.length) { e.preventDefault(); cards[Math.min(row, cards.length - 1)].focus(); break }
		}
	}
}, true)
root.addEventListener("focusout", e => { if (held && e.target === held && e.relatedTarget && !e.relatedTarget.closest("#board")) { const card = held; card.classList.remove("held"); board().classList.remove("lifted"); held = lifted = null; restore(); catchUp() } })

// Others' moves wait while a card is in the air.
document.body.addEventListener("htmx:beforeRequest", e => {
	if (e.detail.elt.id === "board" && e.detail.requestConfig.verb === "get" && (lifted || board().querySelector("details[open]"))) { e.preventDefault(); late = true }
})
document.body.addEventListener("htmx:beforeSwap", e => { // asked for before the card was lifted
	if (e.detail.target && e.detail.target.id === "board" && e.detail.requestConfig.verb === "get" && lifted) { e.detail.shouldSwap = false; late = true }
})
document.body.addEventListener("htmx:afterRequest", e => {
	if (e.detail.requestConfig.verb !== "post" || !/\/move$/.test(e.detail.requestConfig.path)) return
	if (!e.detail.successful) { const card = back && back.card; restore(); if (card) { card.classList.remove("moving"); card.focus() } } else back = null
	catchUp()
})
document.body.addEventListener("htmx:sendError", () => restore())
document.body.addEventListener("htmx:afterSwap", () => { ready(); if (focus) { const card = document.getElementById(focus); if (card && !document.querySelector("dialog[open]")) { card.focus({ preventScroll: true }); focus = "" } } })
document.addEventListener("DOMContentLoaded", ready)
})()
