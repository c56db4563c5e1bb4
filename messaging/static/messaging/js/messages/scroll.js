// The list of messages stays at its end while the reader is there, and stays still while they read further up.
//
// Whatever comes in is grouped before it is measured, for that changes its height: so it is done from here.
(() => {
  const log = document.querySelector("[data-scroll]")
  const list = document.getElementById("messages")
  const group = () => bellwire.grouping.group(list)
  const isAtEnd = () => log.scrollHeight - log.scrollTop - log.clientHeight < 80
  let follow = true
  const stay = () => { if (follow) log.scrollTop = log.scrollHeight }
  const show = () => {
    group()
    stay()
  }

  log.addEventListener("scroll", () => { follow = isAtEnd() })
  new ResizeObserver(stay).observe(log)
  new MutationObserver(show).observe(list, { childList: true, subtree: true })
  document.addEventListener("DOMContentLoaded", show)

  // Older messages come in above: what is being read must not move.
  let heightBelow = null
  document.addEventListener("htmx:beforeSwap", ({ detail }) => {
    heightBelow = detail.elt.classList.contains("older") ? log.scrollHeight - log.scrollTop : null
  })
  document.addEventListener("htmx:afterSwap", () => {
    if (heightBelow === null) return
    group()
    log.scrollTop = log.scrollHeight - heightBelow
    heightBelow = null
  })
})()
