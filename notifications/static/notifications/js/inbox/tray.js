// The tray: the bell opens it in place of its page, fresh each time.
(() => {
  const tray = document.getElementById("tray")
  const bell = document.querySelector(".bellwire .bell")
  if (!tray || !bell) return

  // A press on the bell closes an open tray before the click comes.
  let wasOpen = false
  const open = (event) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey) return
    event.preventDefault()
    if (wasOpen) return tray.hidePopover()
    tray.showPopover()
    htmx.trigger(tray.querySelector("[data-listing]"), "bellwire:afresh")
  }

  const attributes = { role: "button", "aria-haspopup": "dialog", "aria-controls": "tray", "aria-expanded": "false" }
  for (const [name, value] of Object.entries(attributes)) bell.setAttribute(name, value)
  bell.addEventListener("pointerdown", () => { wasOpen = tray.matches(":popover-open") })
  bell.addEventListener("keydown", (event) => {
    wasOpen = tray.matches(":popover-open")
    if (event.key !== " ") return
    event.preventDefault()
    bell.click()
  })
  bell.addEventListener("click", open)
  tray.addEventListener("toggle", ({ newState }) => bell.setAttribute("aria-expanded", String(newState === "open")))
  tray.addEventListener("htmx:afterSettle", () => {
    if (!tray.querySelector("li :focus")) (tray.querySelector(".notification-open") ?? tray.querySelector("a")).focus()
  })
})()
