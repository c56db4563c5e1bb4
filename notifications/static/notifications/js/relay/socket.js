// The socket: one for all that the page follows, each stream from its place on.
//
// What has data-socket follows its data-stream, by the socket at that address. By the events at data-events, where sockets do
// not open, as behind a proxy that passes none on, or where something on the page has data-live-by="events". In the first case
// a socket is tried again now and then, beside the events, which end when it has opened. The connection belongs to an element
// of its own, outside of what is swapped and of what has htmx's extensions around it, and to that one alone: whatever one that
// was given up still says, it says to nobody. data-connected: the page has caught up.
window.bellwire ??= {}
bellwire.socket = (() => {
  const ENOUGH = 3 // sockets in a row that did not open
  const ANEW = 5 * 60_000 // so long events have the place of sockets before one is tried again
  let unopened = 0
  let triedAt // when a socket was made last
  let element = null // of the connection that is there or being made
  let socket
  let byEvents = false // and not by a WebSocket
  let followed = new Set() // the streams that it was made for
  let downSince = null // since when the page has not caught up, if it has not
  let heardAt
  let timer // until another one is made

  const followers = () => [...document.querySelectorAll("[data-socket]")]
  const streams = () => new Set(followers().map(({ dataset }) => dataset.stream))

  const isChosen = () => document.querySelector("[data-live-by='events']") !== null
  const address = (isOfEvents) => {
    const places = new URLSearchParams([...followed].map((stream) => [stream, bellwire.cursors.placeIn(stream)]))
    const { socket: ofSockets, events } = followers()[0].dataset
    return isOfEvents ? `${events}?as=html&${places}` : `${ofSockets}?${places}`
  }

  // It has all, or needs nothing any more.
  const settle = () => {
    downSince = null
    bellwire.banner.show(null)
  }
  const lose = () => {
    delete element?.dataset.connected
    if (followed.size) downSince ??= Date.now()
  }
  const giveUp = () => {
    clearTimeout(timer)
    element?.remove()
    element = timer = null
    socket?.close()
    socket = null
  }

  const connect = () => {
    giveUp()
    followed = streams()
    if (!followed.size) return settle()
    // From here on, for one that is swallowed on its way neither opens nor ends for minutes.
    lose()
    heardAt = Date.now()
    element = document.createElement("data")
    element.hidden = true
    element.setAttribute("hx-ext", "ws,bellwire")
    byEvents = unopened >= ENOUGH || isChosen()
    element.setAttribute("ws-connect", address(byEvents))
    document.documentElement.append(element)
    htmx.process(element)
  }
  const connectIn = (milliseconds) => {
    clearTimeout(timer)
    timer = setTimeout(connect, milliseconds)
  }

  htmx.createWebSocket = (url) => {
    const isOurs = element && url.endsWith(element.getAttribute("ws-connect"))
    const made = isOurs && byEvents ? new bellwire.Events(url.replace(/^ws/, "http")) : new WebSocket(url)
    if (isOurs) {
      const wasByEvents = byEvents
      if (!byEvents) triedAt = Date.now()
      let hasOpened = false
      socket = made
      made.addEventListener("open", () => { hasOpened = true })
      // Of one that was given up some may be on its way still.
      made.addEventListener("message", (event) => { if (made !== socket) event.stopImmediatePropagation() })
      // htmx would try again by itself, from the same places, and for ever.
      made.addEventListener("close", (event) => {
        event.stopImmediatePropagation()
        if (made !== socket) return
        // After events a socket is tried again, once if they came, since what was in its way may be gone.
        if (wasByEvents) unopened = hasOpened ? ENOUGH - 1 : 0
        else unopened = hasOpened ? 0 : unopened + 1
        giveUp()
        lose()
        bellwire.endings.answer(event.code)
      })
    }
    return made
  }
  document.addEventListener("htmx:wsAfterMessage", ({ target }) => {
    if (target !== element) return
    element.dataset.connected = "true"
    heardAt = Date.now()
    bellwire.endings.heard()
    settle()
  })

  // What was in the way of sockets may be gone. The page goes on where it is by then, as after any other end.
  const tryAnew = () => {
    if (!element || !byEvents || isChosen() || Date.now() - triedAt < ANEW) return
    triedAt = Date.now()
    const trial = new WebSocket(new URL(address(false), location.href.replace(/^http/, "ws")))
    // Not when it opens: one too many is taken, and ended at once.
    trial.onmessage = () => {
      trial.close()
      if (!element || !byEvents) return
      unopened = 0
      connect()
    }
  }

  // Parts of the page come and go; what the server has ended has gone with its stream.
  const keepUp = () => {
    const now = streams()
    const isSame = now.size === followed.size && [...now].every((stream) => followed.has(stream))
    if (!isSame && (element || !followed.size)) connect()
  }
  const forget = (stream) => {
    followed.delete(stream)
    if (!followed.size) settle()
  }
  // Not later, if one is to be made, and anew, if there is one.
  const hurry = () => { if (element || timer) connect() }
  const isSilent = (limit) => element && Date.now() - heardAt >= limit
  const downFor = () => (downSince === null ? null : Date.now() - downSince)

  document.addEventListener("DOMContentLoaded", connect)
  return { followers, connectIn, keepUp, tryAnew, forget, lose, hurry, isSilent, downFor }
})()
