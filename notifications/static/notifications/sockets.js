// Sockets: each connection begins where its page stands, and each way of ending has its answer.
//
// An element with ws-connect and data-stream follows a stream. The page's place in it is the data-seq of the element
// #cursor-…, which every frame replaces. data-connected says that the page is connected and has caught up.
(() => {
  const SHOW_AFTER = 3_000, POLL_AFTER = 10_000, POLL_EVERY = 5_000
  const SILENCE = 60_000 // the server says something every 25 s
  const SLEPT = 5_000 // by so much no timer is late unless the machine, or the page, was asleep
  const cursor = (element) => document.getElementById(`cursor-${element.dataset.stream.replace(".", "-")}`).dataset.seq
  const sockets = new Map() // element → its htmx socket, and when it was last heard
  const down = new Map() // element → since when it is without a connection
  const since = (time) => Date.now() - time
  let waitingToBeSeen = []
  let final = null // a reason that no reconnection will mend

  htmx.config.wsReconnectDelay = (attempt) => Math.random() * Math.min(500 * 2 ** attempt, 4_000)

  // htmx meets an element twice, below the body and by itself for its hx-get: without this each would open a socket.
  const opened = new WeakSet()
  document.addEventListener("htmx:beforeProcessNode", (event) => {
    if (opened.has(event.target)) event.preventDefault()
  })

  htmx.createWebSocket = (url) => {
    const element = document.querySelector(`[ws-connect="${new URL(url).pathname}"]`)
    opened.add(element)
    return new WebSocket(`${url}?after=${cursor(element)}`)
  }

  // What each close code means; those that are not here (1006, 1011, 1012) htmx answers by trying again.
  const later = (seconds) => (element, socket) => setTimeout(() => socket.reconnect(), Math.random() * seconds * 1_000)
  const whenSeen = (element, socket) => {
    if (document.visibilityState === "visible") later(1)(element, socket)
    else waitingToBeSeen.push(socket)
  }
  const stopWith = (why) => () => { show(final = why) }
  const leave = (element) => {
    settle(element)
    for (const child of document.getElementById("main").children) child.hidden = !("gone" in child.dataset)
    document.querySelectorAll(".log, #composer").forEach((part) => part.remove())
  }
  const signIn = () => location.assign(`${document.body.dataset.signIn}?next=${encodeURIComponent(location.pathname)}`)
  const answers = {
    1000: whenSeen, 1001: whenSeen, 4012: later(5), 4013: later(5), 4008: stopWith("stopped"), 4429: stopWith("crowded"),
    4401: signIn, 4403: leave, 4404: leave,
  }

  const show = (why) => {
    const banner = document.getElementById("connection")
    banner.hidden = !why
    for (const text of banner.querySelectorAll("[data-when]")) text.hidden = text.dataset.when !== why
  }
  const settle = (element) => {
    down.delete(element)
    if (!down.size) show(final)
  }

  document.addEventListener("htmx:wsOpen", ({ target, detail }) => {
    sockets.set(target, { socket: detail.socketWrapper, heardAt: Date.now() })
  })
  document.addEventListener("htmx:wsAfterMessage", ({ target }) => {
    target.dataset.connected = "true"
    sockets.get(target).heardAt = Date.now()
    settle(target)
  })
  document.addEventListener("htmx:wsClose", ({ target, detail }) => {
    delete target.dataset.connected
    sockets.delete(target)
    if (!down.has(target)) down.set(target, Date.now())
    answers[detail.event.code]?.(target, detail.socketWrapper)
  })

  // A connection that was lost without a word, in a sleep or a change of network, looks like a quiet one.
  const reviveSilent = (limit) => {
    for (const [element, { socket, heardAt }] of [...sockets]) {
      if (since(heardAt) < limit) continue
      sockets.delete(element)
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
    if (detail.triggeringEvent?.type === "bellwire:poll") detail.parameters.set("after", cursor(target))
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
