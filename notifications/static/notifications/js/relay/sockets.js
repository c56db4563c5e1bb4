// Sockets: which element has which connection, where each begins, and whether it is open, heard of, or lost.
//
// An element with ws-connect and data-stream follows a stream; sockets of other elements are none of ours. data-connected
// says that the page is connected and has caught up.
window.bellwire ??= {}
bellwire.sockets = (() => {
  const open = new Map() // element → its htmx socket, and when it was last heard, while it is open
  const down = new Map() // element → since when it is without a connection
  const latest = new WeakMap() // element → its WebSocket
  let newest // the WebSocket that was made last

  htmx.config.wsReconnectDelay = (attempt) => Math.random() * Math.min(500 * 2 ** attempt, 4_000)

  // htmx meets an element twice where something around it has the extension, too: each time would open a socket.
  const begun = new WeakSet()
  document.addEventListener("htmx:beforeProcessNode", (event) => {
    if (begun.has(event.target)) event.preventDefault()
  })

  const hear = (name, answer) => document.addEventListener(name, (event) => {
    if (event.target.dataset?.stream) answer(event)
  })

  htmx.createWebSocket = (url) => {
    // Regions of the same object have each a socket at the same address, and one place.
    const { pathname } = new URL(url, location)
    if (!pathname.startsWith("/ws/live/")) return new WebSocket(url)
    const elements = [...document.querySelectorAll(`[ws-connect="${pathname}"]`)]
    const element = elements.find((each) => !begun.has(each)) ?? elements[0]
    // What was taken out of the page is still tried again, if it was about to be.
    if (!element) return new EventTarget()
    begun.add(element)
    newest = new WebSocket(`${url}?after=${bellwire.cursors.placeIn(element.dataset.stream)}`)
    return newest
  }

  const lose = (element) => {
    delete element.dataset.connected
    open.delete(element)
    if (!down.has(element)) down.set(element, Date.now())
  }
  // It has a connection again, or needs none any more.
  const settle = (element) => {
    down.delete(element)
    if (!down.size) bellwire.banner.show(null)
  }

  // An element has one connection. The end of one that was given up comes late, and htmx would end the new one for it.
  hear("htmx:wsConnecting", ({ target }) => {
    const old = latest.get(target)
    if (old) {
      old.onopen = old.onclose = null
      old.close()
    }
    latest.set(target, newest)
    // From here on, for one that is swallowed on its way neither opens nor ends for minutes.
    if (!down.has(target)) down.set(target, Date.now())
  })
  hear("htmx:wsOpen", ({ target, detail }) => {
    open.set(target, { socket: detail.socketWrapper, heardAt: Date.now() })
  })
  hear("htmx:wsAfterMessage", ({ target }) => {
    const known = open.get(target)
    if (!known) return // the last word of a connection that was given up for a new one
    target.dataset.connected = "true"
    known.heardAt = Date.now()
    bellwire.banner.takeBack("crowded")
    settle(target)
  })
  hear("htmx:wsClose", ({ target, detail }) => {
    lose(target)
    bellwire.endings.answer(detail.event.code, target, detail.socketWrapper)
  })
  hear("htmx:beforeCleanupElement", ({ target }) => {
    if (open.delete(target) || down.has(target)) settle(target)
  })

  return { open, down, lose, settle }
})()
