// A link to a message that the page has leads there at once, without another page.
document.addEventListener("click", (event) => {
  const link = event.target.closest("a[href*='#message-']")
  if (!link || event.defaultPrevented || event.ctrlKey || event.metaKey || event.shiftKey) return
  const isHere = [...document.querySelectorAll("[data-pane]")].some(({ dataset }) => dataset.address === link.pathname)
  if (link.host !== location.host || !isHere) return
  const message = document.getElementById(link.hash.slice(1))
  if (message) {
    event.preventDefault()
    message.tabIndex = -1
    message.focus({ preventScroll: true })
    message.scrollIntoView({ block: "center" })
  } else if (link.href === location.href) {
    // The page began there and has let go of it since; the same address alone would fetch nothing.
    location.reload()
  }
})
