// The list of messages reads as a conversation: what one person says in a row stands together, each day has its name.
//
// The server has done so with what it sends at once. Messages come in at the end, in between and on top, are replaced and
// taken away: then it is worked out again for them and for what follows them; scroll.js says when.
window.bellwire ??= {}
bellwire.parts ??= new Map()
bellwire.parts.set("grouping", ({ list }) => {
  const TOGETHER = 5 * 60_000, DAY = 24 * 3_600_000
  const near = new Intl.RelativeTimeFormat([], { numeric: "auto" })
  let far, past
  const pill = document.getElementById("day").content.firstElementChild

  const dayName = (date) => {
    const { dayOf, formatter } = bellwire.clock
    far ??= formatter({ weekday: "long", day: "numeric", month: "long" })
    past ??= formatter({ dateStyle: "full" })
    const day = dayOf(date), today = dayOf(new Date())
    const days = (Date.parse(day) - Date.parse(today)) / DAY
    const name = days >= -1 ? near.format(days, "day") : (day.slice(0, 4) === today.slice(0, 4) ? far : past).format(date)
    return name.charAt(0).toLocaleUpperCase() + name.slice(1)
  }

  // Above a message stand its day, if it is the first of that, and the line, if it is the first that was not read.
  const above = (message, kind) => message.previousElementSibling?.matches(kind) ? message.previousElementSibling : null

  const nameDay = (message, name) => {
    const first = above(message, ".line") ?? message
    const day = above(first, ".day")
    if (!name) day?.remove()
    else if (!day) first.before(pill.cloneNode())
    if (name && day?.dataset.day !== name) above(first, ".day").dataset.day = name
  }

  const isMessage = (node) => Boolean(node.dataset?.author)
  const next = (node, way) => {
    do node = node[way]
    while (node && !isMessage(node))
    return node
  }
  const timeOf = (message) => new Date(message.querySelector("time").dateTime)

  const place = (message) => {
    const { dayOf } = bellwire.clock
    const before = next(message, "previousElementSibling")
    const at = timeOf(message), then = before && timeOf(before)
    const isNewDay = !before || dayOf(then) !== dayOf(at)
    const isNamed = message.classList.contains("is-named")
    const isSoon = !isNamed && before?.dataset.author === message.dataset.author && at - then < TOGETHER
    message.classList.toggle("is-continued", isSoon && !isNewDay && !above(message, ".line"))
    nameDay(message, isNewDay && dayName(at))
  }
  const groupAll = () => [...list.children].filter(isMessage).forEach(place)

  // What has come, and what stands behind that or behind what has gone.
  const group = (records) => {
    const messages = new Set()
    for (const { target, addedNodes, nextSibling } of records) {
      for (const node of target === list ? [...addedNodes, nextSibling] : []) {
        if (node?.parentNode === list) messages.add(isMessage(node) ? node : next(node, "nextElementSibling"))
      }
    }
    messages.delete(null)
    messages.forEach(place)
  }

  return { group, groupAll }
})
