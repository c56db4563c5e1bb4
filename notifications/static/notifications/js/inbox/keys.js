// Keys in a list of notifications: arrows, j and k move; any other key presses the row's button of that aria-keyshortcuts.
(() => {
  const STEPS = { ArrowDown: 1, j: 1, ArrowUp: -1, k: -1 }
  const FIELDS = "input, textarea, select, [contenteditable]"

  const move = (rows, current, step) => {
    const number = current ? Math.max(0, Math.min(rows.length - 1, rows.indexOf(current) + step)) : 0
    rows[number]?.querySelector(".notification-open").focus()
  }

  document.addEventListener("keydown", (event) => {
    const { target, key } = event
    const list = document.getElementById("notifications")
    if (event.ctrlKey || event.metaKey || event.altKey || target.closest(FIELDS) || !list?.checkVisibility()) return
    const current = document.activeElement.closest("#notifications > li")
    const button = current?.querySelector(`[aria-keyshortcuts="${CSS.escape(key)}"]`)
    if (!STEPS[key] && !button) return
    event.preventDefault()
    if (button) button.click()
    else move([...list.children], current, STEPS[key])
  })
})()
