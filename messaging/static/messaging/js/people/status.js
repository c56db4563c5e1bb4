// Status: shows what somebody is up to as it is pushed, and takes it away when it ends, by this page's own clock.
(() => {
  const LONGEST = 2 ** 31 - 1 // milliseconds; a longer timer would ring at once
  let timer

  const look = () => {
    clearTimeout(timer)
    const now = Date.now()
    const ends = []
    for (const place of document.querySelectorAll("[data-status][data-until]")) {
      const end = Date.parse(place.dataset.until)
      if (end > now) ends.push(end)
      else {
        place.replaceChildren()
        delete place.dataset.until
      }
    }
    if (ends.length) timer = setTimeout(look, Math.min(LONGEST, Math.min(...ends) - now))
  }

  const take = ({ target }) => {
    if (target.id !== "status-news") return
    const { dataset: { person, until }, childNodes } = document.getElementById("status-news")
    for (const place of document.querySelectorAll(`[data-status="${person}"]`)) {
      place.replaceChildren(...[...childNodes].map((node) => node.cloneNode(true)))
      if (until) place.dataset.until = until
      else delete place.dataset.until
    }
    look()
  }

  document.addEventListener("DOMContentLoaded", look)
  document.addEventListener("htmx:oobAfterSwap", take)
  // A page that was asleep has missed its timers.
  document.addEventListener("visibilitychange", look)
})()
