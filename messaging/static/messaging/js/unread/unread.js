// All that is unread: what is read on whatever page leaves the list. Arrows, j and k move, and r marks as read.
(() => {
  const STEPS = { ArrowDown: 1, j: 1, ArrowUp: -1, k: -1 }
  const FIELDS = "input, textarea, select, [contenteditable]"
  const all = () => [...document.querySelectorAll("[data-unread-number]")]
  const rows = () => all().filter((row) => !row.hidden)
  const openOf = (row) => row.querySelector(".unread-open")
  const placeIn = (chat) => bellwire.cursors.placeIn(`members.${chat}`)
  const first = new Map() // chat → its newest message when the page came

  const chats = () => [...document.querySelectorAll(".chat-link:not(.is-muted)")].map(({ dataset }) => dataset.chat)
  const isNew = (chat) => placeIn(chat) > Math.max(first.get(chat) ?? 0, bellwire.readSoFar(chat).read)
  const show = () => {
    const shown = rows(), current = document.activeElement.closest("[data-unread-number]")
    for (const row of all()) row.hidden = bellwire.readSoFar(row.dataset.chat).read >= Number(row.dataset.unreadNumber)
    document.querySelector("[data-nothing]").hidden = rows().length > 0
    document.querySelector("[data-more]").hidden = !chats().some(isNew)
    if (!current?.hidden) return
    // Whoever goes through it by keys goes on with the next one.
    const next = shown.slice(shown.indexOf(current)).find((row) => !row.hidden) ?? rows().at(-1)
    if (next) openOf(next).focus()
  }
  const move = (current, step) => {
    const shown = rows(), number = current ? shown.indexOf(current) + step : 0
    const row = shown[Math.max(0, Math.min(shown.length - 1, number))]
    if (row) openOf(row).focus()
  }

  document.addEventListener("keydown", (event) => {
    const { target, key } = event
    if (event.ctrlKey || event.metaKey || event.altKey || target.closest(`${FIELDS}, [popover]`)) return
    const current = document.activeElement.closest("[data-unread-number]")
    const button = current?.querySelector(`[aria-keyshortcuts="${CSS.escape(key)}"]`)
    if (!STEPS[key] && !button) return
    event.preventDefault()
    if (button) button.click()
    else move(current, STEPS[key])
  })
  document.addEventListener("DOMContentLoaded", () => {
    for (const chat of chats()) first.set(chat, placeIn(chat))
    const soon = bellwire.soon(show)
    for (const event of ["htmx:wsAfterMessage", "htmx:afterSettle"]) document.addEventListener(event, soon)
  })
})()
