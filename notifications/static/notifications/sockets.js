// Sockets: each connection begins where its page stands, and each way of ending has its answer.
//
// An element with ws-connect and data-stream follows a stream. The page's place in it is the data-seq of the element
// #cursor-…, which every frame replaces. data-connected says that the page is connected and has caught up.
(() => {
  const POLL_AFTER = 10_000, POLL_EVERY = 5_000, SHOW_AFTER = 3_000
  const streams = () => [...document.querySelectorAll("[ws-connect][data-stream]")]
  const cursor = (element) => document.getElementById(`cursor-${element.dataset.stream.replace(".", "-")}`).dataset.seq
  const down = new Map() // element → when its connection was lost
  let waitingToBeSeen = []

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
  const stopWith = (why) => (element) => { down.delete(element); show(why) }
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
    if (!down.size) show(null)
  }

  document.addEventListener("htmx:wsAfterMessage", ({ target }) => {
    target.dataset.connected = "true"
    settle(target)
  })
  document.addEventListener("htmx:wsClose", ({ target, detail }) => {
    delete target.dataset.connected
    if (!down.has(target)) down.set(target, Date.now())
    answers[detail.event.code]?.(target, detail.socketWrapper)
  })
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "visible") waitingToBeSeen.splice(0).forEach((socket) => socket.reconnect())
  })

  // Without a socket the same changes are fetched over HTTP.
  const poll = (element) => htmx.trigger(element, "bellwire:poll")
  document.addEventListener("htmx:configRequest", ({ target, detail }) => {
    if (detail.triggeringEvent?.type === "bellwire:poll") detail.parameters.set("after", cursor(target))
  })
  document.addEventListener("bellwire:catch-up", () => streams().filter((element) => down.has(element)).forEach(poll))
  setInterval(() => {
    const longest = Math.max(0, ...[...down.values()].map((since) => Date.now() - since))
    if (longest > SHOW_AFTER) show(longest > POLL_AFTER ? "polling" : "waiting")
  }, 500)
  setInterval(() => [...down].filter(([, since]) => Date.now() - since > POLL_AFTER).forEach(([element]) => poll(element)), POLL_EVERY)
})()
