// One connection to the server for all tabs of a browser.
"use strict"
const ports = new Set()
let source = null, address = ""
function tell(change) { for (const port of ports) port.postMessage(change) }
function connect() {
	if (source || !address || !ports.size) return
	source = new EventSource(address)
	source.onmessage = e => tell(JSON.parse(e.data))
	source.onerror = () => { if (source.readyState === EventSource.CLOSED) { source = null; setTimeout(connect, 5000) } }
}
onconnect = e => {
	const port = e.ports[0]
	ports.add(port)
	port.onmessage = m => {
		if (m.data === "bye") { ports.delete(port); if (!ports.size && source) { source.close(); source = null } return }
		address = m.data
		connect()
	}
	port.start()
}
