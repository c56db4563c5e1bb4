// Sockets: each connection begins where its page stands, and each way of ending has its answer.
//
// An element with ws-connect and data-stream follows a stream. data-connected says that the page is connected and has
// caught up.
(() => {
  const SHOW_AFTER = 3_000, POLL_AFTER = 10_000, POLL_EVERY = 5_000
  const SILENCE = 60_000 // the server says something every 25 s
  const CROWDED_FOR = 60_000
  const SLEPT = 5_000 // by so much no timer is late unless the machine, or the page, was asleep
  const connections = new WeakMap() // element → its WebSocket
  const sockets = new Map() // element → its htmx socket, and when it was last heard, while it is open
  const down = new Map() // element → since when it is without a connection
  const since = (time) => Date.now() - time
  let waitingToBeSeen = []
  let newest // the WebSocket that was made last
  let final = null // a reason that no quick reconnection will mend

  htmx.config.wsReconnectDelay = (attempt) => Math.random() * Math.min(500 * 2 ** attempt, 4_000)

  // htmx meets an element twice, below the body and by itself for its hx-get: without this each would open a socket.
  const opened = new WeakSet()
  document.addEventListener("htmx:beforeProcessNode", (event) => {
    if (opened.has(event.target)) event.preventDefault()
  })

  htmx.createWebSocket = (url) => {
    // Regions of the same object have each a socket at the same address, and one place.
    const elements = [...document.querySelectorAll(`[ws-connect="${new URL(url).pathname}"]`)]
    const element = elements.find((each) => !opened.has(each)) ?? elements[0]
    // What was taken out of the page is still tried again, if it was about to be.
    if (!element) return new EventTarget()
    opened.add(element)
    newest = new WebSocket(`${url}?after=${bellwire.cursors.placeIn(element.dataset.stream)}`)
    return newest
  }
  // An element has one connection. The end of one that was given up comes late, and htmx would end the new one for it.
  document.addEventListener("htmx:wsConnecting", ({ target }) => {
    const old = connections.get(target)
    if (old) {
      old.onopen = old.onclose = null
      old.close()
    }
    connections.set(target, newest)
    // From here on, for one that is swallowed on its way neither opens nor ends for minutes.
    if (!down.has(target)) down.set(target, Date.now())
  })

  // What each close code means; those that are not here (1006, 1011, 1012) htmx answers by trying again.
  const later = (seconds) => (element, socket) => setTimeout(() => socket.reconnect(), Math.random() * seconds * 1_000)
  const whenSeen = (element, socket) => {
    if (document.visibilityState === "visible") later(1)(element, socket)
    else waitingToBeSeen.push(socket)
  }
  const stopWith = (why) => () => { show(final = why) }
  // Of the sockets that count some may be dead, which the server does not know yet.
  const makeRoom = (element, socket) => {
    show(final = "crowded")
    setTimeout(() => socket.reconnect(), CROWDED_FOR)
  }
  const leave = (element) => {
    settle(element)
    const region = element.closest(".live")
    if (region) return region.remove()
    for (const child of [...document.getElementById("main").children]) {
      if ("gone" in child.dataset) child.hidden = false
      else child.remove()
    }
  }
  const signIn = () => location.assign(`${document.body.dataset.signIn}?next=${encodeURIComponent(location.pathname)}`)
  const answers = {
    1000: whenSeen, 1001: whenSeen, 4012: later(5), 4013: later(5), 4429: makeRoom,
    4008: stopWith("stopped"), 4401: signIn, 4403: leave, 4404: leave,
  }

  const show = (why) => {
    const banner = document.getElementById("connection")
    banner.hidden = !why
    for (const text of banner.querySelectorAll("[data-when]")) text.hidden = text.dataset.when !== why
  }
  const lose = (element) => {
    delete element.dataset.connected
    sockets.delete(element)
    if (!down.has(element)) down.set(element, Date.now())
  }
  const settle = (element) => {
    down.delete(element)
    if (!down.size) show(final)
  }

  document.addEventListener("htmx:wsOpen", ({ target, detail }) => {
    sockets.set(target, { socket: detail.socketWrapper, heardAt: Date.now() })
  })
  document.addEventListener("htmx:wsAfterMessage", ({ target }) => {
    const known = sockets.get(target)
    if (!known) return // the last word of a connection that was given up for a new one
    target.dataset.connected = "true"
    known.heardAt = Date.now()
    if (final === "crowded") final = null
    settle(target)
  })
  document.addEventListener("htmx:wsClose", ({ target, detail }) => {
    lose(target)
    answers[detail.event.code]?.(target, detail.socketWrapper)
  })

  document.addEventListener("htmx:beforeCleanupElement", ({ target }) => {
    if (sockets.delete(target) || down.has(target)) settle(target)
  })

  // A connection that was lost without a word, in a sleep or a change of network, looks like a quiet one.
  const reviveSilent = (limit) => {
    for (const [element, { socket, heardAt }] of [...sockets]) {
      if (since(heardAt) < limit) continue
      lose(element)
      poll(element)
      socket.reconnect()
    }
  }
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState !== "visible") return
    waitingToBeSeen.splice(0).forEach((socket) => socket.reconnect())
    wake()
  })
  addEventListener("online", () => wake())
  addEventListener("pageshow", (event) => { if (event.persisted) reviveSilent(0) })

  // Without a socket the same changes are fetched over HTTP.
  const poll = (element) => htmx.trigger(element, "bellwire:poll")
  document.addEventListener("htmx:configRequest", ({ target, detail }) => {
    const { type, detail: from } = detail.triggeringEvent ?? {}
    if (type === "bellwire:poll") detail.parameters.set("after", from.after ?? bellwire.cursors.placeIn(target.dataset.stream))
  })
  document.addEventListener("htmx:responseError", ({ target, detail }) => {
    const isPoll = detail.requestConfig.triggeringEvent?.type === "bellwire:poll"
    if (isPoll && detail.xhr.status === 404) leave(target)
  })
  const pollDown = () => [...down.keys()].forEach(poll)
  document.addEventListener("bellwire:catch-up", pollDown)

  // There may be a network again: whoever looks at the page now need not wait for what is tried at its own time.
  const wake = () => {
    pollDown()
    reviveSilent(SILENCE / 2)
  }
  let tickedAt = Date.now()
  setInterval(() => {
    if (since(tickedAt) > SLEPT) wake()
    tickedAt = Date.now()
    const longest = Math.max(0, ...[...down.values()].map(since))
    if (longest > SHOW_AFTER) show(final ?? (longest > POLL_AFTER ? "polling" : "waiting"))
  }, 500)
  setInterval(() => {
    for (const [element, time] of down) if (since(time) > POLL_AFTER) poll(element)
    reviveSilent(SILENCE)
  }, POLL_EVERY)
})()
