// Lists of notifications: how their requests stand is for CSS to show, they may be tried again, and what they show is seen.
(() => {
  const note = (state) => ({ target }) => {
    const form = target.closest?.(".bellwire .listing")
    if (form) form.dataset.state = state
  }
  document.addEventListener("htmx:beforeRequest", note("loading"))
  document.addEventListener("htmx:afterRequest", (event) => note(event.detail.successful ? "ready" : "failed")(event))
  document.addEventListener("click", ({ target }) => {
    const listing = target.closest("button[data-afresh]")?.form.querySelector("[data-listing]")
    if (listing) htmx.trigger(listing, "bellwire:afresh")
  })

  const seeing = document.getElementById("seeing")
  const isOnScreen = () => {
    const list = document.getElementById("notifications")
    const state = list?.closest(".listing").dataset.state ?? "ready"
    return list?.checkVisibility() && state === "ready" && document.visibilityState === "visible"
  }
  const isNewThere = () => document.getElementById("bell-badge")?.hidden === false
  let waiting = false
  const see = () => {
    waiting = false
    if (seeing && isNewThere() && isOnScreen()) htmx.trigger(seeing, "bellwire:seen")
  }
  const soon = () => {
    if (!waiting) setTimeout(see, 500)
    waiting = true
  }
  for (const name of ["htmx:afterSettle", "htmx:wsAfterMessage", "visibilitychange"]) document.addEventListener(name, soon)
})()
