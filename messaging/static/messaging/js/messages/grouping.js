// The list of messages reads as a conversation: what one person says in a row stands together, each day has its name.
//
// Messages come in at the end, in between and on top, and are replaced, so all of it is worked out again each time;
// scroll.js says when.
window.bellwire ??= {}
bellwire.grouping = (() => {
  const TOGETHER = 5 * 60_000, DAY = 24 * 3_600_000
  const near = new Intl.RelativeTimeFormat([], { numeric: "auto" })
  const far = new Intl.DateTimeFormat([], { weekday: "long", day: "numeric", month: "long" })
  const past = new Intl.DateTimeFormat([], { dateStyle: "full" })

  const dayName = (date) => {
    const today = new Date()
    const days = Math.round((new Date(date).setHours(0, 0, 0, 0) - today.setHours(0, 0, 0, 0)) / DAY)
    const name = days >= -1 ? near.format(days, "day") : (date.getFullYear() === today.getFullYear() ? far : past).format(date)
    return name.charAt(0).toLocaleUpperCase() + name.slice(1)
  }

  const group = (list) => {
    let before = null
    for (const message of list.querySelectorAll(":scope > [data-author]")) {
      const at = new Date(message.querySelector("time").dateTime)
      const { author } = message.dataset
      const isNewDay = before?.at.toDateString() !== at.toDateString()
      const isContinued = !isNewDay && before.author === author && at - before.at < TOGETHER
      message.classList.toggle("is-continued", isContinued)
      if (isNewDay) message.dataset.day = dayName(at)
      else delete message.dataset.day
      before = { at, author }
    }
  }

  return { group }
})()
