// Times by their reader's clock: that of the zone which the page names (<html data-time-zone>), else the browser's own.
window.bellwire ??= {}
bellwire.clock = (() => {
  const TICK = 10_000
  const known = (timeZone) => {
    try {
      return new Intl.DateTimeFormat([], { timeZone }).resolvedOptions().timeZone
    } catch {  // The browser is older than that zone, or its name.
      return undefined
    }
  }
  const named = document.documentElement.dataset.timeZone
  const timeZone = named && known(named)

  const formatter = (options, locale = []) => new Intl.DateTimeFormat(locale, { ...options, timeZone })
  const numbers = formatter({ year: "numeric", month: "2-digit", day: "2-digit" }, "sv")
  // The day of a time, like 2026-11-29.
  const dayOf = (date) => numbers.format(date)

  const hour = formatter({ hour: "numeric", minute: "2-digit" })
  const day = formatter({ day: "numeric", month: "short", hour: "numeric", minute: "2-digit" })
  const full = formatter({ dateStyle: "full", timeStyle: "short" })
  let today = dayOf(new Date())

  const show = (times) => {
    for (const time of times) {
      const date = new Date(time.dateTime)
      // A log names its days by itself.
      const isDayShown = time.closest("[role=log]") || dayOf(date) === today
      time.textContent = (isDayShown ? hour : day).format(date)
      time.title = full.format(date)
    }
  }

  // After midnight, also one that was slept through, what is of today is of yesterday.
  const tick = () => {
    const now = dayOf(new Date())
    if (now === today) return
    today = now
    show(document.querySelectorAll(".bellwire time[datetime]"))
    document.dispatchEvent(new Event("bellwire:midnight"))
  }
  setInterval(tick, TICK)
  document.addEventListener("visibilitychange", tick)

  return { dayOf, formatter, show }
})()
