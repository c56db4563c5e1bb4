// Status: takes away what somebody is up to when it ends, by this page's own clock; no push says so.
window.bellwire ??= {}
bellwire.status = (() => {
  const LONGEST = 2 ** 31 - 1 // milliseconds; a longer timer would ring at once
  let timer

  const look = () => {
    clearTimeout(timer)
    const now = Date.now()
    const ends = []
    for (const place of document.querySelectorAll("[data-until]")) {
      const end = Date.parse(place.dataset.until)
      if (end > now) ends.push(end)
      else {
        place.replaceChildren()
        delete place.dataset.until
      }
    }
    if (ends.length) timer = setTimeout(look, Math.min(LONGEST, Math.min(...ends) - now))
  }

  document.addEventListener("DOMContentLoaded", look)
  document.addEventListener("htmx:oobAfterSwap", look)
  // A page that was asleep has missed its timers.
  document.addEventListener("visibilitychange", look)
  return {}
})()
