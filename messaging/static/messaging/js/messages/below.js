// What is new below the screen: how much, and the way there; and the way up to what was left out.
window.bellwire ??= {}
bellwire.parts ??= new Map()
bellwire.parts.set("below", (pane) => {
  const { element } = pane
  const below = pane.find("[data-below]")
  const above = pane.find("[data-above]")
  const count = below.querySelector("[data-count]")

  const show = () => {
    const { reading, screen, scroll } = pane
    const fresh = scroll.newest() - Math.max(reading.seen(), ...screen.numbers())
    below.hidden = scroll.isAtEnd()
    below.querySelector("[data-new]").hidden = fresh <= 0
    below.querySelector("[data-rest]").hidden = fresh > 0
    if (fresh > 0) count.textContent = fresh
    if (above) above.hidden = reading.isWhole()
  }
  // Whoever goes there has read the chat; so has who writes in it.
  const toEnd = () => {
    pane.reading.skip()
    if (pane.scroll.hasNewer()) htmx.trigger(below, "bellwire:end")
    else pane.scroll.toEnd()
  }

  below.addEventListener("click", (event) => {
    event.preventDefault()
    toEnd()
  })
  element.addEventListener("bellwire:catch-up", () => { if (!pane.scroll.isAtEnd()) toEnd() })
  element.addEventListener("htmx:afterSwap", ({ detail }) => {
    if (detail.requestConfig?.elt === below) pane.scroll.toEnd()
  })
  pane.ready(() => {
    const soon = bellwire.soon(show)
    for (const event of ["bellwire:reading", "htmx:afterSwap"]) element.addEventListener(event, soon)
    pane.find("[data-scroll]").addEventListener("scroll", soon)
  })
})
