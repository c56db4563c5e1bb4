// Polling: without a socket the same changes are fetched over HTTP, and one that died without a word is noticed.
(() => {
  const SHOW_AFTER = 3_000, POLL_AFTER = 10_000, POLL_EVERY = 5_000
  const SILENCE = 60_000 // the server says something every 25 s
  const SLEPT = 5_000 // by so much no timer is late unless the machine, or the page, was asleep

  const poll = () => bellwire.socket.followers().forEach((follower) => htmx.trigger(follower, "bellwire:poll"))
  document.addEventListener("htmx:configRequest", ({ target, detail }) => {
    const { type, detail: from } = detail.triggeringEvent ?? {}
    if (type !== "bellwire:poll") return
    detail.parameters.set("after", from.after ?? bellwire.cursors.placeIn(target.dataset.stream))
  })
  document.addEventListener("htmx:responseError", ({ target, detail }) => {
    const isPoll = detail.requestConfig.triggeringEvent?.type === "bellwire:poll"
    if (isPoll && detail.xhr.status === 404) bellwire.endings.leave(target)
  })
  const pollIfDown = () => { if (bellwire.socket.downFor() !== null) poll() }
  document.addEventListener("bellwire:catch-up", pollIfDown)

  // A connection that was lost without a word, in a sleep or a change of network, looks like a quiet one.
  const reviveSilent = (limit) => {
    if (!bellwire.socket.isSilent(limit)) return
    bellwire.socket.hurry()
    poll()
  }

  // There may be a network again: whoever looks at the page now need not wait for what is tried at its own time.
  const wake = () => {
    pollIfDown()
    reviveSilent(SILENCE / 2)
  }
  document.addEventListener("visibilitychange", () => { if (document.visibilityState === "visible") wake() })
  addEventListener("offline", () => bellwire.socket.lose())
  addEventListener("online", () => {
    pollIfDown()
    bellwire.socket.hurry()
  })
  addEventListener("pageshow", (event) => { if (event.persisted) reviveSilent(0) })

  let tickedAt = Date.now()
  const tick = () => {
    if (Date.now() - tickedAt > SLEPT) wake()
    tickedAt = Date.now()
    bellwire.socket.keepUp()
    bellwire.socket.tryAnew()
    const downFor = bellwire.socket.downFor()
    if (downFor > SHOW_AFTER) bellwire.banner.show(downFor > POLL_AFTER ? "polling" : "waiting")
  }
  const tend = () => {
    if (bellwire.socket.downFor() > POLL_AFTER) poll()
    reviveSilent(SILENCE)
  }
  // Not before all scripts are there, in whatever order.
  document.addEventListener("DOMContentLoaded", () => {
    setInterval(tick, 500)
    setInterval(tend, POLL_EVERY)
  })
})()
