// Rows of notifications: newest on top, and only those that the list's data-rows selects, whatever is pushed.
//
// A list with data-older or data-newer is a part of a longer one: what belongs beyond its ends stays out. One that is
// told that too much has changed fetches itself, like one that ran empty and has older rows.
window.bellwire ??= {}
bellwire.rows = (() => {
  const place = (row) => row.dataset.place.split("-").map(Number)
  const isNewer = (row, other) => {
    const [at, pk] = place(row), [otherAt, otherPk] = place(other)
    return at - otherAt || pk - otherPk
  }

  const put = (list, row) => {
    const isShown = row.parentNode === list
    const next = [...list.children].find((other) => other !== row && isNewer(row, other) > 0) ?? null
    const first = list.querySelector(":scope > :first-child")
    const isBeyond = next ? next === first && "newer" in list.dataset : "older" in list.dataset
    if (!row.matches(list.dataset.rows) || (isBeyond && !isShown)) row.remove()
    else if (!isShown || row.nextElementSibling !== next) list.insertBefore(row, next)
  }

  const fetchAfresh = (list) => htmx.trigger(list.closest("[data-listing]"), "bellwire:afresh")

  // The focus stays where it was, though its row is another element now, or goes to the next row. So does an open menu.
  const hold = (list) => {
    const { activeElement } = document
    const row = activeElement?.closest("#notifications > li")
    return row && list.contains(row) ? { id: row.id, number: [...list.children].indexOf(row), like: like(activeElement) } : null
  }
  // What is like a tool of a row in another one of it.
  const like = (element) => {
    const key = element.getAttribute("aria-keyshortcuts")
    if (!element.closest(".notification-tools")) return null
    if (key) return `[aria-keyshortcuts="${key}"]`
    return element.value ? `button[value="${CSS.escape(element.value)}"]` : element.localName
  }
  const restore = (list, held) => {
    if (!held || list.contains(document.activeElement)) return
    const same = document.getElementById(held.id)
    const row = same ?? list.children[Math.min(held.number, list.children.length - 1)]
    const wanted = held.like && same?.querySelector(`.notification-tools ${held.like}`)
    ;(wanted?.checkVisibility() ? wanted : row?.querySelector(".notification-open"))?.focus()
  }
  document.addEventListener("bellwire:replace", ({ target, detail: { fresh } }) => {
    const menu = fresh.querySelector("details.snooze")
    if (menu) menu.open = target.querySelector("details.snooze")?.open ?? false
  })

  const note = ({ target, fragment }) => ({ pushed: [...fragment.children], held: hold(target) })
  const putInOrder = (detail, { pushed, held }) => {
    const { target: list, fragment } = detail
    if (!list.dataset.rows) return
    for (const row of pushed) if (row.parentNode) put(list, row)
    const isStale = "afresh" in fragment.dataset ? detail.shouldSwap : !list.children.length && "older" in list.dataset
    if (isStale) fetchAfresh(list)
    else restore(list, held)
    detail.shouldSwap = false
  }

  return { note, putInOrder }
})()
