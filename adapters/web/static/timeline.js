// Timelines: what a reader has opened stays open when the list is fetched again because something happened.
(() => {
"use strict"
let opened = []
document.body.addEventListener("htmx:beforeSwap", e => {
	if (e.detail.target.id === "timeline") opened = [...e.detail.target.querySelectorAll("details.what[open]")].map(d => d.closest("li").id)
})
document.body.addEventListener("htmx:afterSwap", () => {
	for (const id of opened) { const d = document.querySelector("#" + CSS.escape(id) + " > details.what"); if (d) d.open = true }
	opened = []
})
// The form above a timeline is one line until somebody begins to write in it.
const unfold = form => { form.dataset.opened = "" }
document.addEventListener("focusin", e => { const form = e.target.closest(".tl .composer"); if (form) unfold(form) })
document.addEventListener("DOMContentLoaded", () => {
	for (const form of document.querySelectorAll(".tl .composer")) if (["subject", "body"].some(name => form.elements[name]?.value)) unfold(form)
})
})()
