// The list of messages stays at its end while the reader is there, and stays still while they read further up.
(() => {
  const log = document.querySelector("[data-scroll]")
  const isAtEnd = () => log.scrollHeight - log.scrollTop - log.clientHeight < 80
  const toEnd = () => { log.scrollTop = log.scrollHeight }
  let follow = true

  log.addEventListener("scroll", () => { follow = isAtEnd() })
  new ResizeObserver(() => { if (follow) toEnd() }).observe(log)
  new MutationObserver(() => { if (follow) toEnd() }).observe(document.getElementById("messages"), { childList: true, subtree: true })
  toEnd()

  // Older messages come in above: what is being read must not move.
  let heightBelow = null
  document.addEventListener("htmx:beforeSwap", ({ detail }) => {
    heightBelow = detail.elt.classList.contains("older") ? log.scrollHeight - log.scrollTop : null
  })
  document.addEventListener("htmx:afterSwap", () => {
    if (heightBelow !== null) log.scrollTop = log.scrollHeight - heightBelow
    heightBelow = null
  })
})()
