// Presence: says whether the page is looked at, and shows who else is online.
//
// What has data-presence shows how that person is; data-presence-in, whom a conversation of two is with. While the page is
// looked at it says so every 20 seconds, and is answered how all these are: so what a push may have lost is put right. A
// page that is out of sight says so once.
window.bellwire ??= {}
bellwire.presence = (() => {
  const { say } = document.currentScript.dataset
  const EVERY = 20_000
  const AGAIN = 3_000 // after no answer: the next process may be there already
  const LEAVING = 1_000 // a page that is left is out of sight first
  const WORDS = { online: "online", away: "away", offline: "" }
  const page = [...crypto.getRandomValues(new Uint8Array(8))].map((byte) => byte.toString(16).padStart(2, "0")).join("")
  const states = new Map() // person → { state, at }
  let hides = []
  let turn = 0
  let timer, leaving
  let isLeft = false

  const places = () => [...document.querySelectorAll("[data-presence], [data-presence-in]")]
  const personOf = ({ dataset }) =>
    dataset.presence ?? document.querySelector(`#chat-entry-${dataset.presenceIn} [data-presence]`)?.dataset.presence
  const people = () => [...new Set(places().map(personOf).filter(Boolean))]

  const show = () => {
    for (const place of places()) {
      const state = states.get(personOf(place))?.state ?? "offline"
      if (place.dataset.state === state) continue
      place.dataset.state = state
      const word = Object.assign(document.createElement("span"), { textContent: WORDS[state] })
      word.className = place.classList.contains("is-worded") ? "presence-word" : "visually-hidden"
      place.replaceChildren(...(WORDS[state] ? [word] : []))
      place.title = WORDS[state]
    }
  }
  // Whatever was known later stands.
  const note = (person, state, at) => {
    if (at >= (states.get(person)?.at ?? 0)) states.set(person, { state, at })
  }

  const post = async (way) => {
    clearTimeout(timer)
    const isVisible = way === "visible"
    const body = new URLSearchParams({ page, way, turn: turn++, people: isVisible ? people().join() : "" })
    const headers = JSON.parse(document.body.getAttribute("hx-headers"))
    if (isVisible) timer = setTimeout(beat, EVERY)
    const answer = await fetch(say, { method: "POST", headers, body, keepalive: true }).catch(() => null)
    if (!isVisible || isLeft) return
    if (!answer || answer.status >= 500) {
      clearTimeout(timer)
      timer = setTimeout(beat, AGAIN)
    } else if (answer.ok && answer.headers.get("content-type").includes("json")) {
      const said = await answer.json()
      hides = said.hides
      for (const [person, state] of Object.entries(said.people)) note(person, state, said.at)
      show()
    } else {
      clearTimeout(timer) // signed out
    }
  }
  const isLookedAt = () => document.visibilityState === "visible" && !isLeft
  const beat = () => { if (isLookedAt()) post("visible") }
  const look = () => {
    clearTimeout(leaving)
    if (isLookedAt()) post("visible")
    else leaving = setTimeout(() => { clearTimeout(timer); post("hidden") }, LEAVING)
  }
  const leave = () => {
    isLeft = true
    clearTimeout(leaving)
    post("gone")
  }

  document.addEventListener("visibilitychange", () => { if (!isLeft) look() })
  addEventListener("pagehide", leave)
  addEventListener("pageshow", ({ persisted }) => {
    if (!persisted) return
    isLeft = false
    look()
  })
  const ask = () => {
    show()
    if (people().some((person) => !states.has(person))) beat()
  }
  document.addEventListener("htmx:oobAfterSwap", ({ detail: { target } }) => {
    const news = document.getElementById("presence-news")
    if (target.id === "presence-news" && news.dataset.person) note(news.dataset.person, news.dataset.state, Number(news.dataset.at))
  })
  document.addEventListener("DOMContentLoaded", () => {
    const soon = bellwire.soon(ask)
    for (const event of ["htmx:wsAfterMessage", "htmx:afterSwap", "htmx:oobAfterSwap"]) document.addEventListener(event, soon)
    if (isLookedAt()) beat()
    else post("hidden")
  })

  return { hides: (what) => hides.includes(what) }
})()
